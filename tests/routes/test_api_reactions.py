"""Reacting through the client API, in the shapes of Pleroma, Akkoma and glitch-soc, and what leaves for it."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import update

from activitypub.caps import CAPS
from activitypub.models import Actor, CustomEmoji, EmojiReaction, Status, new_id
from activitypub.proofs import read_proof
from activitypub.unit import Unit
from fediverse_kommune.models import Notification, NotificationType
from tests.client import Client, anonymous, app_of, statements
from tests.fediverse import PUBLIC, Person, Remote
from tests.streams import listening
from tests.town import Town

FIRE, THUMB = quote("🔥"), quote("👍")


def path(post: dict[str, Any], name: str = "") -> str:
    return f"/api/v1/pleroma/statuses/{post['id']}/reactions{f'/{name}' if name else ''}"


async def kinds(client: Client, query: str = "") -> list[str]:
    return [row["type"] for row in await client.get(f"/api/v1/notifications{query}")]


def add_emoji(unit: Unit) -> None:
    row = CustomEmoji(id=new_id(unit.now), shortcode="baum", storage_key="b.gif", static_key="b.png", category=None)
    row.created_at = unit.now
    unit.add(row)


async def test_people_react_to_posts(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    post = await anna.write("Guten Tag")
    await stadt.write(add_emoji)

    with subtests.test("the answer is the post, which shows the emoji under all three names"):
        shown = await bert.put(path(post, FIRE))
        assert shown["id"] == post["id"]
        assert shown["pleroma"] == {"emoji_reactions": [{"name": "🔥", "count": 1, "me": True}]}
        assert shown["emoji_reactions"] == shown["reactions"] == shown["pleroma"]["emoji_reactions"]
        assert (shown["favourites_count"], shown["favourited"]) == (0, False)

    with subtests.test("a picture of ours by its name, and a second time nothing changes"):
        picture = {"url": f"{stadt.origin}/media/b.gif", "static_url": f"{stadt.origin}/media/b.png"}
        await bert.put(path(post, ":baum:"))
        await bert.put(path(post, "baum"))
        shown = await anna.put(path(post, FIRE))
        assert shown["reactions"] == [
            {"name": "🔥", "count": 2, "me": True},
            {"name": "baum", "count": 1, "me": False, **picture},
        ]

    with subtests.test("everybody reads who reacted, with one emoji or all"):
        everything = await anonymous(stadt).get(path(post))
        assert [(row["name"], row["count"], row["me"]) for row in everything] == [("🔥", 2, False), ("baum", 1, False)]
        assert [account["acct"] for account in everything[0]["accounts"]] == ["bert", "anna"]
        assert everything[1] | picture == everything[1]
        assert [row["name"] for row in await bert.get(path(post, "baum"))] == ["baum"]
        assert [row["me"] for row in await bert.get(path(post))] == [True, True]
        assert await anonymous(stadt).get(path(post, THUMB)) == []

    with subtests.test("a page costs no more for its emoji, and one statement for a list of them"):
        other = await anna.write("Noch einer")
        with statements(stadt) as plain:
            await bert.get(f"/api/v1/statuses/{other['id']}")
        with statements(stadt) as reacted:
            await bert.get(f"/api/v1/statuses/{post['id']}?x=1")
        assert len(reacted) == len(plain)

    with subtests.test("glitch-soc's addresses do the same, and taking back answers with the post"):
        shown = await anna.post(f"/api/v1/statuses/{post['id']}/react/{THUMB}")
        assert [row["name"] for row in shown["reactions"]] == ["🔥", "baum", "👍"]
        assert (shown["favourites_count"], shown["favourited"]) == (0, False)
        shown = await anna.post(f"/api/v1/statuses/{post['id']}/unreact/{THUMB}")
        assert [row["name"] for row in shown["reactions"]] == ["🔥", "baum"]
        await anna.delete(path(post, FIRE))
        await bert.delete(path(post, "baum"))
        shown = await bert.delete(path(post, FIRE))
        assert (shown["reactions"], shown["pleroma"]) == ([], {"emoji_reactions": []})
        assert (await bert.delete(path(post, FIRE)))["id"] == post["id"]

    with subtests.test("kept answers are right after each of them"):
        for count, act in ((1, bert.put), (0, bert.delete)):
            await act(path(post, FIRE))
            assert len((await bert.get(f"/api/v1/statuses/{post['id']}"))["reactions"]) == count
            assert len((await anna.get("/api/v1/timelines/home"))[1]["reactions"]) == count


async def test_what_is_no_reaction(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    post, other = await anna.write("Guten Tag"), await anna.write("Noch einer")

    with subtests.test("what is no emoji, or below what one may not read"):
        private = await anna.write("Nur für mich", visibility="direct")
        for name in ("a", quote("👍👍"), "baum@nord.example", "wald", "%3Cb%3E"):
            refused = await bert.ask("PUT", path(post, name))
            assert (refused.status, bool(refused.json["error"])) == (422, True)
        assert (await bert.ask("PUT", path(private, FIRE))).status == 404
        assert (await bert.ask("DELETE", path(private, FIRE))).status == 404
        assert (await bert.ask("GET", path(private))).status == 404
        assert (await anonymous(stadt).ask("PUT", path(post, FIRE))).status == 401

    with subtests.test("more different ones than one person may have, and what the author does not want"):
        for number in range(CAPS.reactions_per_actor):
            await bert.put(path(other, quote(chr(0x1F600 + number))))
        assert (await bert.ask("PUT", path(other, FIRE))).status == 422
        for part, asked in (({"automatic": ["author"]}, False), ({"automatic": [], "manual": ["public"]}, True)):
            await stadt.write(allow, int(post["id"]), part)
            refused = await bert.ask("PUT", path(post, FIRE))
            assert (refused.status, "asked" in refused.json["error"]) == (403, asked)


def allow(unit: Unit, status_id: int, part: dict[str, Any]) -> None:
    unit.execute(update(Status).where(Status.id == status_id).values(interaction_policy={"canLike": part}))


async def test_only_apps_that_ask_hear_of_reactions(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    anna, bert, paul = await app_of(stadt, "anna"), await app_of(stadt, "bert"), nachbar.person("paul")
    post = await anna.write("Guten Tag")
    await bert.put(path(post, FIRE))
    await stadt.accept(paul, paul.activity("Like", post["uri"], content="👍"))

    with subtests.test("others get the likes alone"):
        assert await kinds(anna) == ["favourite"]
        assert await kinds(anna, "?exclude_types[]=follow") == ["favourite"]
        assert (await anna.get("/api/v1/notifications/unread_count"))["count"] == 1
        grouped = await anna.get("/api/v2/notifications")
        assert [group["type"] for group in grouped["notification_groups"]] == ["favourite"]

    with subtests.test("who asks for them, or says to know them, gets both"):
        (heard,) = await anna.get("/api/v1/notifications?types[]=pleroma:emoji_reaction")
        assert (heard["emoji"], heard["emoji_url"], heard["account"]["acct"]) == ("🔥", None, "bert")
        assert (heard["status"]["id"], heard["type"]) == (post["id"], "pleroma:emoji_reaction")
        known = "?supported_types[]=pleroma:emoji_reaction"
        assert await kinds(anna, known) == ["favourite", "pleroma:emoji_reaction"]
        assert (await anna.get(f"/api/v1/notifications/{heard['id']}"))["emoji"] == "🔥"

    with subtests.test("what is taken back is not told any more, and one's own never is"):
        await bert.delete(path(post, FIRE))
        await anna.put(path(post, FIRE))
        assert await kinds(anna, "?types[]=pleroma:emoji_reaction") == []
        assert await stadt.count(Notification, Notification.type == NotificationType.EMOJI_REACTION) == 0

    with subtests.test("a stream does not say which kinds it knows, and gets none of these"):
        async with listening(anna, "user:notification") as ear:
            await bert.put(path(post, FIRE))
            await bert.post(f"/api/v1/statuses/{post['id']}/reblog")
            assert (await ear.next()).payload["type"] == "reblog"


async def test_what_leaves_for_a_reaction(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    anna, paul = await app_of(stadt, "anna"), nachbar.person("paul")
    note = paul.note(tag=[], to=[PUBLIC])
    await anna.post(f"/api/v1/accounts/{(await stadt.meet(paul)).id}/follow")
    me = await stadt.read(lambda session: session.get_one(Actor, int(anna.id)).uri)
    await stadt.accept(paul, paul.activity("Accept", {"type": "Follow", "actor": me, "object": paul.uri}))
    await stadt.accept(paul, paul.create(note))
    post = (await anna.get("/api/v1/timelines/home"))[0]
    await stadt.write(add_emoji)

    async def sent(act: Any, name: str) -> dict[str, Any]:
        nachbar.received.clear()
        await act(path(post, name))
        await stadt.rest()
        (item,) = nachbar.received
        return item.activity

    with subtests.test("a Like with the emoji, under both names, to the author, with a proof"):
        like = await sent(anna.put, FIRE)
        row = {name: like[name] for name in ("type", "actor", "object", "content", "_misskey_reaction", "to")}
        assert row == {
            "type": "Like",
            "actor": me,
            "object": note["id"],
            "content": "🔥",
            "_misskey_reaction": "🔥",
            "to": [paul.uri],
        }
        assert read_proof(like) is not None

    with subtests.test("an Undo of the same"):
        undo = await sent(anna.delete, FIRE)
        assert (undo["type"], undo["object"]["id"], undo["object"]["content"]) == ("Undo", like["id"], "🔥")

    with subtests.test("a picture of ours comes along, and one of theirs that stands there already"):
        ours = await sent(anna.put, "baum")
        assert (ours["content"], [tag["name"] for tag in ours["tag"]]) == (":baum:", [":baum:"])
        assert ours["tag"][0]["icon"]["url"] == f"{stadt.origin}/media/b.gif"
        await react_with_fish(stadt, paul, note["id"])
        (fish,) = [row["name"] for row in await anna.get(path(post)) if row["name"].startswith("fisch@")]
        theirs = await sent(anna.put, fish)
        assert (theirs["content"], theirs["tag"][0]["icon"]["url"]) == (":fisch:", f"{nachbar.origin}/fisch.png")
        assert (await anna.get(path(post, fish)))[0]["count"] == 2

    with subtests.test("what stays here leaves for nobody"):
        nachbar.received.clear()
        here = await anna.write("Nur hier", local_only=True)
        await anna.put(path(here, FIRE))
        await stadt.rest()
        assert nachbar.received == []


async def react_with_fish(town: Town, person: Person, uri: str) -> None:
    icon = {"type": "Image", "url": f"{person.server.origin}/fisch.png"}
    fish = {"id": f"{person.server.origin}/emojis/fisch", "type": "Emoji", "name": ":fisch:", "icon": icon}
    await town.accept(person, person.activity("EmojiReact", uri, content=":fisch:", tag=[fish]))


def suspend_at(unit: Unit, actor_id: int, moment: datetime | None) -> None:
    unit.execute(update(Actor).where(Actor.id == actor_id).values(suspended_at=moment))


async def test_the_collection_of_reactions(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    anna, bert, paul = await app_of(stadt, "anna"), await app_of(stadt, "bert"), nachbar.person("paul")
    post = await anna.write("Guten Tag")
    await bert.put(path(post, FIRE))
    react = paul.activity("EmojiReact", post["uri"], content="🎉")
    await stadt.accept(paul, react)
    where = post["uri"].removeprefix(stadt.origin)

    with subtests.test("a post says where it is, and it holds the activities"):
        _, document = await stadt.get(where)
        assert document["emojiReactions"] == f"{post['uri']}/emoji_reactions"
        status, listed = await stadt.get(f"{where}/emoji_reactions")
        assert (status, listed["type"], listed["totalItems"]) == (200, "OrderedCollection", 2)
        ours, theirs = listed["orderedItems"]
        assert (ours["type"], ours["content"], ours["object"]) == ("Like", "🔥", post["uri"])
        assert {name: theirs[name] for name in ("id", "type", "actor", "content")} == {
            name: react[name] for name in ("id", "type", "actor", "content")
        }

    with subtests.test("who reacted hears of an edit, and who is suspended stands in no list"):
        await anna.put(f"/api/v1/statuses/{post['id']}", json={"status": "Guten Abend"})
        await stadt.rest()
        assert [item.activity["type"] for item in nachbar.received] == ["Update"]
        known = await stadt.meet(paul)
        for moment, shown in ((known.created_at, ["🔥"]), (None, ["🔥", "🎉"])):
            await stadt.write(suspend_at, known.id, moment)
            listed = (await stadt.get(f"{where}/emoji_reactions"))[1]["orderedItems"]
            assert [item["content"] for item in listed] == shown
            people = {row["name"]: len(row["accounts"]) for row in await bert.get(path(post))}
            assert people == {"🔥": 1, "🎉": int(moment is None)}

    with subtests.test("for whoever may read the post; of one for followers it says how many"):
        private = await anna.write("Für Bekannte", visibility="private")
        await anna.put(path(private, FIRE))
        hidden = f"{private['uri'].removeprefix(stadt.origin)}/emoji_reactions"
        assert (await stadt.get(hidden))[0] == 404
        await stadt.accept(paul, paul.activity("Follow", post["account"]["uri"]))
        status, counted = await stadt.get(hidden, headers=paul.asking(f"{stadt.origin}{hidden}"))
        assert (status, counted["totalItems"], "orderedItems" in counted) == (200, 1, False)
        assert await stadt.count(EmojiReaction) == 3
