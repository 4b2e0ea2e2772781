"""What somebody elsewhere says to being shown in a collection of ours: yes, no, and no longer (FEP-7aa9)."""

from functools import partial

from sqlalchemy.orm import Session

from activitypub.graph.collections import find_by_authorization, find_requested, settle
from activitypub.models import Actor, CollectionItem, ItemState
from activitypub.properties import one_uri
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored

NOT_ASKED = Ignored("answers no request to be shown in a collection")
OPEN_STATES = frozenset({ItemState.PENDING, ItemState.ACCEPTED})


async def receive_accept(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody agrees, with an authorization that others can read."""
    authorization_uri = one_uri(activity.document, "result")
    if await ctx.resolver.ctx.db.read(_asked, activity, sender) is None:
        return NOT_ASKED
    if authorization_uri is None or not same_origin(authorization_uri, sender.uri):
        return Ignored("agrees to be shown without an authorization of its own")
    return partial(_answer, activity=activity, sender=sender, authorization_uri=authorization_uri)


async def receive_reject(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody does not agree, or no longer."""
    if await ctx.resolver.ctx.db.read(_asked, activity, sender) is None:
        return NOT_ASKED
    return partial(_answer, activity=activity, sender=sender, authorization_uri=None)


def _answer(unit: Unit, *, activity: Activity, sender: Actor, authorization_uri: str | None) -> None:
    item = _asked(unit, activity, sender)
    if item is not None:
        settle(unit, item, ItemState.ACCEPTED if authorization_uri else ItemState.REJECTED, authorization_uri)


def revoke(unit: Unit, *, sender: Actor, authorization_uri: str) -> None:
    """Show somebody no longer who has deleted the authorization."""
    item = find_by_authorization(unit, authorization_uri)
    if item is not None and item.actor_id == sender.id:
        settle(unit, item, ItemState.REVOKED)


def _asked(session: Session, activity: Activity, sender: Actor) -> CollectionItem | None:
    """Return the item that the sender was asked about and that it has not left yet."""
    item = find_requested(session, activity.object.uri) if activity.object.uri else None
    return item if item is not None and item.actor_id == sender.id and item.state in OPEN_STATES else None
