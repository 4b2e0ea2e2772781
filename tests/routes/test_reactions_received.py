"""Reactions that arrive: taken and counted, taken back by whatever names them, refused to whom they are not open."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.caps import CAPS
from activitypub.graph.domains import impose
from activitypub.graph.moderation import purge
from activitypub.graph.reaction_counts import count_reactions
from activitypub.models import (
    Actor,
    Block,
    CustomEmoji,
    DomainBlock,
    EmojiReaction,
    InteractionRequest,
    Like,
    Severity,
    Status,
    new_id,
)
from activitypub.unit import Unit
from activitypub.uris import host_of
from activitypub.vocabulary import Visibility
from inbox.models import InboxItem
from tests import acts
from tests.client import app_of
from tests.clubs import club_of, joins, uri_of
from tests.fediverse import PUBLIC, Person, Remote
from tests.town import Town

Post = Callable[..., Awaitable[Status]]
FACES = ("😀", "😁", "😂", "😃", "😄", "😅", "😆", "😇", "😈", "😉")


def picture(server: Remote, shortcode: str, url: str | None = None) -> dict[str, Any]:
    icon = {"type": "Image", "url": url or f"{server.origin}/{shortcode}.png"}
    return {"id": f"{server.origin}/emojis/{shortcode}", "type": "Emoji", "name": f":{shortcode}:", "icon": icon}


async def below(town: Town, post: Status) -> dict[str, int]:
    """Return how many there are of each emoji, and of likes if there are any, after counting the rows as well."""

    def read(session: Session) -> tuple[Status, list[str]]:
        rows = session.scalars(select(EmojiReaction.name).where(EmojiReaction.status_id == post.id)).all()
        return session.get_one(Status, post.id), list(rows)

    status, rows = await town.read(read)
    counted = {entry["name"]: entry["count"] for entry in status.reactions}
    assert counted == {name: rows.count(name) for name in rows}
    return counted | ({"likes": status.likes_count} if status.likes_count else {})


async def people(town: Town, server: Remote) -> tuple[Post, Person, Person]:
    """Return how anna posts, and two people of another server."""
    anna = await town.resident("anna")

    async def post(**text: Any) -> Status:
        return await town.write(acts.write, anna, **text)

    return post, server.person("paul"), server.person("maja")


async def test_reactions_come_and_go(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    post, paul, maja = await people(stadt, nachbar)

    with subtests.test("each emoji of each actor once, whatever type says it, and again under another id"):
        here = await post()
        first = paul.activity("EmojiReact", here.uri, content="🔥")
        for activity in (first, maja.activity("Like", here.uri, content="🔥", _misskey_reaction="🔥")):
            await stadt.accept((activity["actor"] == paul.uri and paul) or maja, activity)
        await stadt.accept(paul, paul.activity("EmojiReact", here.uri, content="😢"))
        again = paul.activity("Like", here.uri, content="🔥")
        await stadt.accept(paul, again)
        assert await below(stadt, here) == {"🔥": 2, "😢": 1}
        assert await stadt.count(EmojiReaction, EmojiReaction.uri == again["id"]) == 1

    with subtests.test("an Undo by id, embedded, by the last id, and by actor, object and emoji"):
        await stadt.accept(paul, paul.activity("Undo", again["id"]))
        assert await below(stadt, here) == {"😢": 1, "🔥": 1}
        await stadt.accept(paul, paul.activity("Undo", paul.activity("EmojiReact", here.uri, content="😢")))
        assert await below(stadt, here) == {"🔥": 1}
        other = maja.activity("Like", here.uri, content="🙈")
        await stadt.accept(maja, maja.activity("Undo", other))
        assert await below(stadt, here) == {"🔥": 1}
        await stadt.accept(maja, other)  # the Undo overtook it
        assert await below(stadt, here) == {"🔥": 1}
        await stadt.accept(maja, maja.activity("Undo", maja.activity("EmojiReact", here.uri)))
        assert await below(stadt, here) == {}


async def test_what_counts_as_a_like_as_well(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    post, paul, maja = await people(stadt, nachbar)

    with subtests.test("a thumb or a heart from elsewhere is a like as well, until both are gone"):
        here = await post()
        thumb, heart = (maja.activity("Like", here.uri, content=name) for name in ("👍", "❤"))
        await stadt.accept(maja, thumb)
        await stadt.accept(maja, heart)
        assert await below(stadt, here) == {"👍": 1, "❤️": 1, "likes": 1}
        await stadt.accept(maja, maja.activity("Undo", thumb["id"]))
        assert await below(stadt, here) == {"❤️": 1, "likes": 1}
        renamed = maja.activity("Like", here.uri, content="❤️")
        await stadt.accept(maja, renamed)
        assert await stadt.count(Like, Like.uri == renamed["id"]) == 1
        await stadt.accept(maja, maja.activity("Undo", renamed))
        assert await below(stadt, here) == {}

    with subtests.test("a like of its own stays, and only an Undo of that ends it"):
        here = await post()
        plain, thumb = paul.activity("Like", here.uri), paul.activity("EmojiReact", here.uri, content="👍")
        await stadt.accept(paul, plain)
        await stadt.accept(paul, thumb)
        await stadt.accept(paul, paul.activity("Undo", thumb))
        assert await below(stadt, here) == {"likes": 1}
        await stadt.accept(paul, paul.activity("Undo", paul.activity("Like", here.uri, content="🦔")))
        assert await below(stadt, here) == {"likes": 1}
        await stadt.accept(paul, paul.activity("Undo", paul.activity("Like", here.uri)))
        assert await below(stadt, here) == {}

    with subtests.test("what is no emoji is a plain like, or nothing"):
        here = await post()
        for text in ("Schön!", "👍👍", "<b>👍</b>", ":ohne_bild:", "x" * 500):
            await stadt.accept(paul, paul.activity("EmojiReact", here.uri, content=text))
        assert await below(stadt, here) == {}
        await stadt.until(InboxItem, InboxItem.last_error == "reacts with something that is no emoji", count=5)
        await stadt.accept(paul, paul.activity("Like", here.uri, content="<b>Schön!</b>"))
        assert await below(stadt, here) == {"likes": 1}


async def test_pictures_have_a_server_and_actors_a_limit(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    post, paul, maja = await people(stadt, nachbar)

    with subtests.test("pictures of their server and of ours"):
        here = await post()
        emoji = CustomEmoji(id=new_id(here.published_at), shortcode="baum", storage_key="b.png", static_key="b.png")
        emoji.category, emoji.created_at = None, here.published_at
        await stadt.write(lambda unit: unit.add(emoji))
        ours = {**picture(nachbar, "baum"), "id": f"{stadt.origin}/media/b.png"}
        ours["icon"] = {"type": "Image", "url": ours["id"]}
        await stadt.accept(paul, paul.activity("EmojiReact", here.uri, content=":baum:", tag=[ours]))
        unknown = {**ours, "name": ":wald:"}
        await stadt.accept(paul, paul.activity("EmojiReact", here.uri, content=":wald:", tag=[unknown]))
        fish = paul.activity("EmojiReact", here.uri, content=":fisch:", tag=[picture(nachbar, "fisch")])
        await stadt.accept(paul, fish)
        assert await below(stadt, here) == {"baum": 1, f"fisch@{host_of(nachbar.origin)}": 1}
        shown = (await stadt.read(lambda session: session.get_one(Status, here.id))).reactions
        assert [each["url"] for each in shown] == [f"{stadt.origin}/media/b.png", f"{nachbar.origin}/fisch.png"]
        # The picture need not come along to be taken back.
        await stadt.accept(paul, paul.activity("Undo", paul.activity("EmojiReact", here.uri, content=":fisch:")))
        assert await below(stadt, here) == {"baum": 1}

    with subtests.test("an actor has room for some different ones, and an id stands for one of them"):
        here = await post()
        for face in FACES:
            await stadt.accept(maja, maja.activity("EmojiReact", here.uri, content=face))
        assert len(await below(stadt, here)) == CAPS.reactions_per_actor

    with subtests.test("a post has room for some different ones, and for more of those"):
        here = await post()
        await stadt.write(fill_up, here.id)
        for name in ("🎈", FACES[0]):
            await stadt.accept(paul, paul.activity("EmojiReact", here.uri, content=name))
        counted = await below(stadt, here)
        assert (len(counted), counted[FACES[0]]) == (CAPS.reactions_per_status, 2)

    with subtests.test("no picture of a server whose files are not wanted"):
        here = await post()
        fish = {"content": ":fisch:", "tag": [picture(nachbar, "fisch")]}
        await stadt.accept(paul, paul.activity("EmojiReact", here.uri, **fish))
        await stadt.accept(paul, paul.activity("EmojiReact", here.uri, content="🔥"))
        await stadt.write(refuse_files, nachbar.host)
        assert await below(stadt, here) == {"🔥": 1}
        await stadt.accept(paul, paul.activity("EmojiReact", here.uri, **fish))
        assert await below(stadt, here) == {"🔥": 1}
        await stadt.accept(paul, paul.activity("Like", here.uri, **fish))
        assert await below(stadt, here) == {"🔥": 1, "likes": 1}


def fill_up(unit: Unit, status_id: int) -> None:
    """Let an actor put as many different emoji below a post as there is room for of all."""
    actor_id = unit.get_one(Status, status_id).actor_id
    for number in range(CAPS.reactions_per_status):
        row_id = new_id(unit.now)
        row = EmojiReaction(id=row_id, uri=f"https://nord.example/{row_id}", kind="Like", name=chr(0x1F600 + number))
        row.actor_id, row.status_id, row.created_at = actor_id, status_id, unit.now
        unit.add(row)
    unit.flush()
    count_reactions(unit, [status_id])


def refuse_files(unit: Unit, host: str) -> None:
    block = DomainBlock(id=new_id(unit.now), domain=host, severity=Severity.NOOP, reject_media=True)
    block.created_at = unit.now
    unit.add(block)
    unit.flush()
    impose(unit, block)


async def test_who_may_react_and_how_long_that_stays(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    post, paul, maja = await people(stadt, nachbar)

    with subtests.test("who is blocked, or may not read the post, reacts to nothing"):
        private, here = await post(visibility=Visibility.PRIVATE), await post()
        await stadt.accept(paul, paul.activity("EmojiReact", private.uri, content="🔥"))
        assert await below(stadt, private) == {}
        author = await stadt.read(lambda session: session.get_one(Actor, here.actor_id))
        await stadt.write(acts.block, author, await stadt.meet(maja))
        await stadt.accept(maja, maja.activity("EmojiReact", here.uri, content="🔥"))
        assert await below(stadt, here) == {}
        await stadt.write(lambda unit: [unit.delete(row) for row in unit.scalars(select(Block))])

    with subtests.test("the policy of a post: nobody, and on request, which asks for a like"):
        for part, expected in ({"automatic": ["author"]}, 0), ({"automatic": [], "manual": ["public"]}, 1):
            here = await post()
            await stadt.write(allow, here.id, part)
            await stadt.accept(paul, paul.activity("EmojiReact", here.uri, content="🔥"))
            assert await below(stadt, here) == {}
            assert await stadt.count(InteractionRequest, InteractionRequest.status_id == here.id) == expected

    with subtests.test("with its actor a reaction goes, whoever removes that, and with its status"):
        here = await post()
        await stadt.accept(paul, paul.activity("EmojiReact", here.uri, content="🔥"))
        await stadt.accept(maja, maja.activity("EmojiReact", here.uri, content="🔥"))
        await stadt.accept(maja, maja.activity("Delete", maja.uri))
        assert await below(stadt, here) == {"🔥": 1}
        known = await stadt.known(paul)
        assert known is not None
        await stadt.write(lambda unit: purge(unit, unit.get_one(Actor, known.id)))
        assert await below(stadt, here) == {}
        await stadt.write(acts.delete, here.uri)
        assert await stadt.count(EmojiReaction, EmojiReaction.status_id == here.id) == 0


def allow(unit: Unit, status_id: int, part: dict[str, Any]) -> None:
    unit.execute(update(Status).where(Status.id == status_id).values(interaction_policy={"canLike": part}))


async def test_a_group_passes_reactions_on_and_tells_of_those_elsewhere(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    club, anna = await club_of(stadt), await app_of(stadt, "anna")
    group, paul = await uri_of(stadt, club), nachbar.person("paul")
    await anna.follow(club)
    await joins(stadt, paul, group)
    post = await anna.post("/api/v1/statuses", json={"status": "@verein Wer kommt?"})
    await stadt.rest()

    async def passed_on(activity: dict[str, Any], sender: Person = paul) -> list[Any]:
        nachbar.received.clear()
        await stadt.accept(sender, activity)
        await stadt.rest()
        return [item.activity["object"] for item in nachbar.received if item.activity["type"] == "Announce"]

    with subtests.test("as they came, and their end as well"):
        reaction = paul.activity("EmojiReact", post["uri"], content="🎉")
        assert await passed_on(reaction) == [reaction]
        undo = paul.activity("Undo", reaction)
        assert await passed_on(undo) == [undo]

    with subtests.test("a community elsewhere announces a reaction of its server, and its end"):
        lemmy = nachbar.person("gemeinde", kind="Group")
        note = paul.note(audience=lemmy.uri, cc=[lemmy.uri])
        await anna.post(f"/api/v1/accounts/{(await stadt.meet(lemmy)).id}/follow")
        asked = {"type": "Follow", "actor": await uri_of(stadt, anna), "object": lemmy.uri}
        await stadt.accept(lemmy, lemmy.activity("Accept", asked))
        await stadt.accept(lemmy, lemmy.activity("Announce", paul.create(note), to=[PUBLIC]))
        status = await stadt.read(lambda session: session.scalars(select(Status).where(Status.uri == note["id"])).one())
        maja = nachbar.person("maja")
        await stadt.meet(maja)
        reaction = maja.activity("EmojiReact", note["id"], content="🎉")
        await stadt.accept(lemmy, lemmy.activity("Announce", maja.activity("EmojiReact", note["id"], content="nichts")))
        await stadt.accept(lemmy, lemmy.activity("Announce", reaction))
        # An id stands for one thing.
        await stadt.accept(lemmy, lemmy.activity("Announce", {**reaction, "content": "🔥"}))
        assert await below(stadt, status) == {"🎉": 1}
        await stadt.until(InboxItem, InboxItem.done_at.is_(None), count=0)
        await stadt.accept(lemmy, lemmy.activity("Announce", maja.activity("Undo", reaction)))
        assert await below(stadt, status) == {}
