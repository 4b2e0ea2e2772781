"""Hashtags that a remote actor shows on its profile: Add and Remove of a Hashtag, as Mastodon sends them.

And collections of actors elsewhere that would like to show one of ours (FEP-7aa9): none may, as `canFeature` says.
"""

from functools import partial

from activitypub.graph.actors import find_actor
from activitypub.graph.featured import (
    FEATURED_TAGS,
    count_featured_tags,
    feature_tag,
    find_featured_tag,
    unfeature_tag,
)
from activitypub.graph.relationships import is_blocked_between
from activitypub.hashtags import hashtag_key, hashtag_name
from activitypub.models import Actor
from activitypub.unit import Unit
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored
from outbox.send_consent import send_feature_reject


async def receive_add_hashtag(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A profile shows a hashtag now."""
    return _change(activity, sender, featured=True)


async def receive_remove_hashtag(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A profile shows a hashtag no longer."""
    return _change(activity, sender, featured=False)


async def receive_feature_request(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody elsewhere would like to show one of ours in a collection: the answer is no."""
    target_uri = activity.object.uri
    if target_uri is None or not ctx.resolver.ctx.instance.owns(target_uri):
        return Ignored("asks for somebody who is not here")
    return partial(_refuse, sender=sender, target_uri=target_uri, request_uri=activity.id)


def _refuse(unit: Unit, *, sender: Actor, target_uri: str, request_uri: str) -> None:
    target = find_actor(unit, target_uri)
    if target is not None and target.suspended_at is None and not is_blocked_between(unit, sender.id, target.id):
        send_feature_reject(unit, request_uri, actor=target, asking=sender)


def _change(activity: Activity, sender: Actor, *, featured: bool) -> Effect | Ignored:
    target = activity.target.uri if activity.target else None
    if target is None or target != sender.featured_uri:
        return Ignored("changes a collection that is not what the sender features")
    written = (activity.object.document or {}).get("name")
    name = hashtag_name(written) if isinstance(written, str) else None
    if name is None:
        return Ignored("names no hashtag")
    return partial(_feature if featured else _unfeature, sender=sender, name=name)


def _feature(unit: Unit, *, sender: Actor, name: str) -> None:
    if count_featured_tags(unit, sender.id) < FEATURED_TAGS:
        feature_tag(unit, sender, hashtag_key(name), name)


def _unfeature(unit: Unit, *, sender: Actor, name: str) -> None:
    row = find_featured_tag(unit, sender.id, hashtag_key(name))
    if row is not None:
        unfeature_tag(unit, row)
