"""What an outbox lists → the ids of its owner's statuses, and what its owner passed on.

Source: https://www.w3.org/TR/activitypub/#outbox
"""

from collections.abc import Mapping, Sequence
from typing import Any

from activitypub.access import OPEN
from activitypub.addressing import visibility
from activitypub.properties import Document, instant, one_uri, recipients, uri_of
from activitypub.uris import same_origin
from activitypub.vocabulary import STATUS_TYPES, FoundAnnounce, type_of


def read_outbox(entries: Sequence[Any], owner: str, followers: str | None) -> list[str | FoundAnnounce]:
    """Return the ids of statuses and the Announces among the entries of the outbox of `owner`, in its order.

    Of a status only the id counts: its origin is asked for it. An Announce is the owner's own word, which stands on
    the owner's own server. What is an id, an activity of somebody else, or not for everybody is left out.
    """
    found = (_read_entry(entry, owner, followers) for entry in entries if isinstance(entry, Mapping))
    return list(dict.fromkeys(entry for entry in found if entry is not None))


def _read_entry(entry: Document, owner: str, followers: str | None) -> str | FoundAnnounce | None:
    kind, uri = type_of(entry), uri_of(entry)
    if uri is None or not same_origin(uri, owner):
        return None
    if kind in STATUS_TYPES:
        return uri
    if one_uri(entry, "actor") != owner:
        return None
    if kind == "Create":
        return _about(entry)
    about = _about(entry) if kind == "Announce" else None
    seen_by = visibility(recipients(entry, "to"), recipients(entry, "cc"), followers)
    if about is None or seen_by not in OPEN:
        return None
    return FoundAnnounce(uri, about, seen_by, instant(entry, "published"))


def _about(activity: Document) -> str | None:
    """Return the id of what an activity is about; of a Create that a group announces (FEP-1b12), what that is about."""
    inner = activity.get("object")
    if isinstance(inner, Mapping) and inner.get("object") is not None and type_of(inner) not in STATUS_TYPES:
        return one_uri(inner, "object") if type_of(inner) == "Create" else None
    return one_uri(activity, "object")
