"""Announcement and Reaction. https://docs.joinmastodon.org/entities/Announcement/"""

from urllib.parse import quote

from activitypub.compose import compose
from activitypub.documents import timestamp
from activitypub.hashtags import hashtag_key
from activitypub.instance import LocalInstance
from activitypub.marks import MentionTarget
from activitypub.models import Actor
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import acct
from fediverse_kommune.services.announcements import Reaction, ShownAnnouncement


def announcement_entity(shown: ShownAnnouncement, instance: LocalInstance) -> Entity:
    """Return an announcement to the one whose reactions are marked with `me`."""
    row = shown.row
    links = {written: MentionTarget(actor.url or actor.uri, acct(actor)) for written, actor in shown.mentioned.items()}
    actors = {actor.id: actor for actor in shown.mentioned.values()}
    return {
        "id": str(row.id),
        "content": str(compose(row.text, mentions=links, tag_url=instance.tag_url)),
        "starts_at": row.starts_at and timestamp(row.starts_at),
        "ends_at": row.ends_at and timestamp(row.ends_at),
        "all_day": row.all_day,
        "published_at": timestamp(row.published_at or row.updated_at),
        "updated_at": timestamp(row.updated_at),
        "read": shown.read,
        "mentions": [_mention(actor) for actor in actors.values()],
        "statuses": [{"id": str(status.id), "url": status.url or status.uri} for status in shown.statuses],
        "tags": [{"name": name, "url": instance.tag_url(quote(hashtag_key(name)))} for name in shown.hashtags],
        "emojis": [],
        "reactions": [reaction_entity(reaction) for reaction in shown.reactions],
    }


def reaction_entity(reaction: Reaction) -> Entity:
    """Return an emoji below an announcement. https://docs.joinmastodon.org/entities/Reaction/"""
    return {"name": reaction.name, "count": reaction.count, "me": reaction.me}


def _mention(actor: Actor) -> Entity:
    return {"id": str(actor.id), "username": actor.username, "url": actor.url or actor.uri, "acct": acct(actor)}
