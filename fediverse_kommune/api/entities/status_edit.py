"""StatusEdit and StatusSource: what a post said before, and what its author typed.

https://docs.joinmastodon.org/entities/StatusEdit/ and https://docs.joinmastodon.org/entities/StatusSource/
"""

from collections.abc import Sequence

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Status, StatusEdit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.entities.custom_emoji import custom_emoji_entity
from fediverse_kommune.api.entities.media_attachment import media_attachment_entity
from fediverse_kommune.api.entities.status import content


def history_entities(status: Status, earlier: Sequence[StatusEdit], instance: LocalInstance) -> list[Entity]:
    """Return all versions of a status, oldest first; the last is the one that stands."""
    return [
        *(_earlier_entity(version, status, instance) for version in earlier),
        {
            "created_at": timestamp(status.edited_at or status.published_at),
            "content": content(status.title, str(status.content)),
            "spoiler_text": status.summary,
            "sensitive": status.sensitive,
            "media_attachments": [media_attachment_entity(media, instance) for media in status.media],
            "poll": _poll([option["title"] for option in status.poll.options] if status.poll else None),
            **_common(status, instance),
        },
    ]


def source_entity(status: Status) -> Entity:
    """Return a status as its author typed it."""
    return {"id": str(status.id), "text": status.source or "", "spoiler_text": status.summary}


def _earlier_entity(version: StatusEdit, status: Status, instance: LocalInstance) -> Entity:
    # Of a file that an edit took out only the description is kept, and such a file is shown to nobody.
    present = {str(media.id): media for media in status.media}
    shown = [(present[item["id"]], item["description"]) for item in version.media if item["id"] in present]
    return {
        "created_at": timestamp(version.created_at),
        "content": content(version.title, str(version.content)),
        "spoiler_text": version.summary,
        "sensitive": version.sensitive,
        "media_attachments": [
            media_attachment_entity(media, instance) | {"description": description or None}
            for media, description in shown
        ],
        "poll": _poll(version.poll_options),
        **_common(status, instance),
    }


def _poll(titles: Sequence[str] | None) -> Entity | None:
    return None if titles is None else {"options": [{"title": title} for title in titles]}


def _common(status: Status, instance: LocalInstance) -> Entity:
    return {
        "account": account_entity(status.actor, instance),
        "emojis": [custom_emoji_entity(emoji) for emoji in status.emojis],
        "quote": None,
    }
