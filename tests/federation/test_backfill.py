"""Old posts: what somebody wrote before the first follow, and the thread around a post that somebody opens."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from activitypub.backfill import AT_ONCE, OpenedThread, read_thread
from activitypub.caps import CAPS
from activitypub.models import Actor, Announce, Status
from activitypub.unit import Unit
from fediverse_kommune.models import Backfill, FeedEntry, Notification
from fediverse_kommune.services import backfill
from tests.client import Client, anonymous, app_of, statements
from tests.fediverse import PUBLIC, Person, Remote
from tests.town import Town, town


@pytest.fixture
async def stadt(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with town(database_url, tmp_path / "stadt", backfill=True) as running:
        yield running


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")


def serve(place: Remote, uri: str, entries: list[Any], **more: Any) -> str:
    """Let a server show a collection."""
    place.documents[uri.removeprefix(place.origin)] = {
        "id": uri,
        "type": "OrderedCollection",
        "orderedItems": entries,
        **more,
    }
    return uri


async def finished(stadt: Town, *conditions: Any, count: int = 1) -> None:
    await stadt.until(Backfill, Backfill.due_at.is_(None), *conditions, count=count)


async def follows(stadt: Town, client: Client, person: Person) -> None:
    """Let a resident follow somebody elsewhere, who agrees."""
    actor = await stadt.meet(person)
    before = len([item for item in person.server.received if item.activity["type"] == "Follow"])
    await client.post(f"/api/v1/accounts/{actor.id}/follow")
    asked = (await person.server.until_received("Follow", before + 1))[-1].activity
    await stadt.accept(person, person.activity("Accept", asked))


async def uris(stadt: Town) -> set[str]:
    return set(await stadt.read(lambda session: session.scalars(select(Status.uri)).all()))


async def test_what_somebody_wrote_before_the_first_follow(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    anna, berta = await app_of(stadt, "anna"), await app_of(stadt, "berta")
    dora, emil, mallory = nachbar.person("dora"), boese.person("emil"), boese.person("mallory")
    mention = {"type": "Mention", "href": f"{stadt.origin}/users/anna", "name": "@anna"}
    posts = [
        dora.note(f"<p>Nachricht {day}</p>", published=ago(day), tag=[mention], cc=[mention["href"]])
        for day in range(1, 4)
    ]
    pinned = dora.note("<p>Oben</p>", published=ago(900))
    private = dora.note("<p>Nur Freunde</p>", published=ago(1), to=[dora.followers], cc=[])
    beside = nachbar.person("carl").note("<p>Von Carl</p>")
    forged = mallory.note("<p>Wie Dora</p>", attributedTo=dora.uri)
    shared = emil.note("<p>Geteilt</p>", published=ago(5))
    share = dora.activity("Announce", shared["id"], to=[PUBLIC], cc=[], published=ago(2.5))
    serve(boese, f"{boese.origin}/outbox", [mallory.note()["id"]])
    creates = [dora.create(note) for note in (*posts, private)]
    lie = dora.create({**posts[0], "id": forged["id"]})
    page = {
        "type": "OrderedCollectionPage",
        "orderedItems": [creates[0], lie, share, dora.create(beside), *creates[1:], posts[1]["id"]],
    }
    page["next"] = f"{boese.origin}/outbox"
    serve(nachbar, f"{dora.uri}/outbox", [], first=page)
    serve(nachbar, f"{dora.uri}/featured", [pinned])

    await follows(stadt, anna, dora)
    await finished(stadt, Backfill.actor_id.is_not(None))
    account = str((await stadt.meet(dora)).id)

    with subtests.test("they are on the profile, each from its origin, and what is not for all is not"):
        shown = await anna.get(f"/api/v1/accounts/{account}/statuses")
        assert [post["content"] or post["reblog"]["content"] for post in shown] == [
            *("<p>Nachricht 1</p>", "<p>Nachricht 2</p>", "<p>Geteilt</p>", "<p>Nachricht 3</p>", "<p>Oben</p>"),
        ]
        assert [post["content"] for post in await anna.get(f"/api/v1/accounts/{account}/statuses?pinned=true")] == [
            "<p>Oben</p>"
        ]
        assert not {forged["id"], private["id"], beside["id"]} & await uris(stadt)
        assert f"{boese.origin}/outbox" not in {boese.origin + path for path in boese.requested}
    with subtests.test("they stand in the home timeline at their time, and nobody is told"):
        home = await anna.get("/api/v1/timelines/home")
        assert [post["uri"] for post in home][:2] == [posts[0]["id"], posts[1]["id"]]
        assert home[0]["created_at"].startswith(posts[0]["published"][:19])
        assert await stadt.count(Notification, Notification.actor_id == int(anna.id)) == 0
        assert (await anna.get(f"/api/v1/accounts/{account}"))["last_status_at"] == posts[0]["published"][:10]
    with subtests.test("a second follow reads nothing again"):
        asked = len(nachbar.requested)
        await follows(stadt, berta, dora)
        await stadt.until(FeedEntry, FeedEntry.actor_id == int(berta.id), count=len(shown))
        assert len(nachbar.requested) == asked
    with subtests.test("what comes later by itself is told"):
        await stadt.accept(dora, creates[0])
        await stadt.until(Notification, Notification.actor_id == int(anna.id))
        await stadt.accept(dora, dora.create(posts[0]))
        assert await stadt.count(Notification, Notification.actor_id == int(anna.id)) == 1
        assert await stadt.count(Announce) == 1
    await pins_change(stadt, dora, (anna, berta), account, [posts[2], forged], subtests)


async def pins_change(
    stadt: Town, dora: Person, residents: Sequence[Client], account: str, named: list[Any], subtests: pytest.Subtests
) -> None:
    """Let somebody who is followed pin something else without a word."""
    with subtests.test("pins are read again when the profile has changed, once a day, and nothing else is"):
        old, late = dora.note("<p>Neu oben</p>", published=ago(800)), dora.note("<p>Nicht oben</p>", published=ago(1))
        serve(dora.server, f"{dora.uri}/outbox", [dora.create(late)])
        serve(dora.server, f"{dora.uri}/featured", [old["id"], *[post["id"] for post in named]])
        profile = dict(dora.server.documents[f"/users/{dora.username}"])
        asked, rows = len(dora.server.requested), await stadt.count(FeedEntry)

        async def changes(name: str) -> None:
            dora.server.documents[f"/users/{dora.username}"] = profile | {"name": name}
            await stadt.accept(dora, dora.activity("Update", profile | {"name": name}))
            await stadt.until(Actor, Actor.uri == dora.uri, Actor.name == name)
            await stadt.rest()

        await changes("Dora, die Erste")
        assert "featured" not in str(dora.server.requested[asked:])
        await stadt.write(_a_day_later)
        await changes("Dora, die Zweite")
        await finished(stadt, Backfill.wanted_at > stadt.app.server.clock() - timedelta(hours=1))
        path = f"/api/v1/accounts/{account}/statuses?pinned=true"
        assert {post["content"] for post in await residents[0].get(path)} == {"<p>Neu oben</p>", "<p>Nachricht 3</p>"}
        assert "outbox" not in str(dora.server.requested[asked:])
        assert late["id"] not in await uris(stadt)
        assert await stadt.count(FeedEntry) == rows, "in no home timeline"
    with subtests.test("but not of whom nobody here follows"):
        await stadt.write(_a_day_later)
        for resident in residents:
            await resident.post(f"/api/v1/accounts/{account}/unfollow")
        await changes("Dora, die Dritte")
        assert await stadt.count(Backfill, Backfill.wanted_at > stadt.app.server.clock() - timedelta(hours=1)) == 0


def _a_day_later(unit: Unit) -> None:
    unit.execute(update(Backfill).values(wanted_at=unit.now - timedelta(hours=25)))


class Answers(dict[str, Any]):
    """The documents of a server on which every post has ever more answers, and their list ever more pages."""

    def __init__(self, author: Person, documents: dict[str, Any]) -> None:
        super().__init__(documents)
        self._author = author

    def get(self, path: str, default: Any = None) -> Any:
        origin = self._author.server.origin
        if path.startswith("/endless"):
            entries = [f"{origin}{path}-{number}" for number in range(30)]
            listed = {"id": f"{origin}{path}", "type": "Collection", "items": entries, "next": f"{origin}{path}x"}
            parent = origin + path.rpartition("-")[0]
            note = self._author.note(id=origin + path, inReplyTo=parent, replies=f"{origin}/list{path}")
            return {**listed, **note}
        if path.startswith("/list"):
            of = path.removeprefix("/list").partition("x")[0]
            entries = [f"{origin}{of}-{path.count('x')}{number}" for number in range(9)]
            return {"type": "Collection", "items": entries, "next": f"{origin}{path}x"}
        return super().get(path, default)


async def test_an_opened_thread_is_read(stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    dora, emil = nachbar.person("dora"), boese.person("emil")
    first = dora.note("<p>Erster</p>", published=ago(9))
    opened = dora.note("<p>Zweiter</p>", published=ago(8), inReplyTo=first["id"])
    answer = emil.note("<p>Dritter</p>", published=ago(7), inReplyTo=opened["id"])
    deeper = dora.note("<p>Vierter</p>", published=ago(6), inReplyTo=answer["id"])
    aside = emil.note("<p>Fünfter</p>", published=ago(5), inReplyTo=deeper["id"])
    beyond = emil.note("<p>Sechster</p>", published=ago(4), inReplyTo=aside["id"])
    foreign, few = emil.note("<p>Fremd</p>"), emil.note("<p>Wenige</p>", inReplyTo=opened["id"], to=[], cc=[])
    serve(nachbar, f"{opened['id']}/replies", [answer["id"], {**deeper, "content": "<p>Gelogen</p>"}, few["id"]])
    answer["replies"] = serve(boese, f"{answer['id']}/replies", [], first={"items": [deeper["id"]]})
    opened["replies"] = {"id": f"{opened['id']}/replies", "type": "Collection"}
    opened["context"] = serve(nachbar, f"{nachbar.origin}/contexts/1", [foreign["id"], beyond["id"], aside["id"]])

    await follows(stadt, anna, dora)
    await finished(stadt)
    status = await stadt.app.server.resolver.status(opened["id"])
    place = f"/api/v1/statuses/{status.id}/context"
    asked = list(nachbar.requested)
    assert [post["content"] for post in (await anonymous(stadt).get(place))["ancestors"]] == ["<p>Erster</p>"]
    reply = await anna.ask("GET", place)
    header = reply.headers["Mastodon-Async-Refresh"]
    refresh = header.partition('id="')[2].partition('"')[0]
    assert header == f'id="{refresh}", retry=2, result_count=0'

    with subtests.test("apps hear when it is done, and find what was read in its place"):
        async with asyncio.timeout(10):
            while (told := await anna.get(f"/api/v1_alpha/async_refreshes/{refresh}"))["async_refresh"]["status"] != (
                "finished"
            ):
                await asyncio.sleep(0.02)
        assert told == {"async_refresh": {"id": refresh, "status": "finished", "result_count": 4}}
        reply = await anna.ask("GET", place)
        assert "Mastodon-Async-Refresh" not in reply.headers
        assert [post["content"] for post in reply.json["descendants"]] == [
            *("<p>Dritter</p>", "<p>Vierter</p>", "<p>Fünfter</p>", "<p>Sechster</p>"),
        ]
        assert not {foreign["id"], few["id"]} & await uris(stadt)
        assert await stadt.count(Notification) == 0
        assert (await anna.get("/api/v1/timelines/home"))[0]["content"] == "<p>Zweiter</p>"
        assert nachbar.requested.count(deeper["id"].removeprefix(nachbar.origin)) == 1
    with subtests.test("for some minutes it is not read again, from wherever in the thread"):
        asked = list(nachbar.requested)
        below = next(post["id"] for post in reply.json["descendants"])
        for path in (place, f"/api/v1/statuses/{below}/context"):
            assert "Mastodon-Async-Refresh" not in (await anna.ask("GET", path)).headers
        with statements(stadt) as seen:
            assert await stadt.write(backfill.want_thread, status.id) is None
        assert nachbar.requested == asked, seen

        def later(unit: Unit) -> None:
            unit.execute(update(Backfill).values(wanted_at=unit.now - CAPS.thread_reads_apart))

        await stadt.write(later)
        assert "Mastodon-Async-Refresh" in (await anna.ask("GET", f"{place}?x=1")).headers
        await finished(stadt, count=2)
        reply = await anna.ask("GET", "/api/v1_alpha/async_refreshes/1")
        assert reply.status == 404


async def test_a_thread_without_an_end_is_read_to_a_limit(stadt: Town, boese: Remote) -> None:
    """Rows E04 and E05."""
    emil, few = boese.person("emil"), replace(CAPS, thread_statuses=24, thread_fetches=60, collection_pages=3)
    boese.documents = Answers(emil, boese.documents)
    resolver, told = stadt.app.server.resolver, list[int]()

    async def tell(found: int) -> None:
        told.append(found)

    uri = f"{boese.origin}/endless"
    await resolver.status(uri)
    for caps, most in ((few, few.thread_fetches), (replace(few, thread_fetches=10), 10)):
        boese.requested.clear()
        before = await stadt.count(Status)
        found = await read_thread(resolver, OpenedThread(uri, None, frozenset()), tell, caps)
        assert 0 < found <= few.thread_statuses + AT_ONCE
        assert await stadt.count(Status) - before == found == told[-1]
        assert found < len(boese.requested) <= most
        uri = f"{boese.origin}/endless-00-00-00-00"
        await resolver.status(uri)


async def test_a_server_that_leads_nowhere_is_not_asked_for_ever(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """A thread that names what is not there, or belongs elsewhere, makes us ask a third server a few times at most."""
    resolver, emil = stadt.app.server.resolver, boese.person("emil")
    named = [nachbar.person("dora").note()["id"] for _ in range(20)] + [f"{nachbar.origin}/{n}" for n in range(20)]
    opened = emil.note(replies=f"{boese.origin}/list")
    serve(boese, f"{boese.origin}/list", named)
    await resolver.status(opened["id"])
    nachbar.requested.clear()

    async def tell(_found: int) -> None:
        return None

    assert await read_thread(resolver, OpenedThread(opened["id"], None, frozenset()), tell) == 0
    assert len(nachbar.requested) <= 20 + AT_ONCE
    assert await stadt.count(Status, Status.uri.in_(named)) == 0


async def test_what_nothing_answers_is_not_waited_for(stadt: Town, nachbar: Remote) -> None:
    """A thread whose server is away is read again later, but apps are not told to ask for that."""
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    note = bob.note(cc=[f"{stadt.origin}/users/anna"])
    await stadt.accept(bob, bob.create(note))
    status_id = await stadt.read(lambda session: session.scalars(select(Status.id)).one())
    nachbar.down = True
    path = f"/api/v1/statuses/{status_id}/context"
    assert "Mastodon-Async-Refresh" in (await anna.ask("GET", path)).headers
    await stadt.until(Backfill, Backfill.attempts == 1, Backfill.due_at.is_not(None))
    assert "Mastodon-Async-Refresh" not in (await anna.ask("GET", path)).headers
