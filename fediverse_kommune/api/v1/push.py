"""https://docs.joinmastodon.org/methods/push/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.web_push_subscription import ALERTS, web_push_subscription_entity
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.models import PushPolicy, PushSubscription, Standing
from fediverse_kommune.services import push
from fediverse_kommune.services.push import NewSubscription
from fediverse_kommune.services.refusals import Invalid

routes = Routes()

PATH = "/api/v1/push/subscription"


@routes.get(PATH, scope="push")
async def show(call: Call) -> Entity:
    """Return where the notifications of this token go."""
    return _entity(call, await call.read(push.subscription_of, _token(call)))


@routes.post(PATH, scope="push", standing=Standing.VIEWER)
async def subscribe(call: Call) -> Entity:
    """Send the notifications of this token somewhere, and nowhere else any more."""
    asked, data = call.params.nested("subscription"), call.params.nested("data")
    keys = asked.nested("keys")
    new = NewSubscription(
        endpoint=asked.required("endpoint"),
        p256dh=keys.required("p256dh"),
        auth=keys.required("auth"),
        standard=bool(asked.boolean("standard")),
        alerts=_alerts(data) or (),
        policy=_policy(call.params, data) or PushPolicy.ALL,
    )
    return _entity(call, await call.write(push.subscribe, _token(call), new))


@routes.put(PATH, scope="push", standing=Standing.VIEWER)
async def change(call: Call) -> Entity:
    """Change of what the app wants to hear."""
    data = call.params.nested("data")
    alerts, policy = _alerts(data), _policy(call.params, data)
    return _entity(call, await call.write(push.change, _token(call), alerts=alerts, policy=policy))


@routes.delete(PATH, scope="push", standing=Standing.VIEWER)
async def unsubscribe(call: Call) -> Entity:
    """Send the notifications of this token nowhere."""
    await call.write(push.unsubscribe, _token(call))
    return {}


def _entity(call: Call, subscription: PushSubscription) -> Entity:
    return web_push_subscription_entity(subscription, call.server.vapid.public_key)


def _token(call: Call) -> int:
    if call.viewer is None:
        raise AssertionError("push needs Auth.PERSON")
    return call.viewer.token_id


def _alerts(data: Params) -> list[str] | None:
    """Return the kinds that are switched on; None if nothing was said about them."""
    if "alerts" not in data:
        return None
    alerts = data.nested("alerts")
    return [kind for kind in ALERTS if alerts.boolean(kind)]


def _policy(params: Params, data: Params) -> PushPolicy | None:
    """Return of whom the app wants to hear. It stands in `data`, and some apps have it beside that."""
    word = data.text("policy") or params.text("policy")
    if word is None:
        return None
    if word not in set(PushPolicy):
        raise Invalid("policy is all, followed, follower or none.")
    return PushPolicy(word)
