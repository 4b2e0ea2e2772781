"""https://docs.joinmastodon.org/methods/admin/retention/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_figures import cohort_entity
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services.periods import parse_period
from fediverse_kommune.services.retention import cohorts
from fediverse_kommune.services.staff import Permission

routes = Routes()


@routes.post("/api/v1/admin/retention", scope="admin:read", permission=Permission.VIEW_DASHBOARD)
async def show(call: Call) -> list[Entity]:
    """Return how many of those who joined stayed; nothing without a period, as documented."""
    start, end, frequency = (call.params.text(name) for name in ("start_at", "end_at", "frequency"))
    if not (start and end and frequency):
        return []
    monthly = frequency == "month"
    found = await call.read(cohorts, parse_period(start, end), monthly=monthly)
    return [cohort_entity(cohort, "month" if monthly else "day") for cohort in found]
