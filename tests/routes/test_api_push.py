"""Web push: subscribing, and what arrives at the push service, read as a device reads it."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from mastodon import Mastodon
from sqlalchemy import update

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.models import Notification, PushMessage, PushSubscription, User
from fediverse_kommune.push.alphabets import encode
from tests.client import Client, app_of
from tests.push_service import PushService, Subscriber, push_service
from tests.town import Town

PATH = "/api/v1/push/subscription"


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as running:
        yield running


def wish(service: PushService, subscriber: Subscriber, *alerts: str, standard: bool = True, **data: Any) -> Any:
    subscription = {"endpoint": service.endpoint(), "keys": subscriber.keys(), "standard": standard}
    return {"subscription": subscription, "data": {"alerts": dict.fromkeys(alerts, True), **data}}


async def several(stadt: Town, *names: str) -> list[Client]:
    return [await app_of(stadt, name) for name in names]


async def at_rest(stadt: Town) -> None:
    await stadt.until(PushMessage, count=0)


def make_due(unit: Unit) -> None:
    unit.execute(update(PushMessage).values(next_attempt_at=unit.now))


# ----------------------------------------------------------------------------------------------------- subscribing


async def test_a_subscription_from_its_beginning_to_its_end(stadt: Town, service: PushService) -> None:
    anna, subscriber = await app_of(stadt, "anna"), Subscriber()
    for method in ("GET", "PUT"):
        assert (await anna.ask(method, PATH)).status == 404
    made = await anna.post(PATH, json=wish(service, subscriber, "mention", "poll", policy="followed"))
    alerts = {kind: value for kind, value in made["alerts"].items() if value}
    assert (made["endpoint"], made["standard"], made["policy"]) == (service.endpoint(), True, "followed")
    assert alerts == {"mention": True, "poll": True}
    assert made["server_key"] == (await anna.get("/api/v2/instance"))["configuration"]["vapid"]["public_key"]
    assert await anna.get(PATH) == made
    changed = await anna.put(PATH, data={"data[alerts][admin.sign_up]": "true", "policy": "all"})
    assert [kind for kind, value in changed["alerts"].items() if value] == ["admin.sign_up"]
    assert (changed["policy"], changed["id"]) == ("all", made["id"])
    again = await anna.post(PATH, json=wish(service, subscriber, standard=False))
    assert (again["standard"], again["policy"], set(again["alerts"].values())) == (False, "all", {False})
    assert await stadt.count(PushSubscription) == 1
    assert await anna.delete(PATH) == {}
    assert (await anna.ask("GET", PATH)).status == 404
    assert await anna.delete(PATH) == {}


async def test_each_token_has_its_own(stadt: Town, service: PushService) -> None:
    phone, tablet = await app_of(stadt, "anna"), await app_of(stadt, "anna")
    await phone.post(PATH, json=wish(service, Subscriber(), "mention"))
    assert (await tablet.ask("GET", PATH)).status == 404
    await tablet.post(PATH, json=wish(service, Subscriber(), "poll"))
    assert (await phone.get(PATH))["alerts"]["mention"]
    assert await stadt.count(PushSubscription) == 2


async def test_keys_in_either_alphabet(stadt: Town, service: PushService) -> None:
    anna, subscriber = await app_of(stadt, "anna"), Subscriber(auth=b"\xfb\xff\xfe" * 5 + b"\xff")
    for point, auth in (
        (encode(subscriber.point), encode(subscriber.auth)),
        (encode(subscriber.point, padded=True), encode(subscriber.auth, padded=True)),
        (b64encode(subscriber.point).decode(), b64encode(subscriber.auth).decode()),
        # What a form makes of a plus that nobody escaped.
        (b64encode(subscriber.point).decode().replace("+", " "), b64encode(subscriber.auth).decode()),
    ):
        fields = {
            "subscription[endpoint]": service.endpoint(),
            "subscription[keys][p256dh]": point,
            "subscription[keys][auth]": auth,
        }
        await anna.post(PATH, data=fields)
        row = await stadt.read(lambda session: session.query(PushSubscription).one())
        assert (row.p256dh, row.auth) == (encode(subscriber.point), encode(subscriber.auth))


async def test_what_is_no_subscription(stadt: Town, service: PushService, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for path, value in [
        (("subscription", "endpoint"), ""),
        (("subscription", "endpoint"), "javascript:alert(1)"),
        (("subscription", "endpoint"), "http://push.test:80@elsewhere.test/"),
        (("subscription", "keys"), {}),
        (("subscription", "keys", "p256dh"), "AAAA"),
        (("subscription", "keys", "p256dh"), encode(b"\x04" + b"\x01" * 64)),  # on no curve
        (("subscription", "keys", "p256dh"), "$" * 87),
        (("subscription", "keys", "auth"), encode(b"short")),
        (("data", "policy"), "some"),
        (("data", "alerts", "mention"), "perhaps"),
    ]:
        with subtests.test(path=path, value=value):
            body: Any = wish(service, Subscriber(), "mention")
            place = body
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = value
            reply = await anna.ask("POST", PATH, json=body)
            assert reply.status == 422, reply.text
            assert reply.json["error"]
            assert await stadt.count(PushSubscription) == 0


async def test_only_with_the_scope(stadt: Town) -> None:
    anna = await app_of(stadt, "anna", scopes="read write follow")
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert (await anna.ask(method, PATH)).status == 403


# --------------------------------------------------------------------------------------------------------- arriving


@pytest.mark.parametrize("standard", [True, False])
async def test_a_message_that_only_the_device_can_read(stadt: Town, service: PushService, standard: bool) -> None:
    (anna, bert), subscriber = await several(stadt, "anna", "bert"), Subscriber()
    made = await anna.post(PATH, json=wish(service, subscriber, "mention", "follow", standard=standard))
    await bert.write("@anna Kommst du zum <Fest>?")
    (message,) = await service.until(1)
    (told,) = await anna.get("/api/v1/notifications")
    assert message.read(subscriber) == {
        "access_token": "",
        "preferred_locale": "de",
        "notification_id": int(told["id"]),
        "notification_type": "mention",
        "icon": told["account"]["avatar_static"],
        "title": "Bert hat Sie erwähnt",
        "body": "@anna Kommst du zum <Fest>?",
    }
    claims = message.introduces(made["server_key"])
    assert claims["aud"] == f"http://{service.host}:{service.port}"
    assert claims["sub"] == stadt.origin
    seconds = claims["exp"] - stadt.app.server.clock().timestamp()
    assert 0 < seconds <= 24 * 3600
    assert message.headers["Content-Encoding"] == ("aes128gcm" if standard else "aesgcm")
    assert (message.headers["TTL"], message.headers["Urgency"]) == ("172800", "normal")
    assert len(message.body) <= 4096
    await at_rest(stadt)
    # Another device cannot read it, nor anybody with a copy of the database.
    with pytest.raises(Exception, match=r"(?i)decrypt|tag|"):
        message.read(Subscriber())
    assert anna.token not in str(await stadt.state())


async def test_mastodon_py_reads_both_encodings(stadt: Town, service: PushService) -> None:
    (anna, bert) = await several(stadt, "anna", "bert")
    keys: list[Any] = []

    def subscribe() -> None:
        client: Any = Mastodon(api_base_url=stadt.address, access_token=anna.token, request_timeout=30)
        private, public = client.push_subscription_generate_keys()
        keys.append(private)
        made = client.push_subscription_set(
            service.endpoint(), public, mention_events=True, policy="all", standard=False
        )
        assert client.push_subscription().id == made.id
        assert client.push_subscription_update(mention_events=True, poll_events=True).alerts.poll

    await asyncio.to_thread(subscribe)
    await bert.write("@anna Hallo")
    (message,) = await service.until(1)
    client: Any = Mastodon(api_base_url=stadt.address, access_token=anna.token)
    read = client.push_subscription_decrypt_push(
        message.body, keys[0], message.headers["Encryption"], message.headers["Crypto-Key"]
    )
    assert (read.title, read.notification_type) == ("Bert hat Sie erwähnt", "mention")


async def test_alerts_and_policies_decide(stadt: Town, service: PushService) -> None:
    (anna, bert, carla), subscriber = await several(stadt, "anna", "bert", "carla"), Subscriber()
    await anna.follow(bert)
    await carla.follow(anna)
    heard: list[str] = []
    for policy, expected in (("all", "bert carla"), ("followed", "bert"), ("follower", "carla"), ("none", "")):
        await anna.post(PATH, json=wish(service, subscriber, "mention", policy=policy))
        before = len(service.messages)
        for somebody in (bert, carla):
            await somebody.write("@anna")
            await somebody.post(f"/api/v1/statuses/{(await anna.write())['id']}/favourite")
        await service.until(before + len(expected.split()))
        await at_rest(stadt)
        read = [message.read(subscriber) for message in service.messages[before:]]
        assert {item["notification_type"] for item in read} <= {"mention"}
        heard.append(" ".join(sorted(item["title"].split()[0].lower() for item in read)))
    assert heard == ["bert carla", "bert", "carla", ""]


async def test_in_the_language_of_the_reader_and_behind_a_warning(stadt: Town, service: PushService) -> None:
    (anna, bert), subscriber = await several(stadt, "anna", "bert"), Subscriber()

    def speak_english(unit: Unit) -> None:
        unit.execute(update(User).where(User.actor_id == int(anna.id)).values(locale="en-GB"))

    await stadt.write(speak_english)
    await anna.post(PATH, json=wish(service, subscriber, "mention"))
    await bert.write("@anna Das Ende", spoiler_text="Film")
    (message,) = await service.until(1)
    read = message.read(subscriber)
    assert (read["title"], read["body"], read["preferred_locale"]) == ("Bert mentioned you", "Film", "en-GB")


async def test_what_is_held_back_is_not_pushed(stadt: Town, service: PushService) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    await anna.post(PATH, json=wish(service, Subscriber(), "mention"))
    await anna.patch("/api/v2/notifications/policy", json={"for_not_following": "filter"})
    await bert.write("@anna")
    assert await stadt.count(Notification) == 1
    assert await stadt.count(PushMessage) == 0


@pytest.mark.parametrize(("action", "bodies"), [("hide", ["@anna Ruhe"]), ("warn", ["Krach", "@anna Ruhe"])])
async def test_filters_hide_or_cover_the_text(
    stadt: Town, service: PushService, action: str, bodies: list[str]
) -> None:
    (anna, bert), subscriber = await several(stadt, "anna", "bert"), Subscriber()
    await anna.post(PATH, json=wish(service, subscriber, "mention"))
    words = {"title": "Krach", "context": ["notifications"], "filter_action": action}
    await anna.post("/api/v2/filters", json=words | {"keywords_attributes": [{"keyword": "Lärm"}]})
    await bert.write("@anna Lärm")
    await at_rest(stadt)
    await bert.write("@anna Ruhe")
    await service.until(len(bodies))
    await at_rest(stadt)
    assert [message.read(subscriber)["body"] for message in service.messages] == bodies


# -------------------------------------------------------------------------------------- what the push service answers


@pytest.mark.parametrize("status", [404, 410, 403])
async def test_a_subscription_that_the_push_service_does_not_know_ends(
    stadt: Town, service: PushService, status: int
) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    await anna.post(PATH, json=wish(service, Subscriber(), "mention"))
    service.answers = [(status, {})]
    await bert.write("@anna")
    await service.until(1)
    await stadt.until(PushSubscription, count=0)
    assert (await anna.ask("GET", PATH)).status == 404
    assert await stadt.count(PushMessage) == 0
    assert await stadt.count(Notification) == 1


@pytest.mark.parametrize(("status", "headers", "least"), [(503, {}, 15), (429, {"Retry-After": "600"}, 599)])
async def test_an_overloaded_push_service_is_asked_again(
    stadt: Town, service: PushService, status: int, headers: dict[str, str], least: int
) -> None:
    (anna, bert), subscriber = await several(stadt, "anna", "bert"), Subscriber()
    await anna.post(PATH, json=wish(service, subscriber, "mention"))
    service.answers = [(status, headers)]
    await bert.write("@anna")
    await service.until(1)
    await stadt.until(PushMessage, PushMessage.attempts == 1)
    row = await stadt.read(lambda session: session.query(PushMessage).one())
    assert row.next_attempt_at - stadt.app.server.clock() > timedelta(seconds=least - 5)
    await stadt.write(make_due)
    messages = await service.until(2)
    assert messages[0].read(subscriber) == messages[1].read(subscriber)
    # Encrypted anew each time.
    assert messages[0].body != messages[1].body
    await at_rest(stadt)
    assert await stadt.count(PushSubscription) == 1


async def test_after_a_day_it_is_no_news_any_more(stadt: Town, service: PushService) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    await anna.post(PATH, json=wish(service, Subscriber(), "mention"))
    service.answers = [(500, {})]
    await bert.write("@anna")
    await stadt.until(PushMessage, PushMessage.attempts == 1)

    def age(unit: Unit) -> None:
        unit.execute(update(Notification).values(created_at=unit.now - timedelta(days=1)))
        make_due(unit)

    await stadt.write(age)
    await at_rest(stadt)
    assert len(service.messages) == 1


async def test_a_message_that_is_refused_is_given_up(stadt: Town, service: PushService) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    await anna.post(PATH, json=wish(service, Subscriber(), "mention"))
    service.answers = [(413, {})]
    await bert.write("@anna")
    await service.until(1)
    await at_rest(stadt)
    assert await stadt.count(PushSubscription) == 1


async def test_nothing_is_sent_to_an_address_inside(stadt: Town, service: PushService) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    body = wish(service, Subscriber(), "mention")
    body["subscription"]["endpoint"] = f"http://db.inside.test:{service.port}/"
    await anna.post(PATH, json=body)
    await bert.write("@anna")
    async with asyncio.timeout(10):
        while "db.inside.test" not in stadt.looked_up:
            await asyncio.sleep(0.01)
    await at_rest(stadt)
    assert service.messages == []


async def test_nothing_is_sent_to_who_may_not_act_any_more(stadt: Town, service: PushService) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    for somebody in (anna, carla):
        await somebody.post(PATH, json=wish(service, Subscriber(), "mention"))

    def disable(unit: Unit) -> None:
        unit.execute(update(User).where(User.actor_id == int(anna.id)).values(disabled_at=unit.now))
        unit.execute(update(Actor).where(Actor.id == int(carla.id)).values(suspended_at=unit.now))

    await stadt.write(disable)
    await bert.write("@anna @carla")
    await at_rest(stadt)
    assert service.messages == []
