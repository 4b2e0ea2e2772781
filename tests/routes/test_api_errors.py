"""Whatever goes wrong is said in JSON, to every origin. https://docs.joinmastodon.org/entities/Error/"""

from typing import Any

import pytest

from activitypub.unit import StorageUnavailable
from tests.client import Client, anonymous, app_of
from tests.town import Town


async def test_every_error_is_json_that_any_page_may_read(stadt: Town, subtests: pytest.Subtests) -> None:
    for method, path, status in [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/accounts/abc", 404),
        ("GET", "/api/v1/accounts/99999999999999999999", 404),
        ("GET", "/api/v1/accounts/%D9%A3", 404),
        ("GET", "/api/v1/timelines/tag/a%00b", 404),
        ("GET", "/api/v1/statuses/1", 404),
        ("GET", "/api/v1/statuses/-1", 404),
        ("GET", "/apis", 404),
        ("DELETE", "/api/v1/instance", 405),
        ("POST", "/api/v1/timelines/home", 405),
        ("GET", "/oauth/token", 405),
        ("GET", "/oauth/nothing", 404),
        ("GET", "/api/v1/timelines/home", 401),
        ("POST", "/api/v1/statuses", 401),
        ("POST", "/api/v1/apps", 422),
        ("POST", "/oauth/token", 400),
    ]:
        with subtests.test(method=method, path=path, status=status):
            reply = await anonymous(stadt).ask(method, path)
            assert reply.status == status
            if path != "/apis":
                assert isinstance(reply.json["error"], str)
                assert reply.headers["Cache-Control"] == "private, no-store"
            if not path.startswith("/oauth/n") and path != "/apis":
                assert reply.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_token_that_stands_for_nobody_is_refused_even_where_none_is_needed(
    stadt: Town, subtests: pytest.Subtests
) -> None:
    nobody = anonymous(stadt)
    for token in ["unknown", "", "a b", "x" * 600, "Käse"]:
        with subtests.test(token=token):
            for path in ("/api/v1/timelines/home", "/api/v1/timelines/public"):
                reply = await nobody.ask("GET", path, headers={"Authorization": f"Bearer {token}"})
                assert reply.status == 401
                assert reply.headers["WWW-Authenticate"].startswith("Bearer")


async def test_broken_json_is_refused(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for body in [b"{", b"[]", b'"x"', b'{"status": NaN}', b"\xff", b'{"a": 1, "a": 2}', b"[" * 100_000]:
        with subtests.test(body=body):
            reply = await anna.ask("POST", "/api/v1/statuses", data=body, headers={"Content-Type": "application/json"})
            assert reply.status == 422
            assert reply.json["error"]


async def test_wrong_shapes_are_refused(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    for body in (
        {"status": {"a": "b"}},
        {"status": "x", "in_reply_to_id": "abc"},
        {"status": "x", "in_reply_to_id": [1, {}]},
        {"status": "x", "in_reply_to_id": 2**80},
    ):
        reply = await anna.ask("POST", "/api/v1/statuses", json=body)
        assert reply.status == 422, body


async def test_too_many_parameters_are_refused(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    form = "&".join(f"a{number}[b][c][d]=1" for number in range(1_200))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await anna.ask("POST", "/api/v1/statuses", data=form, headers=headers)).status == 422


async def test_too_large_a_body_is_refused_whether_or_not_it_says_so(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")

    async def chunks() -> Any:
        for _ in range(40):
            yield b"x" * 65_536

    for data in (b"x" * 2_000_000, chunks()):
        reply = await anna.ask("POST", "/api/v1/statuses", data=data, headers={"Content-Type": "application/json"})
        assert reply.status == 413
        assert reply.json["error"]


async def test_who_may_not_is_told_before_the_body_is_read(stadt: Town) -> None:
    reply = await anonymous(stadt).ask("POST", "/api/v2/media", data=b"x" * 1_000_000)
    assert reply.status == 401


async def test_a_preflight_is_answered_for_every_address(stadt: Town) -> None:
    for path in ("/api/v1/statuses", "/api/v1/nothing", "/oauth/token"):
        reply = await anonymous(stadt).ask(
            "OPTIONS", path, headers={"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        )
        assert reply.status == 204
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "POST" in reply.headers["Access-Control-Allow-Methods"]
        assert "Idempotency-Key" in reply.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in reply.headers


async def test_pages_of_other_sites_may_read_links(stadt: Town) -> None:
    reply = await anonymous(stadt).ask("GET", "/api/v1/timelines/public")
    assert "Link" in reply.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", ["/oauth/authorize", "/login"])
async def test_pages_with_cookies_answer_no_other_site(stadt: Town, path: str) -> None:
    reply = await anonymous(stadt).ask("GET", path, headers={"Origin": "https://app.example"})
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert "Cross-Origin-Opener-Policy" not in reply.headers, "apps sign in through a popup that reports back"


async def test_a_database_that_does_not_answer_is_said_and_when_to_ask_again(
    stadt: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await app_of(stadt, "anna")

    async def fail(*_: Any) -> None:
        raise StorageUnavailable("disk full")

    monkeypatch.setattr(type(stadt.app.server.db), "write", fail)
    reply = await anna.ask("POST", "/api/v1/statuses", json={"status": "x"})
    assert (reply.status, reply.headers["Retry-After"]) == (503, "30")
    assert "disk" not in reply.text


async def test_what_nobody_expected_says_nothing_of_itself(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await app_of(stadt, "anna")

    async def fail(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(stadt.app.server.db), "write", fail)
    reply = await anna.ask("POST", "/api/v1/statuses", json={"status": "x"})
    assert reply.status == 500
    assert "secret" not in reply.text
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


async def test_what_depends_on_the_reader_is_kept_by_no_cache(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    who: Client
    for who in (anna, anonymous(stadt)):
        reply = await who.ask("GET", "/api/v1/timelines/public")
        assert reply.headers["Cache-Control"] == "private, no-store"
    assert (await anna.ask("GET", "/api/v2/instance")).headers["Cache-Control"].startswith("public")
