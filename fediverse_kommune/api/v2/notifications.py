"""https://docs.joinmastodon.org/methods/grouped_notifications/, and the policy in its second version."""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.notification_policy import notification_policy_entity
from fediverse_kommune.api.pagination import Page, link_header, read_limit
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload_notifications import list_group_accounts, list_groups, show_group
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.api.v1.notifications import COUNTED, COUNTED_AT_MOST, READ, WRITE, read_fallbacks, read_wanted
from fediverse_kommune.fanout.policies import DEFAULTS
from fediverse_kommune.models import Decision
from fediverse_kommune.services import notification_policies, notifications
from fediverse_kommune.services.notifications import Grouping, grouped_kinds
from fediverse_kommune.services.refusals import Invalid

routes = Routes()

NEWEST = "newest_id"
"""Our own parameter of the next page: where the walk began. A client that makes its addresses itself does without."""


@routes.get("/api/v2/notifications", scope=READ, kept=True)
async def show_all(call: Call) -> Answer:
    """Return what one should hear about, what says the same in one line, newest first."""
    page = call.page(default=40, most=80)
    grouping = _read_grouping(call.params, page)
    wanted, fallbacks, partial = read_wanted(call.params), read_fallbacks(call), _read_expansion(call.params)
    reader = call.reader_of("notifications")
    found = await call.read(list_groups, reader, wanted, grouping, page, fallbacks, partial=partial)
    newest_id = grouping.newest_id or max(found.ids, default=0)
    query = [(name, value) for name, value in call.request.args.items(multi=True) if name != NEWEST]
    url = call.server.instance.origin + call.request.path
    link = link_header(url, [*query, (NEWEST, str(newest_id))], found.ids)
    return Answer(found.entities[0], headers={"Link": link} if link else {})


@routes.get("/api/v2/notifications/<group_key>", scope=READ)
async def show(call: Call, group_key: str) -> Entity:
    """Return one group of notifications."""
    return await call.read(show_group, call.reader, group_key, read_fallbacks(call))


# "write:notifications" is what the documentation asks for; whoever may read the group may read who is in it.
@routes.get("/api/v2/notifications/<group_key>/accounts", scope=(READ, WRITE))
async def accounts(call: Call, group_key: str) -> Answer:
    """Return who stands behind a group of notifications."""
    found = await call.read(list_group_accounts, call.reader, group_key, call.page(default=40, most=80))
    return call.listing(found.entities, found.ids)


@routes.post("/api/v2/notifications/<group_key>/dismiss", scope=WRITE)
async def dismiss(call: Call, group_key: str) -> Entity:
    """Remove a group of notifications."""
    await call.write(notifications.dismiss_group, call.me.actor.id, group_key)
    return {}


@routes.get("/api/v2/notifications/unread_count", scope=READ)
async def unread_count(call: Call) -> Entity:
    """Return how many groups hold something that came after the notification that was read last."""
    wanted, limit = read_wanted(call.params), read_limit(call.params, default=COUNTED, most=COUNTED_AT_MOST)
    grouping = Grouping(grouped_kinds(call.params.many("grouped_types")))
    count = await call.read(notifications.unread_count, call.me.actor.id, wanted, grouping=grouping, limit=limit)
    return {"count": count}


@routes.get("/api/v2/notifications/policy", scope=READ)
async def show_policy(call: Call) -> Entity:
    """Return whom one wants to hear of."""
    return await _policy(call)


@routes.patch("/api/v2/notifications/policy", scope=WRITE)
async def change_policy(call: Call) -> Entity:
    """Decide whom one wants to hear of."""
    asked = {name: call.params.text(name) for name in DEFAULTS}
    decisions = {name: _decision(name, word) for name, word in asked.items() if word is not None}
    await call.write(notification_policies.change_policy, call.me.actor.id, decisions)
    return await _policy(call)


async def _policy(call: Call) -> Entity:
    return notification_policy_entity(await call.read(notification_policies.policy_of, call.me.actor.id))


def _read_grouping(params: Params, page: Page) -> Grouping:
    kinds = grouped_kinds(params.many("grouped_types"))
    if page.max_id is None:
        return Grouping(kinds)
    return Grouping(kinds, newest_id=params.integer(NEWEST), before_id=page.max_id)


def _read_expansion(params: Params) -> bool:
    """True if accounts are wanted in part only."""
    asked = params.text("expand_accounts") or "full"
    if asked not in {"full", "partial_avatars"}:
        raise Invalid("expand_accounts is full or partial_avatars.")
    return asked == "partial_avatars"


def _decision(name: str, word: str) -> Decision:
    if word not in set(Decision):
        raise Invalid(f"{name} is accept, filter or drop.")
    return Decision(word)
