"""The instance's own emoji: pictures that people write as `:shortcode:`.

https://docs.joinmastodon.org/methods/custom_emojis/, FEP-9098
"""

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.documents import media_url
from activitypub.instance import LocalInstance
from activitypub.models import CustomEmoji, new_id
from activitypub.unit import Unit
from fediverse_kommune.services.refusals import Invalid, NotFound

MOST = 64  # different ones in one text, as many as are read of others

_SHORTCODE = re.compile(r"[A-Za-z0-9_]{2,64}")
# Not inside a word or a time: "um 12:30:15" names none.
_WRITTEN = re.compile(r"(?<![A-Za-z0-9:]):([A-Za-z0-9_]{2,64}):(?![A-Za-z0-9:])")


def check_shortcode(shortcode: str) -> None:
    """Raise `Invalid` for what cannot be written between two colons."""
    if not _SHORTCODE.fullmatch(shortcode):
        raise Invalid(f"{shortcode!r} is no shortcode: two to 64 letters, digits and _ from ASCII.")


def add_emoji(unit: Unit, shortcode: str, key: str, static_key: str, category: str | None) -> list[str]:
    """Offer a picture of the store, in place of one with the same name; return the keys that nothing shows any more.

    Raises `Invalid`.
    """
    check_shortcode(shortcode)
    row = unit.scalar(select(CustomEmoji).where(CustomEmoji.shortcode == shortcode))
    former = _keys(row) if row else []
    if row is None:
        row = CustomEmoji(id=new_id(unit.now), shortcode=shortcode, created_at=unit.now)
        unit.add(row)
    row.storage_key, row.static_key, row.category = key, static_key, category
    unit.flush()
    return former


def remove_emoji(unit: Unit, shortcode: str) -> list[str]:
    """Offer it no longer, and return the keys to remove from the store. Raises `NotFound`."""
    row = unit.scalar(select(CustomEmoji).where(CustomEmoji.shortcode == shortcode))
    if row is None:
        raise NotFound(f"There is no emoji :{shortcode}: here.")
    unit.delete(row)
    unit.flush()
    return _keys(row)


def all_emojis(session: Session) -> Sequence[CustomEmoji]:
    """Return all, by category and name; those without a category first."""
    rows = session.scalars(select(CustomEmoji)).all()
    return sorted(rows, key=lambda row: (row.category or "", row.shortcode.lower()))


def emojis_in(session: Session, instance: LocalInstance, *texts: str) -> list[dict[str, str]]:
    """Return those of our emoji that the texts name, as rows keep them beside a text."""
    names = list(dict.fromkeys(name for text in texts for name in _WRITTEN.findall(text)))[:MOST]
    if not names:
        return []
    rows = session.scalars(select(CustomEmoji).where(CustomEmoji.shortcode.in_(names))).all()
    return [
        {
            "shortcode": row.shortcode,
            "url": media_url(instance, row.storage_key),
            "static_url": media_url(instance, row.static_key),
        }
        for row in sorted(rows, key=lambda row: names.index(row.shortcode))
    ]


def _keys(row: CustomEmoji) -> list[str]:
    return list({row.storage_key, row.static_key})
