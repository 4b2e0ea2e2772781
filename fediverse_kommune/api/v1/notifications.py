"""https://docs.joinmastodon.org/methods/notifications/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.notification_fallback import Fallbacks
from fediverse_kommune.api.entities.notification_policy import V1_NAMES, v1_notification_policy_entity
from fediverse_kommune.api.pagination import read_limit
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload_notifications import (
    list_notifications,
    list_requests,
    show_notification,
    show_request,
)
from fediverse_kommune.api.routing import Answer, Call, Routes
from fediverse_kommune.models import Decision
from fediverse_kommune.services import notification_policies, notifications
from fediverse_kommune.services.notifications import Wanted, wanted_kinds

routes = Routes()

READ, WRITE = "read:notifications", "write:notifications"
COUNTED, COUNTED_AT_MOST = 100, 1_000
"""How far unread notifications are counted."""


@routes.get("/api/v1/notifications", scope=READ, kept=True)
async def show_all(call: Call) -> Answer:
    """Return what one should hear about, newest first."""
    page = call.page(default=40, most=80)
    wanted, fallbacks = read_wanted(call.params), read_fallbacks(call)
    found = await call.read(list_notifications, call.reader_of("notifications"), wanted, page, fallbacks)
    return call.listing(found.entities, found.ids)


@routes.get("/api/v1/notifications/<notification_id>", scope=READ)
async def show(call: Call, notification_id: int) -> Entity:
    """Return one notification."""
    return await call.read(show_notification, call.reader, notification_id, read_fallbacks(call))


@routes.get("/api/v1/notifications/unread_count", scope=READ)
async def unread_count(call: Call) -> Entity:
    """Return how many notifications came after the one that was read last."""
    wanted, limit = read_wanted(call.params), read_limit(call.params, default=COUNTED, most=COUNTED_AT_MOST)
    count = await call.read(notifications.unread_count, call.me.actor.id, wanted, grouping=None, limit=limit)
    return {"count": count}


@routes.post("/api/v1/notifications/clear", scope=WRITE)
async def clear(call: Call) -> Entity:
    """Remove all notifications."""
    await call.write(notifications.clear, call.me.actor.id)
    return {}


@routes.post("/api/v1/notifications/<notification_id>/dismiss", scope=WRITE)
async def dismiss(call: Call, notification_id: int) -> Entity:
    """Remove one notification."""
    await call.write(notifications.dismiss, call.me.actor.id, notification_id)
    return {}


def read_wanted(params: Params) -> Wanted:
    """Read which notifications a client asks for."""
    return Wanted(
        kinds=wanted_kinds(params.many("types"), params.many("exclude_types"), params.many("supported_types") or ()),
        from_id=params.integer("account_id"),
        with_filtered=bool(params.boolean("include_filtered")),
    )


def read_fallbacks(call: Call) -> Fallbacks | None:
    """Read which kinds an app can show itself; None if it does not say, and then wants no words for the others."""
    supported = call.params.many("supported_types")
    return None if supported is None else Fallbacks(frozenset(supported), call.me.locale)


# ------------------------------------------------------------------------------------------------------- policy


@routes.get("/api/v1/notifications/policy", scope=READ)
async def show_policy(call: Call) -> Entity:
    """Return whom one wants to hear of, for clients that know only yes and no."""
    return await _policy(call)


@routes.patch("/api/v1/notifications/policy", scope=WRITE)
async def change_policy(call: Call) -> Entity:
    """Decide whom one wants to hear of, with yes and no."""
    asked = {name: call.params.boolean(old) for old, name in V1_NAMES.items()}
    decisions = {
        name: Decision.FILTER if is_filtered else Decision.ACCEPT
        for name, is_filtered in asked.items()
        if is_filtered is not None
    }
    await call.write(notification_policies.change_policy, call.me.actor.id, decisions)
    return await _policy(call)


async def _policy(call: Call) -> Entity:
    return v1_notification_policy_entity(await call.read(notification_policies.policy_of, call.me.actor.id))


# ----------------------------------------------------------------------------------------------------- requests


@routes.get("/api/v1/notifications/requests", scope=READ)
async def show_requests(call: Call) -> Answer:
    """Return whose notifications are held back."""
    found = await call.read(list_requests, call.reader, call.page(default=40, most=80))
    return call.listing(found.entities, found.ids)


@routes.get("/api/v1/notifications/requests/<request_id>", scope=READ)
async def show_one_request(call: Call, request_id: int) -> Entity:
    """Return one whose notifications are held back."""
    return await call.read(show_request, call.reader, request_id)


@routes.get("/api/v1/notifications/requests/merged", scope=READ)
async def merged(call: Call) -> Entity:
    """Say that what was accepted stands in the list: it does from the moment that accepting was answered."""
    return {"merged": True}


@routes.post("/api/v1/notifications/requests/<request_id>/accept", scope=WRITE)
async def accept_request(call: Call, request_id: int) -> Entity:
    """Let somebody in."""
    await call.write(notification_policies.accept_one, call.me.actor.id, request_id)
    return {}


@routes.post("/api/v1/notifications/requests/<request_id>/dismiss", scope=WRITE)
async def dismiss_request(call: Call, request_id: int) -> Entity:
    """Remove what was held back of somebody."""
    await call.write(notification_policies.dismiss_one, call.me.actor.id, request_id)
    return {}


@routes.post("/api/v1/notifications/requests/accept", scope=WRITE)
async def accept_requests(call: Call) -> Entity:
    """Let several in at once."""
    await call.write(notification_policies.accept, call.me.actor.id, call.params.ids("id"))
    return {}


@routes.post("/api/v1/notifications/requests/dismiss", scope=WRITE)
async def dismiss_requests(call: Call) -> Entity:
    """Remove what was held back of several."""
    await call.write(notification_policies.dismiss, call.me.actor.id, call.params.ids("id"))
    return {}
