"""The border: untrusted JSON becomes the values of `vocabulary.py`, or `Unreadable` with the reason.

Here are activities; `parse_status` and `parse_actor` live in their own modules and are handed on from here.
The readers are tolerant of every shape the fediverse is known to use and strict about what cannot be true.
Shapes that one program alone uses are put right where they are read, beside a comment that names it;
tests/payloads holds an example of each. Nothing here asks the network or the database, and nothing here
decides whether a claim may be believed.
"""

import hashlib
import json
from typing import Any

from activitypub.caps import CAPS
from activitypub.parse_actor import parse_actor
from activitypub.parse_status import parse_status
from activitypub.properties import (
    Document,
    Unreadable,
    instant,
    items,
    one_line,
    recipients,
    reference,
    text,
    uri_of,
)
from activitypub.vocabulary import ACTIVITY_TYPES, Activity, Reference, type_of

__all__ = ["Unreadable", "parse_activity", "parse_actor", "parse_status"]

# Activities that nobody refers to later, so that their senders may leave the id out (ActivityPub 3.1).
TRANSIENT_TYPES = frozenset(
    {"Accept", "Reject", "TentativeAccept", "TentativeReject", "Undo", "Ignore", "View", "Read"}
)
_REACTION_TYPES = frozenset({"Like", "EmojiReact", "Dislike"})
_REACTION_CHARACTERS = 256


def parse_activity(document: Document) -> Activity:
    """Read an activity, as POSTed to an inbox or embedded in another activity.

    Raises `Unreadable` without a type, without exactly one actor, without an id (unless its type is
    transient), or without an object where the type is one this server acts on. An unknown type is no error:
    the caller decides.

    Source: https://www.w3.org/TR/activitypub/#server-to-server-interactions, FEP-fe34 (exactly one actor)
    """
    kind = type_of(document)
    if kind is None:
        raise Unreadable("The activity has no type.")
    actor = _sole_actor(document)
    objects = _objects(document, kind)
    return Activity(
        id=_id(document, kind, actor),
        type=kind,
        actor=actor,
        object=objects[0],
        target=next((found for value in items(document, "target", 1) if (found := reference(value))), None),
        to=recipients(document, "to"),
        cc=recipients(document, "cc"),
        published=instant(document, "published"),
        content=_content(document, kind),
        document=document,
        objects=objects,
    )


def _sole_actor(document: Document) -> str:
    actors = {uri_of(value) for value in items(document, "actor")}
    if len(actors) > 1:
        raise Unreadable("The activity names several actors; it must have exactly one.")
    actor = actors.pop() if actors else None
    if actor is None:
        raise Unreadable("The activity names no actor by an http(s) URI.")
    return actor


def _objects(document: Document, kind: str) -> tuple[Reference, ...]:
    found = [each for value in items(document, "object", CAPS.report_objects) if (each := reference(value))]
    if not found:
        if kind in ACTIVITY_TYPES:
            raise Unreadable(f"The {kind} has no object.")
        return (Reference(None),)
    if len(found) > 1 and kind != "Flag":
        raise Unreadable(f"The {kind} has several objects; only a Flag may.")
    return tuple(found)


def _id(document: Document, kind: str, actor: str) -> str:
    value = document.get("id")
    uri = uri_of(value)
    if uri is not None:
        return uri
    if value is not None:
        raise Unreadable("The id of the activity is not an http(s) URI.")
    if kind not in TRANSIENT_TYPES:
        raise Unreadable(f"The {kind} has no id.")
    return f"{actor.partition('#')[0]}#transient-{_digest(document)}"


def _digest(document: Document) -> str:
    canonical = json.dumps(document, sort_keys=True, default=dict)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def _content(document: Document, kind: str) -> str | None:
    if kind not in _REACTION_TYPES:
        return text(document, "content", CAPS.report_characters) or None
    # Misskey names its reaction twice; Akkoma and Pleroma know only `content`.
    reaction: dict[str, Any] = {"content": document.get("content") or document.get("_misskey_reaction")}
    return one_line(reaction, "content", _REACTION_CHARACTERS) or None
