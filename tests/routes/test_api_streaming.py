"""What open streams hear, when they are opened and when they end. https://docs.joinmastodon.org/methods/streaming/"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import delete as remove
from sqlalchemy import select, update

from activitypub.models import Actor, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import AccessToken, List, ListMember, Membership, Standing, User
from fediverse_kommune.services import announcements, teams
from fediverse_kommune.services.announcements import Notice
from fediverse_kommune.services.tokens import digest
from fediverse_kommune.streaming.connection import Ending
from fediverse_kommune.streaming.hub import Audience, Push
from fediverse_kommune.streaming.signals import AccessChanged, StatusWritten
from fediverse_kommune.streaming.streams import Channel
from tests.client import Client, anonymous, app_of
from tests.fediverse import Remote
from tests.pictures import picture
from tests.streams import STREAMING, listening, reading, refused
from tests.town import Town


async def people(stadt: Town, *names: str) -> list[Client]:
    return [await app_of(stadt, name) for name in names]


# ------------------------------------------------------------------------------------------ what is heard


async def test_a_new_post_is_heard_within_a_second(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    await anna.follow(bert)
    waited = []
    async with listening(anna, "user") as ear:
        for number in range(5):
            status = await bert.write(str(number))
            answered_at = time.monotonic()
            assert (await ear.next()).id == status["id"]
            waited.append(time.monotonic() - answered_at)
    # The first one waits for statements to be compiled; others may meet a machine that is busy with something else.
    assert min(waited) < 1, waited


async def test_a_new_post_is_heard_as_it_reads(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    await anna.follow(bert)
    async with listening(anna, "user") as ear:
        status = await bert.write("Guten Tag @carla #Fest")
        event = await ear.next()
    assert (event.stream, event.name) == (["user"], "update")
    assert event.payload == await anna.get(f"/api/v1/statuses/{status['id']}")
    assert event.payload["favourited"] is False


async def test_the_message_has_the_documented_shape(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    async with listening(anna, "hashtag:local", tag="Fest") as ear:
        status = await anna.write("zum #fest")
        message = await ear.raw()
    assert set(message) == {"stream", "event", "payload"}
    assert (message["stream"], message["event"]) == (["hashtag:local", "Fest"], "update")
    assert json.loads(message["payload"])["id"] == status["id"]


async def test_edits_deletes_and_announces_are_heard(stadt: Town) -> None:
    anna, bert, carla = await people(stadt, "anna", "bert", "carla")
    await anna.follow(bert)
    other = await carla.write("von Carla")
    async with listening(anna, "user") as ear:
        status = await bert.write("erst so")
        await bert.put(f"/api/v1/statuses/{status['id']}", json={"status": "dann so"})
        announce = await bert.post(f"/api/v1/statuses/{other['id']}/reblog")
        await bert.post(f"/api/v1/statuses/{other['id']}/unreblog")
        await bert.delete(f"/api/v1/statuses/{status['id']}")
        heard = [await ear.next() for _ in range(5)]
    assert [event.name for event in heard] == ["update", "status.update", "update", "delete", "delete"]
    assert [event.id for event in heard] == [status["id"], status["id"], announce["id"], announce["id"], status["id"]]
    assert heard[1].payload["content"] == "<p>dann so</p>"
    assert heard[2].payload["reblog"]["id"] == other["id"]


async def test_who_has_an_announce_hears_that_the_post_is_gone(stadt: Town) -> None:
    anna, bert, carla = await people(stadt, "anna", "bert", "carla")
    await anna.follow(bert)
    status = await carla.write("von Carla")
    async with listening(anna, "user") as ear:
        announce = await bert.post(f"/api/v1/statuses/{status['id']}/reblog")
        await carla.delete(f"/api/v1/statuses/{status['id']}")
        assert [(await ear.next()).id for _ in range(2)] == [announce["id"], announce["id"]]


async def test_public_streams_hear_what_their_timelines_show(stadt: Town, nachbar: Remote) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    names = ["public", "public:local", "public:remote", "public:media", "public:local:media", "public:remote:media"]
    async with listening(anna) as ear:
        for name in names:
            await ear.say("subscribe", name)
        await ear.say("subscribe", "hashtag", tag="FEST")
        await ear.say("subscribe", "hashtag:local", tag="fest")
        await ear.say("subscribe", "nonsense")
        await ear.raw()
        await bert.write("halblaut #fest", visibility="unlisted")
        await bert.write("leise", visibility="private")
        here = await bert.write("laut #Fest")
        media = await bert.post("/api/v2/media", data={"file": picture("PNG", (4, 4))})
        await bert.write("mit Bild", media_ids=[media["id"]])
        await bert.write("Antwort", in_reply_to_id=(await anna.write("Frage"))["id"])
        note = nachbar.person("emil").note("<p>von drüben</p>")
        await stadt.app.server.resolver.status(note["id"])
        await bert.delete(f"/api/v1/statuses/{here['id']}")
        heard: list[tuple[str, str]] = []
        for _ in range(18):
            event = await ear.next()
            text = event.payload["content"] if event.name == "update" else event.name
            heard.append((_plain(text), event.stream[0]))
    assert sorted(heard) == sorted(
        [("laut #Fest", name) for name in ("public", "public:local", "hashtag", "hashtag:local")]
        + [("mit Bild", name) for name in ("public", "public:local", "public:media", "public:local:media")]
        + [("Frage", name) for name in ("public", "public:local")]
        + [("von drüben", name) for name in ("public", "public:remote")]
        + [("delete", name) for name in ("public", "public:local", "public:media", "public:local:media")]
        + [("delete", name) for name in ("hashtag", "hashtag:local")]
    )


def _plain(html: str) -> str:
    text, inside = "", False
    for letter in html:
        inside = letter == "<" or (inside and letter != ">")
        text += "" if inside or letter == ">" else letter
    return text


async def test_nothing_leaks_into_a_stream(stadt: Town) -> None:
    anna, bert, carla, david = await people(stadt, "anna", "bert", "carla", "david")
    await carla.follow(bert)
    await bert.post(f"/api/v1/accounts/{david.id}/block")
    async with listening(anna, "user") as hers, listening(david, "public") as his, listening(carla, "user") as ear:
        for client, other in ((hers, "public"), (his, "user"), (ear, "public")):
            await client.say("subscribe", other)
            await client.say("subscribe", "nonsense")
            await client.raw()
        secret = await bert.write("für Bekannte", visibility="private")
        direct = await bert.write("@carla nur du", visibility="direct")
        await bert.write("laut")
        for status in (secret, direct):
            await bert.put(f"/api/v1/statuses/{status['id']}", json={"status": "anders @carla"})
            await bert.delete(f"/api/v1/statuses/{status['id']}")
        mine = await david.write("Schluss")
        seen_by_anna = [await hers.next() for _ in range(2)]
        assert [_plain(event.payload["content"]) for event in seen_by_anna] == ["laut", "Schluss"]
        assert {(await his.next()).id for _ in range(2)} == {mine["id"]}
        names = []
        while not names or names[-1] != ("Schluss", "public"):
            event = await ear.next()
            if event.name != "notification":
                names.append((_plain(event.payload["content"]) if event.name != "delete" else "weg", event.stream[0]))
    assert ("für Bekannte", "user") in names
    assert [name for name, _ in names].count("weg") == 2
    assert not any(name == "nur du" for name, _ in names)


async def test_a_viewer_who_lost_access_hears_no_edit(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    await anna.follow(bert)
    status = await bert.write("für Bekannte", visibility="private")
    async with listening(anna, "user") as ear:
        await anna.post(f"/api/v1/accounts/{bert.id}/unfollow")
        await bert.put(f"/api/v1/statuses/{status['id']}", json={"status": "nicht mehr für Anna"})
        mine = await anna.write("Ende")
        assert (await ear.next()).id == mine["id"]


async def test_lists_hear_their_members(stadt: Town) -> None:
    anna, bert, carla = await people(stadt, "anna", "bert", "carla")
    await anna.follow(bert)
    await anna.follow(carla)
    list_id = await _list_of(anna, bert)
    async with listening(anna, "list", list=list_id) as ear:
        await carla.write("nicht dabei")
        status = await bert.write("dabei")
        event = await ear.next()
        assert (event.stream, event.name, event.id) == (["list", list_id], "update", status["id"])
        await bert.put(f"/api/v1/statuses/{status['id']}", json={"status": "anders"})
        assert ((event := await ear.next()).name, event.id) == ("status.update", status["id"])
        await bert.delete(f"/api/v1/statuses/{status['id']}")
        assert ((event := await ear.next()).name, event.id) == ("delete", status["id"])


async def _list_of(owner: Client, member: Client) -> str:
    made = await owner.post("/api/v1/lists", json={"title": "Nachbarn"})
    await owner.post(f"/api/v1/lists/{made['id']}/accounts", json={"account_ids": [member.id]})
    return str(made["id"])


def _make_list(unit: Unit, owner: int, member: int) -> int:
    row = List(id=new_id(unit.now), actor_id=owner, title="Nachbarn", created_at=unit.now)
    unit.add(row)
    unit.flush()
    unit.add(ListMember(id=new_id(unit.now), list_id=row.id, actor_id=member))
    return row.id


async def test_notifications_are_heard_by_those_who_may_read_them(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    deaf = await app_of(stadt, "anna", scopes="read:statuses")
    status = await anna.write("Wer kommt?")
    async with (
        listening(anna, "user") as ear,
        listening(anna, "user:notification") as only,
        listening(deaf, "user") as no,
    ):
        await bert.post(f"/api/v1/statuses/{status['id']}/favourite")
        for one, stream in ((ear, "user"), (only, "user:notification")):
            event = await one.next()
            assert (event.stream, event.name, event.payload["type"]) == ([stream], "notification", "favourite")
            assert event.payload == await anna.get(f"/api/v1/notifications/{event.id}")
        mine = await anna.write("Ende")
        assert (await no.next()).id == mine["id"]


async def test_conversations_are_heard_by_those_who_take_part(stadt: Town) -> None:
    anna, bert, carla = await people(stadt, "anna", "bert", "carla")
    await anna.follow(bert)
    await carla.follow(anna)
    async with (
        listening(anna, "direct") as ear,
        listening(carla, "direct") as stranger,
        listening(bert, "direct") as his,
    ):
        status = await bert.write("@anna nur du", visibility="direct")
        event = await ear.next()
        assert (event.stream, event.name) == (["direct"], "conversation")
        assert (event.payload["unread"], event.payload["last_status"]["id"]) == (True, status["id"])
        assert event.payload == (await anna.get("/api/v1/conversations"))[0]
        assert (await his.next()).payload["unread"] is False
        await anna.write("@carla @bert und du", visibility="direct")
        assert (await stranger.next()).payload["last_status"]["content"].count("und du") == 1


async def test_filters_are_applied_and_their_change_is_heard(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    await anna.follow(bert)
    async with listening(anna, "user") as ear, reading(anna, "/user") as feed:
        for action, word in (("hide", "Fußball"), ("warn", "Wetter")):
            fields = {"title": word, "context": ["home"], "filter_action": action}
            await anna.post("/api/v2/filters", json={**fields, "keywords_attributes": [{"keyword": word}]})
        assert [await ear.raw() for _ in range(2)] == [{"stream": ["user"], "event": "filters_changed"}] * 2
        assert [(await feed.next()).payload for _ in range(2)] == ["undefined"] * 2
        hidden = await bert.write("Fußball!")
        await bert.post(f"/api/v1/statuses/{hidden['id']}/reblog")
        marked = await bert.write("Das Wetter")
        event = await ear.next()
        assert event.id == marked["id"]
        assert [result["filter"]["title"] for result in event.payload["filtered"]] == ["Wetter"]


async def test_whom_one_mutes_one_does_not_hear(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    await anna.follow(bert)
    await anna.post(f"/api/v1/accounts/{bert.id}/mute")
    async with listening(anna, "user") as ear:
        await ear.say("subscribe", "public")
        await ear.say("subscribe", "nonsense")
        await ear.raw()
        await bert.write("stumm @anna")
        mine = await anna.write("Ende")
        assert (await ear.next()).id == mine["id"]


async def test_announcements_are_heard_by_everybody(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    async with listening(anna, "user") as ear:
        row = await stadt.write(announcements.publish, Notice("Das Bürgerbüro ist zu"))
        event = await ear.next()
        assert (event.name, event.id) == ("announcement", str(row.id))
        assert event.payload == (await anna.get("/api/v1/announcements"))[0]
        await bert.put(f"/api/v1/announcements/{row.id}/reactions/👍")
        event = await ear.next()
        assert event.name == "announcement.reaction"
        assert event.payload == {"name": "👍", "count": 1, "announcement_id": str(row.id)}
        await stadt.write(announcements.remove, row.id)
        event = await ear.next()
        assert (event.name, event.payload) == ("announcement.delete", str(row.id))


# --------------------------------------------------------------------------------- opening and subscribing


async def test_a_token_is_taken_from_the_header_the_query_and_the_protocol(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    nobody, host = anonymous(stadt), {"Host": f"{stadt.host}:{stadt.port}"}
    async with listening(nobody, "user", access_token=anna.token or "") as ear:
        status = await anna.write()
        assert (await ear.next()).id == status["id"]
    url = f"{stadt.address}{STREAMING}?stream=user"
    async with stadt.http.ws_connect(url, headers=host, protocols=[anna.token or ""]) as socket:
        assert socket.protocol == anna.token, "a browser hangs up unless it is told which one was taken"


async def test_no_token_a_wrong_one_and_one_without_the_scope_open_nothing(stadt: Town) -> None:
    nobody = anonymous(stadt)
    assert await refused(nobody, "stream=public") == 401
    assert await refused(nobody, "stream=public&access_token=falsch") == 401
    assert await refused(Client(stadt, "falsch"), "stream=user") == 401
    writer = await app_of(stadt, "anna", scopes="write follow push profile read:accounts")
    assert await refused(writer, "stream=user") == 401
    for path in ("/user", "/user/notification", "/public", "/list?list=1", "/direct", "/hashtag?tag=a"):
        assert (await writer.ask("GET", STREAMING + path)).status == 401
        assert (await nobody.ask("GET", STREAMING + path)).status == 401


async def test_scopes_are_checked_per_stream(stadt: Town) -> None:
    app = await app_of(stadt, "anna", scopes="read:notifications")
    async with listening(app, "user") as ear:
        error = {"error": "Access token does not have the required scopes", "status": 401}
        assert await ear.raw() == error
        for name in ("public", "direct", "list", "hashtag"):
            await ear.say("subscribe", name, tag="a", list="1")
            assert (await ear.raw())["status"] in {401, 404}
        await ear.say("subscribe", "user:notification")
    assert (await app.ask("GET", STREAMING + "/user")).status == 401


async def test_subscribing_and_unsubscribing(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    async with listening(anna) as ear:
        await ear.say("subscribe", "hashtag", tag="eins")
        await ear.say("subscribe", "hashtag", tag="zwei")
        await ear.say("subscribe", "hashtag", tag="zwei")
        await ear.say("unsubscribe", "hashtag", tag="eins")
        await ear.say("unsubscribe", "hashtag", tag="nie gehört")
        await ear.say("subscribe", "nonsense")
        assert await ear.raw() == {"error": "Unknown stream type", "status": 400}
        await anna.write("#eins")
        status = await anna.write("#zwei")
        event = await ear.next()
        assert (event.stream, event.id) == (["hashtag", "zwei"], status["id"])
        last = await anna.write("noch einmal #zwei")
        assert (await ear.next()).id == last["id"], "subscribed twice, heard once"


async def test_what_cannot_be_subscribed_to_is_refused_inside_the_stream(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    hers = await stadt.write(_make_list, int(anna.id), int(bert.id))
    async with listening(bert, "list", list=str(hers)) as ear:
        assert await ear.raw() == {"error": "Record not found", "status": 404}
        for said, answer in (
            ({"stream": "hashtag"}, {"error": "Missing tag name parameter", "status": 400}),
            ({"stream": "list"}, {"error": "Missing list name parameter", "status": 400}),
            ({"stream": "list", "list": "1' OR '1'='1"}, {"error": "Record not found", "status": 404}),
            ({"stream": "list", "list": "9" * 60}, {"error": "Record not found", "status": 404}),
            ({}, {"error": "Unknown stream type", "status": 400}),
        ):
            await ear.socket.send_json({"type": "subscribe", **said})
            assert await ear.raw() == answer
        for nonsense in ("", "[]", "{", '"a"', '{"type": "dance"}', '{"type": {"a": 1}}', "{" * 500):
            await ear.socket.send_str(nonsense)
        await ear.say("subscribe", "public")
        status = await anna.write()
        assert (await ear.next()).id == status["id"]


async def test_whoever_talks_too_much_or_in_bytes_is_hung_up_on(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    async with listening(anna) as ear:
        for _ in range(100):
            await ear.say("unsubscribe", "public")
        assert await ear.closed() == 1008
    async with listening(anna) as ear:
        await ear.socket.send_bytes(b"\x00")
        assert await ear.closed() == 1008
    async with listening(anna) as ear:
        await ear.socket.send_str("x" * 10_000)
        assert await ear.closed() == 1009
    assert len(stadt.app.server.hub) == 0


async def test_over_plain_http_there_is_only_the_host_to_ask_for(stadt: Town) -> None:
    nobody = anonymous(stadt)
    assert (await nobody.ask("GET", STREAMING)).status == 404
    health = await nobody.ask("GET", f"{STREAMING}/health")
    assert (health.status, health.text) == (200, "OK")
    unknown = await nobody.ask("GET", f"{STREAMING}/public/nothing")
    assert (unknown.status, unknown.json) == (400, {"error": "Unknown channel requested"})
    instance = await nobody.get("/api/v2/instance")
    assert instance["configuration"]["urls"]["streaming"] == f"ws://{stadt.host}:{stadt.port}"


# ----------------------------------------------------------------------------------- server-sent events


async def test_every_path_of_server_sent_events(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    await anna.follow(bert)
    paths = (
        "/user",
        "/public",
        "/public?only_media=false",
        "/public/local",
        "/hashtag?tag=Fest",
        "/hashtag/local?tag=fest",
    )
    for path in paths:
        async with reading(anna, path) as feed:
            status = await bert.write("#fest")
            event = await feed.next()
            assert (event.name, event.id) == ("update", status["id"]), path
            assert event.payload == await anna.get(f"/api/v1/statuses/{status['id']}")


async def test_a_path_can_be_narrowed_to_posts_with_files(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    async with reading(anna, "/public/local?only_media=true") as feed:
        await anna.write("ohne")
        media = await anna.post("/api/v2/media", data={"file": picture("PNG", (4, 4))})
        status = await anna.write("mit", media_ids=[media["id"]])
        assert (await feed.next()).id == status["id"]


async def test_a_path_without_its_argument_is_refused(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    hers = await stadt.write(_make_list, int(anna.id), int(bert.id))
    assert (await bert.ask("GET", f"{STREAMING}/list?list={hers}")).status == 404
    assert (await bert.ask("GET", f"{STREAMING}/list")).status == 400
    assert (await bert.ask("GET", f"{STREAMING}/hashtag")).status == 400
    async with reading(anna, f"/list?list={hers}"), reading(anna, "/direct"), reading(anna, "/public/remote"):
        assert len(stadt.app.server.hub) == 3
    async with asyncio.timeout(5):
        while len(stadt.app.server.hub):
            await asyncio.sleep(0.005)


# ---------------------------------------------------------------------------------------- how streams end


def _revoke(unit: Unit, token: str) -> None:
    unit.execute(remove(AccessToken).where(AccessToken.token_hash == digest(token)))


def _disable(unit: Unit, actor_id: int) -> None:
    unit.execute(update(User).where(User.actor_id == actor_id).values(disabled_at=unit.now))


def _suspend(unit: Unit, actor_id: int) -> None:
    unit.get_one(Actor, actor_id).suspended_at = unit.now


def _narrow(unit: Unit, token: str) -> None:
    unit.execute(update(AccessToken).where(AccessToken.token_hash == digest(token)).values(scopes="write"))


async def test_mp28_what_no_longer_holds_ends_within_five_seconds_though_nobody_rings(
    stadt: Town, subtests: pytest.Subtests
) -> None:
    (bert,) = await people(stadt, "bert")
    async with AsyncExitStack() as streams:
        other = await streams.enter_async_context(listening(bert, "user"))
        clients = await people(stadt, "revoked", "disabled", "suspended", "narrowed")
        ears = [await streams.enter_async_context(listening(client, "user")) for client in clients]
        feeds = [await streams.enter_async_context(reading(client, "/user")) for client in clients]
        revoked, disabled, suspended, narrowed = clients
        lost = time.monotonic()
        await stadt.write(_revoke, revoked.token or "")
        await stadt.write(_disable, int(disabled.id))
        await stadt.write(_suspend, int(suspended.id))
        await stadt.write(_narrow, narrowed.token or "")
        for client, ear, feed in zip(clients, ears, feeds, strict=True):
            with subtests.test(loss=client.username):
                assert await ear.closed(seconds=lost + 5 - time.monotonic()) == 1008
                await feed.ended(seconds=1)
        status = await bert.write("weiter")
        assert (await other.next()).id == status["id"]


async def test_mp28_a_revoked_token_ends_its_streams_at_once(stadt: Town) -> None:
    stadt.app.server.hub._check_seconds = 3600
    application = await anonymous(stadt).post(
        "/api/v1/apps", json={"client_name": "a", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read"}
    )
    anna = await app_of(stadt, "anna", scopes="read")
    await _until_checked(stadt, anna)

    def adopt(unit: Unit) -> None:
        mine = AccessToken.token_hash == digest(anna.token or "")
        unit.execute(update(AccessToken).where(mine).values(application_id=int(application["id"])))

    await stadt.write(adopt)
    async with listening(anna, "user") as ear:
        client = {name: application[name] for name in ("client_id", "client_secret")}
        await anna.post("/oauth/revoke", data={**client, "token": anna.token})
        assert await ear.closed(seconds=1) == 1008


async def _until_checked(stadt: Town, client: Client) -> None:
    """Let the hub finish the pause it is in, so that the next one is as long as it was told."""
    stadt.app.server.hub.look_again()
    await asyncio.sleep(0)
    await client.get("/api/v1/timelines/home")


async def test_mp28_who_leaves_a_team_hears_nothing_more_of_it(stadt: Town) -> None:
    anna, club = await people(stadt, "anna", "verein")
    stadt.app.server.hub._check_seconds = 3600
    await _until_checked(stadt, anna)

    def let_in(unit: Unit) -> tuple[int, int]:
        user_id = unit.scalars(select(User.id).where(User.actor_id == int(anna.id))).one()
        teams.join(unit, user_id, int(club.id), Standing.EDITOR)
        mine = AccessToken.token_hash == digest(anna.token or "")
        unit.execute(update(AccessToken).where(mine).values(actor_id=int(club.id)))
        owner = select(Membership.user_id).where(Membership.actor_id == int(club.id), Membership.user_id != user_id)
        return user_id, unit.scalars(owner).one()

    user_id, owner_id = await stadt.write(let_in)
    async with listening(anna, "user") as ear:
        status = await club.write("vom Verein")
        assert (await ear.next()).id == status["id"]
        await stadt.write(teams.set_member, owner_id, int(club.id), user_id, Standing.VIEWER)
        assert await ear.closed(seconds=1) == 1008
    async with listening(anna, "user") as ear:
        await stadt.write(teams.remove_member, owner_id, int(club.id), user_id)
        assert await ear.closed(seconds=1) == 1008
    assert await refused(anna, "stream=user") == 401


async def test_who_takes_nothing_is_dropped_and_nobody_waits_for_them(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    hub, token = stadt.app.server.hub, anna.token
    reader, writer = await asyncio.open_connection("127.0.0.1", stadt.port, limit=64)
    writer.write(
        f"GET {STREAMING}?stream=public&access_token={token} HTTP/1.1\r\nHost: {stadt.host}:{stadt.port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert b"101" in await reader.readline()
    async with listening(bert, "public") as ear:
        assert len(hub) == 2
        # Large messages, made without the database: what fills the pipe is how much is said, not what.
        hub._assemble = _shout
        heard = 0
        while len(hub) == 2 and heard < 2_000:
            hub.receive(AccessChanged())
            assert (await ear.next()).name == "update"
            heard += 1
        assert len(hub) == 1
    writer.close()


def _shout(_session: Any, audience: Audience, signals: Sequence[Any]) -> list[Push]:
    public = Channel("public")
    return [Push(public, audience.of(public), "update", "x" * 100_000) for _ in signals]


async def test_a_token_opens_sixteen_streams_and_no_more(stadt: Town) -> None:
    anna, bert = await people(stadt, "anna", "bert")
    ears = [listening(anna, "user") for _ in range(16)]
    for ear in ears:
        await ear.__aenter__()
    try:
        assert await refused(anna, "stream=user") == 429
        busy = await anna.ask("GET", f"{STREAMING}/user")
        assert (busy.status, "Retry-After" in busy.headers) == (429, True)
        async with listening(bert, "user") as other:
            status = await bert.write()
            assert (await other.next()).id == status["id"]
    finally:
        await asyncio.gather(*(ear.__aexit__(None, None, None) for ear in ears))


async def test_a_server_that_stops_says_goodbye_and_does_not_wait(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    async with listening(anna, "user") as ear, reading(anna, "/user") as feed:
        stadt.app.server.hub.end_all(Ending.STOPPING)
        assert await ear.closed(seconds=1) == 1001
        await feed.ended(seconds=1)
    async with listening(anna, "user") as late:
        assert await late.closed(seconds=1) == 1001


async def test_after_a_gap_all_streams_begin_anew(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    async with listening(anna, "user") as ear:
        hub = stadt.app.server.hub
        status = await anna.write()
        await ear.next()

        def fail(*_: Any) -> Any:
            raise RuntimeError("nobody expected this")

        hub._assemble = fail
        hub.receive(StatusWritten(int(status["id"])))
        assert await ear.closed(seconds=1) == 1012
