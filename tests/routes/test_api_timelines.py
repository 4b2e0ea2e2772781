"""Home, public and hashtag timelines, and how one turns their pages. https://docs.joinmastodon.org/methods/timelines/"""

from typing import Any

from activitypub.models import Actor, DomainAllow, DomainBlock, Quote, QuoteState, Severity
from activitypub.unit import Unit
from fediverse_kommune.models import PreviewCard, StatusCard
from tests.client import Client, anonymous, app_of, statements
from tests.fediverse import PUBLIC as PUBLIC_COLLECTION
from tests.fediverse import Remote
from tests.town import Town

HOME = "/api/v1/timelines/home"
PUBLIC = "/api/v1/timelines/public"


def ids(statuses: list[dict[str, Any]]) -> list[str]:
    return [status["id"] for status in statuses]


async def test_home_shows_who_one_follows_and_oneself(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.follow(bert)
    mine, his = await anna.write("ich"), await bert.write("er")
    hers = await carla.write("sie")
    announce = await bert.post(f"/api/v1/statuses/{hers['id']}/reblog")
    assert ids(await anna.get(HOME)) == [announce["id"], his["id"], mine["id"]]


async def test_home_shows_an_answer_only_to_those_who_follow_both(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.follow(bert)
    await carla.follow(bert)
    question = await anna.write("Wer kommt?")
    other = await carla.write("Etwas anderes")
    answer = await bert.write("Ich", in_reply_to_id=question["id"])
    own = await bert.write("Und gern", in_reply_to_id=answer["id"])
    assert ids(await anna.get(HOME)) == [own["id"], answer["id"], question["id"]]
    assert ids(await carla.get(HOME)) == [own["id"], other["id"]]


async def test_home_shows_no_direct_posts_and_no_announces_one_does_not_want(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.post(f"/api/v1/accounts/{bert.id}/follow", data={"reblogs": "false"})
    await bert.write("@anna leise", visibility="direct")
    passed_on = await carla.write("laut")
    await bert.post(f"/api/v1/statuses/{passed_on['id']}/reblog")
    assert await anna.get(HOME) == []


async def test_a_new_follow_fills_home_and_its_end_empties_it(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    earlier = [await bert.write(str(number), visibility="private") for number in range(3)]
    await anna.follow(bert)
    assert ids(await anna.get(HOME)) == list(reversed(ids(earlier)))
    await anna.post(f"/api/v1/accounts/{bert.id}/unfollow")
    assert await anna.get(HOME) == []


async def test_a_block_empties_home_of_both(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    for one, other in ((anna, bert), (bert, anna), (anna, carla)):
        await one.follow(other)
    mine, his = await anna.write("ich"), await bert.write("er")
    await carla.post(f"/api/v1/statuses/{his['id']}/reblog")
    await anna.post(f"/api/v1/accounts/{bert.id}/block")
    assert ids(await anna.get(HOME)) == [mine["id"]]
    assert ids(await bert.get(HOME)) == [his["id"]]
    again = await bert.write("noch einmal")
    await carla.post(f"/api/v1/statuses/{again['id']}/reblog")
    assert ids(await anna.get(HOME)) == [mine["id"]], "nor by the hand of others"


async def test_pages_lead_back_to_the_beginning_and_forth_again(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    written = [(await anna.write(str(number)))["id"] for number in range(7)]
    read: list[str] = []
    path: str | None = f"{HOME}?limit=3"
    while path:
        reply = await anna.ask("GET", path)
        read += ids(reply.json)
        path = reply.link("next")
        if not reply.json:
            break
    assert read == list(reversed(written))


async def test_min_id_returns_what_comes_right_above_it(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    written = [(await anna.write(str(number)))["id"] for number in range(6)]
    above = await anna.ask("GET", f"{HOME}?limit=2&min_id={written[0]}")
    assert ids(above.json) == [written[2], written[1]]
    assert ids((await anna.ask("GET", above.link("prev") or "")).json) == [written[4], written[3]]
    assert ids(await anna.get(f"{HOME}?limit=2&since_id={written[0]}")) == [written[5], written[4]]
    assert ids(await anna.get(f"{HOME}?max_id={written[1]}")) == [written[0]]


async def test_a_limit_is_moved_into_its_bounds_and_nonsense_is_refused(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    for number in range(2):
        await anna.write(str(number))
    assert len(await anna.get(f"{HOME}?limit=0")) == 1
    assert len(await anna.get(f"{HOME}?limit=9999")) == 2
    for query in ("max_id=abc", "limit=1%27--", f"since_id={2**64}", "min_id=1;2"):
        assert (await anna.ask("GET", f"{HOME}?{query}")).status == 422


async def test_a_home_page_from_cold_costs_six_statements(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.follow(bert)
    for number in range(10):
        status = await carla.write(f"{number} @bert #tag{number}")
        await bert.post(f"/api/v1/statuses/{status['id']}/reblog")
        await bert.write(f"{number} @anna #tag{number}")
    with statements(stadt) as seen:
        page = await anna.get(f"{HOME}?limit=20")
    assert len(page) == 20
    assert len(seen) <= 6, "\n\n".join(s[:200] for s in seen)


async def test_polls_cards_and_quotes_cost_one_statement_more(stadt: Town) -> None:
    """Everything a post can have, and everything a reader can have done with it: a seventh would be one too many."""
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.follow(bert)
    quoted = [await carla.write(f"{number} @bert #zitiert") for number in range(5)]
    for number in range(20):
        poll = {"options": ["ja", "nein"], "expires_in": 600} if number % 2 else {}
        status = await bert.write(f"{number} @anna #tag{number}", poll=poll)
        if poll:
            await anna.post(f"/api/v1/polls/{status['id']}/votes", json={"choices": [0]})
        await anna.post(f"/api/v1/statuses/{status['id']}/bookmark")
        await stadt.write(_furnish, int(status["id"]), int(quoted[number % 5]["id"]), int(carla.id))
    with statements(stadt) as seen:
        page = await anna.get(f"{HOME}?limit=20")
    assert len(page) == 20
    assert len(seen) <= 6, "\n\n".join(s[:200] for s in seen)
    assert sum(status["poll"] is not None and status["poll"]["voted"] for status in page) == 10
    assert all(status["bookmarked"] and status["card"]["title"] == "Seite" for status in page)
    assert {status["quote"]["quoted_status"]["tags"][0]["name"] for status in page} == {"zitiert"}


def _furnish(unit: Unit, status_id: int, quoted_id: int, quoted_actor_id: int) -> None:
    """Let a post show a card and quote another."""
    words = ("description", "author_name", "author_url", "provider_name", "provider_url", "image_description")
    card = PreviewCard(
        id=status_id,
        url=f"https://a.example/{status_id}",
        title="Seite",
        fetched_at=unit.now,
        **dict.fromkeys(words, ""),
    )
    unit.add(card)
    unit.flush()
    unit.add(StatusCard(status_id=status_id, card_id=card.id))
    unit.add(
        Quote(
            id=status_id,
            status_id=status_id,
            quoted_uri=f"https://a.example/{quoted_id}",
            quoted_id=quoted_id,
            quoted_actor_id=quoted_actor_id,
            state=QuoteState.ACCEPTED,
            created_at=unit.now,
        )
    )


async def test_public_is_for_all_and_shows_no_answers(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    public = await anna.write("laut")
    await anna.write("halblaut", visibility="unlisted")
    await anna.write("leise", visibility="private")
    await bert.write("Antwort", in_reply_to_id=public["id"])
    own = await anna.write("Fortsetzung", in_reply_to_id=public["id"])
    assert ids(await anonymous(stadt).get(PUBLIC)) == [own["id"], public["id"]]


async def test_local_remote_and_silenced(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    here = await anna.write("von hier")
    note = nachbar.person("emil").note("<p>von drüben</p>")
    await stadt.app.server.resolver.status(note["id"])
    there = await anonymous(stadt).get(f"{PUBLIC}?remote=true")
    assert [status["uri"] for status in there] == [note["id"]]
    assert ids(await anonymous(stadt).get(f"{PUBLIC}?local=true")) == [here["id"]]
    assert len(await anonymous(stadt).get(PUBLIC)) == 2

    def silence(unit: Unit) -> None:
        unit.add(DomainBlock(domain="test", severity=Severity.SILENCE, created_at=unit.now))

    await stadt.write(silence)
    assert ids(await anonymous(stadt).get(PUBLIC)) == [here["id"]]


async def test_whom_one_blocks_one_does_not_see_in_public(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.write("hallo")
    await anna.post(f"/api/v1/accounts/{bert.id}/block")
    assert await anna.get(PUBLIC) == []
    assert len(await anonymous(stadt).get(PUBLIC)) == 1


async def test_public_keeps_to_what_its_reader_may_read(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    ours = await anna.write("nur für uns", local_only=True)
    his = await bert.write("nicht für Anna")
    await carla.write("gesperrt")
    await bert.post(f"/api/v1/accounts/{anna.id}/block")

    def suspend(unit: Unit) -> None:
        unit.get_one(Actor, int(carla.id)).suspended_at = unit.now

    await stadt.write(suspend)
    assert ids(await anna.get(PUBLIC)) == [ours["id"]]
    assert ids(await bert.get(PUBLIC)) == [his["id"]]
    assert ids(await anonymous(stadt).get(PUBLIC)) == [his["id"]]
    assert (await carla.ask("GET", HOME)).status == 401


async def test_hashtags_with_and_without_others(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    fest, markt, both = [await anna.write(text) for text in ("#Fest", "#markt", "#FEST #Markt")]
    nobody: Client = anonymous(stadt)
    assert ids(await nobody.get("/api/v1/timelines/tag/fest")) == [both["id"], fest["id"]]
    assert ids(await nobody.get("/api/v1/timelines/tag/fest?any[]=markt")) == [both["id"], markt["id"], fest["id"]]
    assert ids(await nobody.get("/api/v1/timelines/tag/Fest?all=markt")) == [both["id"]]
    assert ids(await nobody.get("/api/v1/timelines/tag/fest?none[]=MARKT")) == [fest["id"]]
    assert await nobody.get("/api/v1/timelines/tag/%27%20OR%201=1") == []


async def test_the_timeline_of_the_county(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Posts from here and from the servers that are allowed by name, for everybody; and nobody else's."""
    anna = await app_of(stadt, "anna")
    addressed = [PUBLIC_COLLECTION, f"{stadt.origin}/users/anna"]
    for remote in (nachbar, boese):
        person = remote.person("emil")
        await stadt.accept(person, person.create(person.note(to=addressed)))
        await stadt.accept(person, person.create(person.note(to=addressed[1:])))
    own = await anna.write("Von hier")
    bubble = "/api/v1/timelines/bubble"
    assert ids(await anna.get(bubble)) == [own["id"]]
    await stadt.write(_allow, "nachbar.test")
    assert [post["account"]["acct"].rpartition("@")[2] for post in await anna.get(bubble)] == ["anna", nachbar.domain]
    assert ids(await anonymous(stadt).get(f"{bubble}?local=true")) == [own["id"]]
    assert len(await anonymous(stadt).get(f"{bubble}?remote=true")) == 1
    assert len(await anonymous(stadt).get(f"{bubble}?limit=1")) == 1


def _allow(unit: Unit, domain: str) -> None:
    unit.add(DomainAllow(domain=domain, created_at=unit.now))
