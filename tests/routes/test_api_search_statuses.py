"""Finding posts by what they say: whose, which, and never what the reader may not read.

https://docs.joinmastodon.org/methods/search/
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from activitypub.access import readable_by
from activitypub.graph import relationships
from activitypub.models import Actor, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.services import search_index
from fediverse_kommune.services.search_query import parse_query
from fediverse_kommune.services.search_statuses import StatusSearch, find_statuses
from tests import acts
from tests.client import Client, anonymous, app_of
from tests.fediverse import Remote
from tests.pictures import picture
from tests.town import Town

SEARCH = "/api/v2/search"


async def found(client: Client, query: str, **more: Any) -> list[str]:
    """Return the ids of the posts that somebody finds."""
    rest = "".join(f"&{name}={value}" for name, value in more.items())
    answer = await client.get(f"{SEARCH}?q={quote(query)}&type=statuses{rest}")
    assert (answer["accounts"], answer["hashtags"]) == ([], [])
    return [status["id"] for status in answer["statuses"]]


async def consenting(stadt: Town, name: str) -> Client:
    client = await app_of(stadt, name)
    await client.patch("/api/v1/accounts/update_credentials", data={"indexable": "true"})
    return client


async def test_german_word_forms_find_each_other(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    house = await anna.write("Die alten Häuser am Marktplatz werden renoviert")
    other = await anna.write("Ein STRASSENFEST im Sommer", spoiler_text="Lärm")
    for query in ("Haus", "häuser", "Hauses", "marktplatze renoviert", '"alte Häuser"', "alt -neu"):
        assert await found(anna, query) == [house["id"]], query
    for query in ("Straßenfest", "strassenfeste", "lärm", "-häuser sommer"):
        assert await found(anna, query) == [other["id"]], query
    for query in ("Hausmeister", '"Häuser alte"', "Haus -alt", "Haus Sommer"):
        assert await found(anna, query) == [], query


async def test_one_finds_ones_own_what_names_one_and_what_one_keeps(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    mine = await anna.write("Linde im Park", visibility="private")
    named = await bert.write("@anna Linde", visibility="direct")
    public, liked, kept = [await bert.write(f"Linde {number}") for number in range(3)]
    await anna.post(f"/api/v1/statuses/{liked['id']}/favourite")
    await anna.post(f"/api/v1/statuses/{kept['id']}/bookmark")
    assert await found(anna, "linde") == [kept["id"], liked["id"], named["id"], mine["id"]]
    await anna.post(f"/api/v1/statuses/{kept['id']}/unbookmark")
    assert kept["id"] not in await found(anna, "linde")
    await bert.patch("/api/v1/accounts/update_credentials", data={"indexable": "true"})
    assert public["id"] in await found(anna, "linde")
    assert public["id"] not in await found(anna, "linde in:library")
    assert mine["id"] not in await found(anna, "linde in:public")


async def test_others_public_posts_only_with_consent_and_nothing_for_visitors(stadt: Town) -> None:
    anna, bert, carla = await app_of(stadt, "anna"), await app_of(stadt, "bert"), await consenting(stadt, "carla")
    await bert.write("Eiche")
    public = await carla.write("Eiche")
    for visibility in ("unlisted", "private", "direct"):
        await carla.write("Eiche", visibility=visibility)
    assert await found(anna, "Eiche") == [public["id"]]
    assert (await anonymous(stadt).get(f"{SEARCH}?q=Eiche"))["statuses"] == []
    await carla.post(f"/api/v1/accounts/{anna.id}/block")
    assert await found(anna, "Eiche") == []


async def test_posts_from_elsewhere_are_found_when_kept_or_with_consent(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    note = nachbar.person("emil").note("<p>Der <b>Kirschbaum</b> blüht</p>")
    status = await stadt.app.server.resolver.status(note["id"])
    assert await found(anna, "Kirschbäume") == []
    await anna.post(f"/api/v1/statuses/{status.id}/bookmark")
    assert await found(anna, "Kirschbäume") == [str(status.id)]


async def test_what_is_edited_or_gone_is_found_as_it_is_now(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Buche")
    await anna.put(f"/api/v1/statuses/{status['id']}", json={"status": "Birke"})
    assert (await found(anna, "Buche"), await found(anna, "Birken")) == ([], [status["id"]])
    await anna.delete(f"/api/v1/statuses/{status['id']}")
    assert await stadt.read(_indexed) == 0


def _indexed(session: Session) -> int:
    return int(session.scalar(text("SELECT count(*) FROM search_index")) or 0)


async def test_an_actor_that_goes_leaves_no_word_behind(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    await stadt.write(acts.write, anna, "<p>geheim</p>")
    assert await stadt.read(_indexed) == 1
    await stadt.write(acts.leave, anna.id)
    assert await stadt.read(_indexed) == 0


async def test_operators(stadt: Town) -> None:
    anna, bert = await consenting(stadt, "anna"), await consenting(stadt, "bert")
    media = await anna.post("/api/v2/media", data={"file": picture("PNG", (4, 4)), "description": "ein Ahorn"})
    pictured = await anna.write("Bild", media_ids=[media["id"]])
    poll = await anna.write("Was pflanzen?", poll={"options": ["Ahorn", "Ulme"], "expires_in": 600})
    reply = await bert.write("Ahorn, finde ich", in_reply_to_id=poll["id"], sensitive=True, language="en")
    expected = {
        "ahorn": [reply, poll, pictured],
        "ahorn from:me": [reply],
        "ahorn from:anna": [poll, pictured],
        "ahorn from:@anna": [poll, pictured],
        f"ahorn from:@anna@{stadt.host}:{stadt.port}": [poll, pictured],
        "ahorn from:niemand": [],
        "ahorn -from:bert": [poll, pictured],
        "has:media from:anna": [pictured],
        "ahorn has:poll": [poll],
        "ahorn -has:poll -has:media": [reply],
        "ahorn has:embed": [],
        "ahorn is:reply": [reply],
        "ahorn -is:sensitive": [poll, pictured],
        "ahorn language:en": [reply],
        "ahorn language:de": [poll, pictured],
        f"ahorn during:{datetime.now(UTC):%Y-%m-%d}": [reply, poll, pictured],
        f"ahorn before:{datetime.now(UTC):%Y-%m-%d}": [],
        f"ahorn after:{datetime.now(UTC):%Y-%m-%d}": [],
        f"ahorn after:{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}": [reply, poll, pictured],
        "ahorn in:all": [reply, poll, pictured],
    }
    for query, statuses in expected.items():
        assert await found(bert, query) == [status["id"] for status in statuses], query


async def test_pages_and_one_author(stadt: Town) -> None:
    anna, bert = await consenting(stadt, "anna"), await consenting(stadt, "bert")
    ids = [(await anna.write(f"Weide {number}"))["id"] for number in range(5)]
    his = await bert.write("Weide")
    newest_first = [his["id"], *reversed(ids)]
    assert await found(anna, "weide", limit=2) == newest_first[:2]
    assert await found(anna, "weide", limit=2, offset=2) == newest_first[2:4]
    assert await found(anna, "weide", max_id=ids[2]) == [ids[1], ids[0]]
    assert await found(anna, "weide", min_id=ids[2], max_id=his["id"]) == [ids[4], ids[3]]
    assert await found(anna, "weide", account_id=bert.id) == [his["id"]]
    assert (await anna.ask("GET", f"{SEARCH}?q=weide&max_id=abc")).status == 422


TYPED = (
    *('"', "'", '"a" OR "b"', "a AND", "NOT", "NEAR(a b)", "a*", "^a", "words:a", "{a b}: c", "-", "--", '-""'),
    *("a & b", "a | !b", "a <-> b", ":*", "\\", "%", "_", "a:b:c", "from:", "from:@@", "before:x", "language:%"),
    *("during:9999-12-31", "after:9999-12-30", "before:0001-01-01", "before:5000-01-01", "after:5000-01-01"),
    *("has:", "is:", "in:x", "\x00", "ß", "🌳", "漢字", "'; DROP TABLE statuses; --", "wort " * 500, "x" * 5_000),
)


async def test_h15_whatever_is_typed_is_only_text(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.write("Esche")
    for query in TYPED:
        reply = await anna.ask("GET", SEARCH, params={"q": query})
        assert reply.status in {200, 422}, (query, reply.text)
    assert await found(anna, "Esche") != []


async def test_a_broken_index_finds_nothing_and_breaks_nothing(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.write("Fichte #fichte")
    await stadt.write(_break)
    answer = await anna.get(f"{SEARCH}?q=fichte")
    assert (answer["statuses"], [tag["name"] for tag in answer["hashtags"]]) == ([], ["fichte"])
    late = await anna.write("Fichte")
    assert late["content"] == "<p>Fichte</p>"


def _break(unit: Unit) -> None:
    if unit.get_bind().dialect.name == "sqlite":
        unit.execute(text("DROP TRIGGER forget_in_search_index"))
    unit.execute(text("DROP TABLE search_index"))


async def test_the_index_is_made_anew(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Tanne")
    await stadt.write(_empty)
    assert await found(anna, "Tannen") == []
    assert await search_index.rebuild(stadt.app.server.db) == 1
    assert await found(anna, "Tannen") == [status["id"]]


def _empty(unit: Unit) -> None:
    unit.execute(text("DELETE FROM search_index"))


async def test_nobody_finds_what_they_may_not_read(stadt: Town, nachbar: Remote) -> None:
    people = [await stadt.resident(name) for name in ("anna", "bert", "carla", "david")]
    people += [await stadt.meet(nachbar.person("emil"))]
    await stadt.write(_live_together, people)
    leaks, finds = await stadt.read(_leaks, [person.id for person in people if person.is_local], stadt)
    assert leaks == []
    assert finds > 50


def _live_together(unit: Unit, actors: list[Actor]) -> None:
    dice = random.Random(7)
    people = [unit.merge(actor, load=False) for actor in actors]
    for one in people:
        one.indexable = dice.random() < 0.7
        for other in people:
            if one is not other and (one.is_local or other.is_local):
                if dice.random() < 0.4:
                    relationships.accept_follow(unit, relationships.follow(unit, one, other))
                elif dice.random() < 0.2:
                    relationships.block(unit, one, other)
    for _ in range(80):
        author, named = dice.choice(people), dice.choice(people)
        mentions = [named] if dice.random() < 0.4 and named is not author else []
        visibility = dice.choice(list(Visibility))
        status = acts.write(unit, author, "<p>Apfelbaum</p>", visibility=visibility, mentions=mentions)
        status.local_only = author.is_local and dice.random() < 0.2
    people[1].suspended_at = unit.now
    unit.flush()


def _leaks(session: Session, reader_ids: list[int], stadt: Town) -> tuple[list[str], int]:
    leaks, finds = [], 0
    for reader in (session.get_one(Actor, reader_id) for reader_id in reader_ids):
        asked = StatusSearch(parse_query("Apfelbäume"), limit=1_000)
        ids = set(find_statuses(session, reader, asked, stadt.app.server.instance))
        may = set(session.scalars(select(Status.id).where(readable_by(reader))))
        leaks += [f"{reader.username} finds {status_id}" for status_id in ids - may]
        finds += len(ids)
    return leaks, finds
