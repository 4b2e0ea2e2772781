"""Whatever comes twice, late or before its time ends in the state that the right order would have left (X08)."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session, aliased

from activitypub.graph.relationships import accept_follow, follow
from activitypub.models import Actor, Announce, Block, Follow, Like, Status, Tombstone
from activitypub.unit import Unit
from fediverse_kommune.models import Notification
from inbox.models import InboxItem
from tests import acts
from tests.fediverse import Person, Remote
from tests.town import Town
from tests.towns import actor_row

Document = dict[str, Any]
AT_ONCE = 8  # requests under way


# ------------------------------------------------------------------------------------------ one thing too early


async def test_a_delete_before_its_create(stadt: Town, nachbar: Remote) -> None:
    anna, paul = await stadt.resident("anna"), nachbar.person("paul")
    note = paul.note(cc=[anna.uri])
    await stadt.accept(paul, paul.activity("Delete", {"id": note["id"], "type": "Tombstone"}))
    await stadt.accept(paul, paul.create(note))
    assert await stadt.count(Status) == 0
    assert await stadt.count(Notification) == 0
    assert await stadt.count(Tombstone, Tombstone.uri == note["id"]) == 1


async def test_an_update_before_its_create(stadt: Town, nachbar: Remote) -> None:
    anna, paul = await stadt.resident("anna"), nachbar.person("paul")
    note = paul.note("<p>Samstag</p>", cc=[anna.uri])
    edited = {**note, "content": "<p>Sonntag</p>", "updated": "2026-10-01T00:00:00Z"}
    await stadt.accept(paul, paul.activity("Update", edited))
    await stadt.accept(paul, paul.create(note))
    status = await stadt.read(acts.loaded_status, note["id"])
    assert status is not None
    assert (str(status.content), status.edited_at is not None) == ("<p>Sonntag</p>", True)


async def test_an_undo_before_what_it_undoes(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna)
    for kind, by_id_alone in itertools.product(["Follow", "Like", "Announce", "Block"], [False, True]):
        with subtests.test(kind=kind, by_id_alone=by_id_alone):
            paul = nachbar.person(f"paul-{kind}-{by_id_alone}")
            done = paul.activity(kind, anna.uri if kind in {"Follow", "Block"} else post.uri)
            await stadt.accept(paul, paul.activity("Undo", done["id"] if by_id_alone else done))
            await stadt.accept(paul, done)
            await stadt.rest()
            for table in (Follow, Like, Announce, Block, Notification):
                assert await stadt.count(table) == 0
            assert nachbar.received == []


@pytest.mark.parametrize("answer", ["Accept", "Reject"])
async def test_an_answer_nobody_asked_for(stadt: Town, nachbar: Remote, answer: str) -> None:
    anna, paul = await stadt.resident("anna"), nachbar.person("paul")
    asked = {"type": "Follow", "id": f"{anna.uri}#follow/1", "actor": anna.uri, "object": paul.uri}
    await stadt.accept(paul, paul.activity(answer, asked))
    assert await stadt.count(Follow) == 0


# ---------------------------------------------------------------------------- everything three times, in any order


@dataclass(frozen=True)
class Round:
    """One play: who takes part, and the two posts of the resident that it is about. `name` marks all its URIs."""

    name: str
    resident: Actor
    posts: tuple[str, str]
    server: Remote

    def person(self, role: str) -> Person:
        return self.server.person(f"{role}-{self.name}")

    def script(self) -> list[tuple[Person, Document]]:
        """Return what everyone says, in its right order."""
        return [*self._writer(), *self._reader(), *self._enemies()]

    def _say(self, who: Person, kind: str, target: Any, part: str, **extra: Any) -> tuple[Person, Document]:
        addressed = {name: target[name] for name in ("to", "cc") if isinstance(target, dict) and name in target}
        return who, who.activity(kind, target, **addressed, **extra) | {"id": f"{who.uri}/{part}"}

    def _writer(self) -> Iterable[tuple[Person, Document]]:
        paul = self.person("paul")
        named = {"cc": [self.resident.uri], "tag": [{"type": "Mention", "href": self.resident.uri, "name": "@anna"}]}
        first, second, third = (
            paul.note(f"<p>{part}</p>", id=f"{paul.uri}/{part}", published=f"2026-10-0{day}T08:00:00Z", **named)
            for day, part in enumerate(("erstens", "zweitens", "drittens"), 1)
        )
        third["inReplyTo"] = first["id"]
        edits = [
            {**first, "content": f"<p>{hour}</p>", "updated": f"2026-10-04T{hour}:00:00Z"} for hour in (10, 11, 12)
        ]
        # The origin knows the end of the story.
        self.server.documents[first["id"].removeprefix(self.server.origin)] = edits[-1]
        del self.server.documents[second["id"].removeprefix(self.server.origin)]
        yield self._say(paul, "Follow", self.resident.uri, "follow")
        yield self._say(paul, "Create", first, "create-1")
        for number, edit in enumerate(edits):
            yield self._say(paul, "Update", edit, f"update-{number}")
        yield self._say(paul, "Create", second, "create-2")
        yield self._say(paul, "Delete", {"id": second["id"], "type": "Tombstone"}, "delete-2")
        yield self._say(paul, "Create", third, "create-3")

    def _reader(self) -> Iterable[tuple[Person, Document]]:
        petra = self.person("petra")
        passing = [
            self._say(petra, "Follow", self.resident.uri, "follow"),
            self._say(petra, "Like", self.posts[0], "like-0"),
            self._say(petra, "Announce", self.posts[1], "announce-1", to=[petra.followers]),
        ]
        yield from passing
        for who, done in passing:
            yield self._say(
                who, "Undo", {name: done[name] for name in ("id", "type", "actor", "object")}, f"undo-{done['type']}"
            )
        yield self._say(petra, "Like", self.posts[1], "like-1")
        yield self._say(petra, "Announce", self.posts[0], "announce-0", to=[petra.followers])

    def _enemies(self) -> Iterable[tuple[Person, Document]]:
        kurt, karl = self.person("kurt"), self.person("karl")
        yield self._say(kurt, "Block", self.resident.uri, "block")
        who, done = self._say(karl, "Block", self.resident.uri, "block")
        yield who, done
        yield self._say(karl, "Undo", {name: done[name] for name in ("id", "type", "actor", "object")}, "undo")


async def opened(stadt: Town, nachbar: Remote, name: str) -> Round:
    resident = await stadt.resident(f"anna-{name}")
    posts = [await stadt.write(acts.write, resident, f"<p>{number}</p>") for number in range(2)]
    return Round(name, resident, (posts[0].uri, posts[1].uri), nachbar)


async def deliver_all(stadt: Town, said: Iterable[tuple[Person, Document]], *, at_once: int) -> None:
    room = asyncio.Semaphore(at_once)

    async def deliver(who: Person, activity: Document) -> int:
        async with room:
            return await stadt.deliver(who, activity)

    assert set(await asyncio.gather(*(deliver(*each) for each in said))) == {202}
    await stadt.rest(seconds=30)


@pytest.mark.parametrize("seed", range(4))
async def test_everything_three_times_in_any_order(stadt: Town, nachbar: Remote, seed: int) -> None:
    ordered, shuffled = await opened(stadt, nachbar, "ordentlich"), await opened(stadt, nachbar, "durcheinander")
    await deliver_all(stadt, ordered.script(), at_once=1)
    said = shuffled.script() * 3
    random.Random(seed).shuffle(said)
    await deliver_all(stadt, said, at_once=AT_ONCE)

    assert await stadt.count(InboxItem, InboxItem.done_at.is_(None)) == 0
    expected = await stadt.read(outcome, ordered)
    assert await stadt.read(outcome, shuffled) == expected
    assert len(expected["statuses"]) == 4
    assert len(expected["notifications"]) == 5


def outcome(session: Session, played: Round) -> dict[str, list[Any]]:
    """Return what a round has left, in words that are the same for every round."""
    one, other = aliased(Actor), aliased(Actor)
    mine = one.username.endswith(f"-{played.name}")
    queries = {
        "statuses": select(
            one.username,
            Status.content,
            Status.visibility,
            Status.edited_at,
            Status.in_reply_to_id.is_not(None),
            Status.replies_count,
            Status.likes_count,
            Status.announces_count,
        ).join(one, one.id == Status.actor_id),
        "actors": select(one.username, one.followers_count, one.following_count, one.statuses_count),
        "follows": select(one.username, other.username, Follow.accepted_at.is_not(None))
        .join(one, one.id == Follow.follower_id)
        .join(other, other.id == Follow.followed_id),
        "blocks": select(one.username, other.username)
        .select_from(Block)
        .join(one, one.id == Block.actor_id)
        .join(other, other.id == Block.target_id),
        "likes": select(one.username, Status.content)
        .select_from(Like)
        .join(one, one.id == Like.actor_id)
        .join(Status, Status.id == Like.status_id),
        "announces": select(one.username, Status.content)
        .select_from(Announce)
        .join(one, one.id == Announce.actor_id)
        .join(Status, Status.id == Announce.status_id),
        "notifications": select(one.username, Notification.type, Status.content)
        .select_from(Notification)
        .join(one, one.id == Notification.from_actor_id)
        .outerjoin(Status, Status.id == Notification.status_id),
    }
    return {
        name: sorted(str(tuple(row)).replace(played.name, "…") for row in session.execute(query.where(mine)))
        for name, query in queries.items()
    }


# ------------------------------------------------------------------------------------------- at the same moment


async def test_two_who_follow_each_other_at_once_do_not_wait_for_each_other(stadt: Town, nachbar: Remote) -> None:
    anna, paul = await stadt.resident("anna"), await stadt.meet(nachbar.person("paul"))

    def follow_at_once(unit: Unit, follower: str, followed: str) -> None:
        accept_follow(unit, follow(unit, actor_row(unit, follower), actor_row(unit, followed)))

    updates: list[str] = []

    @event.listens_for(stadt.app.server.db.engine, "after_cursor_execute")
    def linger(*details: Any) -> None:
        # Long enough that the other one, too, has changed its first row before either goes on to its second.
        if details[2].startswith("UPDATE actors"):
            updates.append(details[2])
            time.sleep(0.1)

    await asyncio.gather(
        stadt.write(follow_at_once, anna.uri, paul.uri),
        stadt.write(follow_at_once, paul.uri, anna.uri),
    )
    assert await stadt.count(Actor, Actor.followers_count == 1, Actor.following_count == 1) == 2
    assert len(updates) == 4  # neither was a victim of the other and had to begin again
