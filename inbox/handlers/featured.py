"""Hashtags that a remote actor shows on its profile: Add and Remove of a Hashtag, as Mastodon sends them."""

from functools import partial

from activitypub.graph.featured import (
    FEATURED_TAGS,
    count_featured_tags,
    feature_tag,
    find_featured_tag,
    unfeature_tag,
)
from activitypub.hashtags import hashtag_key, hashtag_name
from activitypub.models import Actor
from activitypub.unit import Unit
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored


async def receive_add_hashtag(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A profile shows a hashtag now."""
    return _change(activity, sender, featured=True)


async def receive_remove_hashtag(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A profile shows a hashtag no longer."""
    return _change(activity, sender, featured=False)


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
