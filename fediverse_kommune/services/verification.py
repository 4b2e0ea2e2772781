"""Which of the pages that a profile names belong to its owner, and when that is to be looked at (again).

A field holds if its page links back to the profile with rel="me". It is looked at after a change of the profile, and
again every week for as long as it holds. https://docs.joinmastodon.org/user/profile/#verification
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from html import unescape
from typing import Any

from msgspec import Struct
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Follow
from activitypub.unit import Unit
from activitypub.uris import InvalidUri, validated_url
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import LinkCheck
from fediverse_kommune.services.leases import Waiting

AGAIN_AFTER = timedelta(days=7)
RETRY_AFTER = timedelta(hours=6)
ATTEMPTS = 4  # with a page that cannot be reached, before it counts as one that does not link back
PROFILES = Waiting(LinkCheck.actor_id, LinkCheck.due_at)
"""The profiles to be looked into."""

_ONLY_A_LINK = re.compile(r"""<a [^<>]*?href="([^"<>]{1,2048})"[^<>]*>(?:(?!</?a\b).){0,4096}</a>""", re.DOTALL)


class Finding(Enum):
    """What a page has shown."""

    YES = "links back"
    NO = "does not"
    UNKNOWN = "could not be asked"


class Check(Struct, frozen=True):
    """A profile to be looked into: the pages it names, and the addresses it has itself."""

    actor_id: int
    links: Sequence[str]
    profiles: Sequence[str]


def want(unit: Unit, actor: Actor) -> None:
    """Have the pages looked at that a profile names, unless all that it names holds already.

    Of people elsewhere only those whom somebody here follows, and once in a week: who changes a profile must not
    make us ask for pages as often as they like.
    """
    named = [field for field in actor.fields if _link_of(field, unit.instance)]
    if all(field.get("verified_at") for field in named):
        return
    row = unit.get(LinkCheck, actor.id)
    if not actor.is_local and not _may_be_asked(unit, actor, row, unit.now):
        return
    if row is None:
        insert_new_row(unit, LinkCheck, actor_id=actor.id, due_at=unit.now, attempts=0, checked_at=None)
    else:
        row.due_at, row.attempts = unit.now, 0
        unit.flush()


def claim(unit: Unit, room: int) -> Sequence[Check]:
    """Take profiles to be looked into under a lease."""
    actors = unit.scalars(select(Actor).where(Actor.id.in_(PROFILES.claim(unit, room)))).all()
    return [Check(actor.id, _links_of(actor, unit.instance), _profiles_of(actor)) for actor in actors]


def finish(unit: Unit, check: Check, findings: Mapping[str, Finding]) -> None:
    """Keep which pages link back, and when to look again. The profile may have changed meanwhile."""
    row = unit.get(LinkCheck, check.actor_id, populate_existing=True)
    actor = unit.get(Actor, check.actor_id)
    if row is None or actor is None:
        return
    row.attempts += 1
    unreached = Finding.UNKNOWN in findings.values() and row.attempts < ATTEMPTS
    fields = [_judged(unit, field, findings, gives_up=not unreached) for field in actor.fields]
    if fields != actor.fields:
        actor.fields = fields
    row.checked_at = unit.now
    if any(link not in findings for link in _links_of(actor, unit.instance)):
        row.due_at, row.attempts = unit.now, 0
    elif unreached:
        row.due_at = unit.now + RETRY_AFTER
    else:
        holds = any(field.get("verified_at") for field in fields)
        row.due_at, row.attempts = (unit.now + AGAIN_AFTER) if holds else None, 0
    unit.flush()


def _judged(unit: Unit, field: Mapping[str, Any], findings: Mapping[str, Finding], *, gives_up: bool) -> dict[str, Any]:
    link = _link_of(field, unit.instance)
    match findings.get(link) if link else None:
        case Finding.YES:
            return {**field, "verified_at": field.get("verified_at") or timestamp(unit.now)}
        case Finding.NO:
            return {**field, "verified_at": None}
        case Finding.UNKNOWN if gives_up:
            return {**field, "verified_at": None}
    return dict(field)


def _may_be_asked(session: Session, actor: Actor, row: LinkCheck | None, now: datetime) -> bool:
    if row is not None and (row.due_at is not None or (row.checked_at or now) > now - AGAIN_AFTER):
        return False
    followed = exists().where(Follow.followed_id == actor.id, Follow.accepted_at.is_not(None))
    return bool(session.scalar(select(followed)))


def _profiles_of(actor: Actor) -> list[str]:
    return [url for url in (actor.url, actor.uri) if url]


def _links_of(actor: Actor, instance: LocalInstance) -> list[str]:
    return list(dict.fromkeys(link for field in actor.fields if (link := _link_of(field, instance))))


def _link_of(field: Mapping[str, Any], instance: LocalInstance) -> str | None:
    """Return the page that a field names, if it is nothing but a link, and none of this server's own pages."""
    link = field.get("source")
    if link is None:
        match = _ONLY_A_LINK.fullmatch(str(field["value"]).strip().removeprefix("<p>").removesuffix("</p>"))
        link = unescape(match[1]) if match else ""
    try:
        url = validated_url(str(link).strip(), allow_http=instance.test_network)
    except InvalidUri:
        return None
    return None if instance.owns(url) else url
