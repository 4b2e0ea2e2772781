"""What a push message says, in the shape that apps know from Mastodon.

Two of its attributes need a word:

`notification_id` is a number, although ids are texts everywhere else: the apps in Swift read nothing else.

`access_token` is empty: see docs/decisions/0011-push-messages-carry-no-token.md.
"""

from typing import Any

import msgspec
from msgspec import Struct

from activitypub.instance import LocalInstance
from activitypub.models import Actor, Status
from activitypub.sanitize import plain_text
from fediverse_kommune.api.entities.account import NO_AVATAR, account_entity
from fediverse_kommune.models import NotificationType
from fediverse_kommune.services.notification_texts import title

BODY_LENGTH = 140  # characters, as in Mastodon's messages
MOST_BYTES = 3_800  # of a message: a push service takes 4,096 of it encrypted (RFC 8030 section 7.2)
ICON_LENGTH = 1_024


class Told(Struct, frozen=True):
    """A notification with the rows that its message is made of, and the language of its reader."""

    id: int
    kind: NotificationType
    from_actor: Actor
    status: Status | None
    locale: str
    # The title of a filter that stands in place of the text.
    covered_by: str | None = None


def payload(told: Told, instance: LocalInstance) -> bytes:
    """Return the message for a notification, not yet encrypted."""
    message: dict[str, Any] = {
        "access_token": "",
        "preferred_locale": told.locale,
        "notification_id": told.id,
        "notification_type": told.kind,
        "icon": _icon(told.from_actor, instance),
        "title": title(told.kind, told.from_actor.name or told.from_actor.username, told.locale),
        "body": _body(told),
    }
    encoded = msgspec.json.encode(message)
    if len(encoded) > MOST_BYTES:
        encoded = msgspec.json.encode(message | {"body": "", "icon": _icon(None, instance)})
    return encoded


def _icon(actor: Actor | None, instance: LocalInstance) -> str:
    picture: str = account_entity(actor, instance)["avatar_static"] if actor else ""
    return picture if 0 < len(picture) <= ICON_LENGTH else instance.origin + NO_AVATAR


def _body(told: Told) -> str:
    """Return the beginning of the post, or of what its sender says of themselves. A content warning hides the text."""
    if told.covered_by is not None:
        text = told.covered_by
    elif told.status is None:
        text = plain_text(told.from_actor.summary)
    elif told.status.type == "Event":
        text = told.status.summary or told.status.title or plain_text(told.status.content)
    else:
        text = told.status.summary or plain_text(told.status.content) or told.status.title or ""
    line = " ".join(text.split())
    return line if len(line) <= BODY_LENGTH else line[: BODY_LENGTH - 1] + "…"
