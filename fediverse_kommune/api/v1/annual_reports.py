"""https://docs.joinmastodon.org/methods/annual_reports/

This town counts nobody's year. Apps are told so: nobody has a report, and nobody can have one made.
"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services.refusals import NotFound

routes = Routes()

READ, WRITE = "read:accounts", "write:accounts"


@routes.get("/api/v1/annual_reports", scope=READ)
async def show_all(call: Call) -> Entity:
    """Return one's reports: there are none."""
    return {"annual_reports": [], "accounts": [], "statuses": []}


@routes.get("/api/v1/annual_reports/<year>", scope=READ)
async def show(call: Call, year: str) -> Entity:
    """Return the report of a year: there is none."""
    return {"annual_reports": [], "accounts": [], "statuses": []}


@routes.get("/api/v1/annual_reports/<year>/state", scope=READ)
async def state(call: Call, year: str) -> Entity:
    """Say that nobody is eligible for a report."""
    return {"state": "ineligible"}


@routes.post("/api/v1/annual_reports/<year>/generate", scope=WRITE)
async def generate(call: Call, year: str) -> Entity:
    """Refuse to make a report."""
    raise NotFound


@routes.post("/api/v1/annual_reports/<year>/read", scope=WRITE)
async def read(call: Call, year: str) -> Entity:
    """Refuse to note that a report was read: there is none."""
    raise NotFound
