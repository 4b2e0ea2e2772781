"""Web push without a network: alphabets, what answers mean, how long messages become."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from activitypub.http import EgressError, Refused, Response, TooLarge, Unreachable
from activitypub.sanitize import SafeHTML
from fediverse_kommune.models import NotificationType
from fediverse_kommune.push.alphabets import decode, encode
from fediverse_kommune.push.encryption import Keys, seal
from fediverse_kommune.push.payload import Told, payload
from fediverse_kommune.push.worker import Delivered, Gone, Hopeless, Later, classify
from tests.push_service import Message, Subscriber
from tests.unit.api.rows import INSTANCE, local_actor, remote_actor, status

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def answer(code: int, **headers: str) -> Response:
    return Response("https://push.example/1", code, headers, b"")


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        *[(answer(code), Delivered) for code in (200, 201, 202, 204)],
        *[(answer(code), Gone) for code in (401, 403, 404, 410)],
        *[(answer(code), Later) for code in (301, 408, 425, 429, 500, 502, 503, 504)],
        *[(answer(code), Hopeless) for code in (400, 402, 413)],
        (Unreachable(""), Later),
        (Refused(""), Hopeless),
        (TooLarge(""), Hopeless),
    ],
)
def test_what_an_answer_means(given: Response | EgressError, outcome: type[Any]) -> None:
    assert isinstance(classify(given, attempts=0, now=NOW), outcome)


def test_pauses_grow_and_a_push_service_may_ask_for_longer_ones() -> None:
    def pause(attempts: int, **headers: str) -> timedelta:
        result = classify(answer(503, **headers), attempts=attempts, now=NOW, dice=lambda: 0.0)
        assert isinstance(result, Later)
        return result.when - NOW

    assert [pause(attempts).total_seconds() for attempts in range(3)] == [15, 30, 60]
    assert pause(0, **{"Retry-After": "3600"}) == timedelta(hours=1)
    assert pause(0, **{"Retry-After": "1"}) == timedelta(seconds=15)


@pytest.mark.parametrize("text", ["-_-_", "+/+/", " /+/", "-_+/"])
def test_both_alphabets_say_the_same(text: str) -> None:
    assert encode(decode(text)) == "-_-_"


@pytest.mark.parametrize("text", ["-_-", "-_-=", "-_-=="])
def test_padding_is_no_matter(text: str) -> None:
    assert decode(text) == decode("-_-")


@pytest.mark.parametrize("text", ["ü", "A", "AA$A", "AAAA=AAAA"])
def test_what_is_no_base64(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        decode(text)


@pytest.mark.parametrize("standard", [True, False])
def test_messages_that_are_as_long_as_can_be(standard: bool) -> None:
    long = remote_actor(
        name="🏛" * 5_000, summary=SafeHTML.stored("🏛" * 5_000), avatar_url="https://nord.example/" + "x" * 2_000
    )
    post = status(long, summary="🏛" * 5_000, content=SafeHTML.stored("🏛" * 5_000))
    for about in (post, None):
        message = payload(Told(2**62, NotificationType.QUOTED_UPDATE, long, about, "de"), INSTANCE)
        subscriber = Subscriber()
        keys = Keys(encode(subscriber.point), encode(subscriber.auth))
        sealed = seal(message, keys, standard=standard)
        assert len(sealed.body) <= 4_096
        read = Message("", sealed.headers, sealed.body).read(subscriber)
        assert read["icon"].endswith("/missing/avatar.png")
        assert (len(read["body"]), read["body"][-1]) == (140, "…")


@pytest.mark.parametrize("kind", list(NotificationType))
@pytest.mark.parametrize("locale", ["de", "en"])
def test_every_kind_has_a_title(kind: NotificationType, locale: str) -> None:
    told = msgspec.json.decode(payload(Told(1, kind, local_actor(), None, locale), INSTANCE))
    assert told["title"]
    assert "%" not in told["title"]
    assert told["notification_type"] == kind
