"""Streams and timelines agree: who is told of a line is who would find it, asked one by one."""

import itertools
import random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.graph import interactions, relationships
from activitypub.models import Actor, Status, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import DomainMute, FeedEntry, Mute
from fediverse_kommune.services import timelines
from fediverse_kommune.services.timelines import Filter, Lines, TagFilter
from fediverse_kommune.streaming import audience
from tests import acts
from tests.fediverse import Remote
from tests.town import Town

NAMES = ("anna", "bert", "carla", "david", "elif", "frieda")


async def test_all_at_once_and_one_by_one_say_the_same(stadt: Town, nachbar: Remote) -> None:
    readers = [await stadt.resident(name) for name in NAMES]
    strangers = [await stadt.meet(nachbar.person(name)) for name in ("gast", "emil")]
    await stadt.write(_live_together, readers, strangers)
    differences, seen = await stadt.read(_compare, [reader.id for reader in readers])
    assert differences == []
    assert min(seen.values()) > 0, seen


def _live_together(unit: Unit, here: list[Actor], there: list[Actor]) -> None:
    """Let everybody have something to do with everybody, differently each time, and always in the same way."""
    dice = random.Random(4)
    people = [unit.merge(actor, load=False) for actor in (*here, *there)]
    for one, other in itertools.permutations(people, 2):
        if dice.random() < 0.5 and (one.is_local or other.is_local):
            relationships.accept_follow(unit, relationships.follow(unit, one, other))
        elif dice.random() < 0.15:
            relationships.block(unit, one, other)
        if one.is_local and dice.random() < 0.15:
            unit.add(Mute(id=new_id(unit.now), actor_id=one.id, target_id=other.id, created_at=unit.now))
    unit.add(DomainMute(id=new_id(unit.now), actor_id=people[0].id, domain=there[0].host, created_at=unit.now))
    unit.flush()
    written: list[Status] = []
    for number in range(60):
        author = dice.choice(people)
        answered = dice.choice([None, None, *written[-3:]])
        options: dict[str, Any] = {
            "visibility": dice.choice(list(Visibility)),
            "in_reply_to": answered.uri if answered else None,
            "mentions": [dice.choice(people)] if dice.random() < 0.4 else [],
            "hashtags": {"fest": "Fest"} if dice.random() < 0.5 else {},
        }
        status = acts.write(unit, author, f"<p>{number}</p>", **options)
        status.local_only = author.is_local and dice.random() < 0.2
        unit.flush()
        written.append(status)
        if status.visibility is Visibility.PUBLIC:
            interactions.announce(unit, dice.choice(people), status)
    people[-3].suspended_at = unit.now


def _compare(session: Session, reader_ids: list[int]) -> tuple[list[str], dict[str, int]]:
    differences: list[str] = []
    seen = dict.fromkeys(("home", "home with", "public", "tagged"), 0)
    readers = [session.get_one(Actor, reader_id) for reader_id in reader_ids]

    def judge(what: str, together: frozenset[int], timelines_of: dict[int, frozenset[int]], value: int) -> None:
        alone = {who for who, values in timelines_of.items() if value in values}
        seen[what] += len(alone)
        if together != alone:
            differences.append(f"{what} {value}: {sorted(together)} instead of {sorted(alone)}")

    homes = {reader.id: timelines.home(reader) for reader in readers}
    public = {reader.id: timelines.public(reader, Filter()) for reader in readers}
    tagged = {reader.id: timelines.tagged(reader, "fest", Filter(local=True), TagFilter()) for reader in readers}
    lines_at_home, at_home = (_values(session, homes, column) for column in (FeedEntry.id, FeedEntry.status_id))
    in_public, under_tag = (_values(session, lines, Status.id) for lines in (public, tagged))
    for line_id in session.scalars(select(FeedEntry.id).distinct()).all():
        found = audience.home_of(session, reader_ids, line_id=line_id)
        judge("home", found, lines_at_home, line_id)
    for status_id in session.scalars(select(Status.id)).all():
        found = audience.home_with(session, reader_ids, status_id=status_id)
        judge("home with", found, at_home, status_id)
        found = audience.public(session, reader_ids, status_id=status_id, wanted=Filter())
        judge("public", found, in_public, status_id)
        found = audience.tagged(session, reader_ids, status_id=status_id, tag="fest", local=True)
        judge("tagged", found, under_tag, status_id)
    return differences, seen


def _values(session: Session, timelines_of: dict[int, Lines], column: Any) -> dict[int, frozenset[int]]:
    """Return for each reader what stands in a column of their timeline."""
    return {
        who: frozenset(session.scalars(lines.query.with_only_columns(column, maintain_column_froms=True)))
        for who, lines in timelines_of.items()
    }
