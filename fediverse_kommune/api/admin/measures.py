"""https://docs.joinmastodon.org/methods/admin/measures/"""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from activitypub.hashtags import hashtag_key
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_figures import measure_entity
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services.federation_policy import canonical_domain
from fediverse_kommune.services.measures import MEASURES, OF_SERVER, OF_TAG, Subject
from fediverse_kommune.services.periods import Period, parse_period
from fediverse_kommune.services.staff import Permission

routes = Routes()


@routes.post("/api/v1/admin/measures", scope="admin:read", permission=Permission.VIEW_DASHBOARD)
async def show(call: Call) -> list[Entity]:
    """Return what happened, day by day. Nothing is changed by it."""
    period = parse_period(call.params.text("start_at"), call.params.text("end_at"))
    subjects = subjects_of(call, OF_TAG, OF_SERVER)
    wanted = {key: subjects.get(key) for key in keys_of(call.params, MEASURES)}
    return await call.read(_measure, period, wanted)


def keys_of(params: Params, known: Mapping[str, object]) -> list[str]:
    """Return what is asked for, each once, as far as it is known; what nobody knows is left out, as by Mastodon."""
    return [key for key in dict.fromkeys(params.many("keys") or []) if key in known]


def subjects_of(call: Call, of_tag: Iterable[str], of_server: Iterable[str]) -> dict[str, Subject]:
    """Return the hashtag or the domain of each figure that is asked for and about one. Raises `Invalid` without it."""
    asked, instance = set(call.params.many("keys") or []), call.server.instance
    tags = {key: call.params.nested(key).required("id") for key in of_tag if key in asked}
    servers = {key: call.params.nested(key).required("domain") for key in of_server if key in asked}
    return {
        **{key: hashtag_key(name) for key, name in tags.items()},
        **{key: canonical_domain(domain, instance) for key, domain in servers.items()},
    }


def _measure(session: Session, period: Period, wanted: Mapping[str, Subject]) -> list[Entity]:
    found = []
    for key, subject in wanted.items():
        measure = MEASURES[key]
        figures = measure.count(session, period, subject)
        previous = measure.count(session, period.before(), subject) if measure.compared else None
        found.append(measure_entity(key, measure, period, figures, previous))
    return found
