"""The egress when all goes well: what is on the wire, what comes back, what is kept and what is not."""

import asyncio
import gzip
import zlib
from collections.abc import Mapping, Sequence

import pytest
from msgspec.structs import replace

from activitypub.caps import CAPS
from activitypub.http import ACTIVITY_ACCEPT, ACTIVITY_TYPES, Egress, Refused, Unreachable, WrongContentType
from tests.loopback import (
    Request,
    always,
    by_path,
    egress,
    loopback,
    names,
    never,
    reply,
    watched_connections,
)

JSON = {"Content-Type": "application/activity+json"}
SECOND = "127.0.0.2"


async def test_get_brings_url_status_headers_and_body() -> None:
    async with loopback(always(reply(200, b"{}", {**JSON, "X-Said": "yes"}))) as server, egress() as client:
        response = await client.get(server.url("/users/anna#main-key"), accept=ACTIVITY_ACCEPT)
        assert (response.status, response.body) == (200, b"{}")
        assert response.url == server.url("/users/anna")
        assert response.headers["x-said"] == "yes"
        [request] = server.requests
        assert request.lines[0] == "GET /users/anna HTTP/1.1"
        assert request.headers["host"] == f"127.0.0.1:{server.port}"
        assert request.headers["user-agent"] == "kommune-tests"
        assert request.headers["accept"].startswith("application/activity+json, application/ld+json; profile=")
        assert request.headers["accept-encoding"] == "gzip, deflate"


async def test_post_sends_the_bytes_and_the_signed_headers() -> None:
    asked: list[tuple[str, str, bytes | None]] = []

    async def sign(method: str, url: str, body: bytes | None) -> Mapping[str, str]:
        asked.append((method, url, body))
        return {"Signature": "sig", "content-type": "application/ld+json"}

    async with loopback(always(reply(202))) as server, egress() as client:
        response = await client.post(server.url("/inbox"), b'{"a":1}', content_type="text/plain", sign=sign)
        assert (response.status, response.body) == (202, b"")
        [request] = server.requests
        assert (request.method, request.target, request.body) == ("POST", "/inbox", b'{"a":1}')
        assert request.headers["signature"] == "sig"
        assert request.headers["content-type"] == "application/ld+json"
        assert request.raw.lower().count(b"content-type") == 1
        assert asked == [("POST", server.url("/inbox"), b'{"a":1}')]


async def test_connections_are_kept_and_cookies_are_not() -> None:
    async with (
        loopback(always(reply(200, b"ok", {"Set-Cookie": "a=b; Path=/"}))) as server,
        egress() as client,
    ):
        for _ in range(3):
            await client.get(server.url(), accept="*/*")
        assert server.connections == 1
        assert not any("cookie" in request.headers for request in server.requests)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with loopback(always(reply())) as server, loopback(always(reply(418))) as proxy, egress() as client:
        for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(variable, proxy.url())
        assert (await client.get(server.url(), accept="*/*")).status == 200
        assert proxy.connections == 0


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("identity", b"Moin"),
        ("gzip", gzip.compress(b"Moin")),
        ("GZIP", gzip.compress(b"Moin")),
        ("deflate", zlib.compress(b"Moin")),
    ],
    ids=["plain", "gzip", "in capitals", "deflate"],
)
async def test_answers_are_unpacked(encoding: str, packed: bytes) -> None:
    async with (
        loopback(always(reply(200, packed, {"Content-Encoding": encoding}))) as server,
        egress() as client,
    ):
        assert (await client.get(server.url(), accept="*/*")).body == b"Moin"


@pytest.mark.parametrize(
    "packed",
    [b"no gzip at all", gzip.compress(b"Moin" * 99)[:-9], gzip.compress(b"x") * 2],
    ids=["other", "cut off", "two in one"],
)
async def test_an_answer_that_does_not_unpack_is_refused(packed: bytes) -> None:
    async with (
        loopback(always(reply(200, packed, {"Content-Encoding": "gzip"}))) as server,
        egress() as client,
    ):
        with pytest.raises(WrongContentType):
            await client.get(server.url(), accept="*/*")


async def test_an_empty_answer_that_claims_to_be_packed_is_empty() -> None:
    async with loopback(always(reply(200, b"", {"Content-Encoding": "gzip"}))) as server, egress() as client:
        assert (await client.get(server.url(), accept="*/*")).body == b""


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/html"},
        {},
        [("Content-Type", "application/activity+json"), ("Content-Type", "text/html")],
    ],
)
async def test_a_successful_answer_must_be_of_the_expected_type(
    headers: Mapping[str, str] | Sequence[tuple[str, str]],
) -> None:
    async with loopback(always(reply(200, b"{}", headers))) as server, egress() as client:
        with pytest.raises(WrongContentType):
            await client.get(server.url(), accept=ACTIVITY_ACCEPT, expect=ACTIVITY_TYPES)
        assert (await client.get(server.url(), accept="*/*")).body == b"{}"


async def test_a_failure_is_an_answer_of_any_type_and_length() -> None:
    page = reply(410, b"g" * 9_999, {"Content-Type": "text/html"})
    async with loopback(always(page)) as server, egress(caps=replace(CAPS, excerpt_bytes=10)) as client:
        response = await client.get(server.url(), accept=ACTIVITY_ACCEPT, expect=ACTIVITY_TYPES, limit=100)
        assert (response.status, response.body) == (410, b"g" * 10)


async def test_redirects_are_followed_to_another_host() -> None:
    async with (
        loopback(by_path({"/new": reply(200, b"here", JSON)}), host=SECOND) as second,
        loopback(by_path({"/old": reply(301, b"moved", {"Location": second.url("/new#part")})})) as first,
        egress() as client,
    ):
        response = await client.get(first.url("/old"), accept=ACTIVITY_ACCEPT, expect=ACTIVITY_TYPES)
        assert (response.url, response.body) == (second.url("/new"), b"here")
        assert second.requests[0].headers["host"] == f"{SECOND}:{second.port}"


async def test_a_relative_redirect_stays_on_its_host() -> None:
    answers = {"/a/b": reply(302, b"", {"Location": "../c?d=e"}), "/c?d=e": reply(200, b"here")}
    async with loopback(by_path(answers)) as server, egress() as client:
        assert (await client.get(server.url("/a/b"), accept="*/*")).url == server.url("/c?d=e")


@pytest.mark.parametrize(("status", "headers"), [(304, {"Location": "/b"}), (300, {"Location": "/b"}), (302, {})])
async def test_what_leads_nowhere_is_the_answer(status: int, headers: Mapping[str, str]) -> None:
    async with loopback(by_path({"/a": reply(status, b"", headers)})) as server, egress() as client:
        assert (await client.get(server.url("/a"), accept="*/*")).status == status


@pytest.mark.parametrize("status", [307, 308])
async def test_a_post_is_repeated_where_307_and_308_point(status: int) -> None:
    answers = {"/inbox": reply(status, b"", {"Location": "/shared"}), "/shared": reply(202)}
    async with loopback(by_path(answers)) as server, egress() as client:
        response = await client.post(server.url("/inbox"), b"activity", content_type="text/plain")
        assert (response.status, response.url) == (202, server.url("/shared"))
        assert [request.body for request in server.requests] == [b"activity", b"activity"]


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_post_never_becomes_a_get(status: int) -> None:
    async with loopback(always(reply(status, b"", {"Location": "/elsewhere"}))) as server, egress() as client:
        assert (await client.post(server.url("/inbox"), b"activity", content_type="text/plain")).status == status
        assert [request.method for request in server.requests] == ["POST"]


async def test_the_answer_to_a_post_is_its_status_whatever_follows() -> None:
    async def break_off(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 202 Said\r\nContent-Length: 5000\r\nContent-Encoding: zstd\r\n\r\nabc")
        await writer.drain()
        writer.close()

    async with loopback(break_off) as server, egress() as client:
        response = await client.post(server.url("/inbox"), b"activity", content_type="text/plain")
        assert (response.status, response.body) == (202, b"abc")


async def test_the_answer_to_a_post_stands_though_its_body_never_ends() -> None:
    async def drip(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 202 Said\r\nContent-Length: 5000\r\n\r\nabc")
        await never(_request, writer)

    hasty = replace(CAPS, total_seconds=0.3)
    async with loopback(drip) as server, egress(caps=hasty) as client, asyncio.timeout(5):
        assert (await client.post(server.url("/inbox"), b"activity", content_type="text/plain")).status == 202


async def test_a_post_on_a_connection_that_was_just_closed_is_repeated_once() -> None:
    async def answer_first_only(request: Request, writer: asyncio.StreamWriter) -> None:
        connection = server.connections
        if request.target == "/second" and connection == 1:
            writer.close()  # as a server does whose keep-alive time has just run out
        else:
            writer.write(reply(202))

    async with loopback(answer_first_only) as server, egress() as client:
        for path in ("/first", "/second"):
            assert (await client.post(server.url(path), b"a", content_type="text/plain")).status == 202
        assert [request.target for request in server.requests] == ["/first", "/second", "/second"]


async def test_a_server_that_always_hangs_up_is_unreachable() -> None:
    async def hang_up(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with loopback(hang_up) as server, egress() as client:
        with pytest.raises(Unreachable):
            await client.post(server.url(), b"a", content_type="text/plain")
        assert server.connections == 2


async def test_a_slow_host_holds_no_more_than_its_share_of_connections() -> None:
    caps = replace(CAPS, total_seconds=0.3, connections_per_host=2)
    async with loopback(never) as slow, egress(caps=caps) as client:
        outcomes = await asyncio.gather(
            *(client.get(slow.url(), accept="*/*") for _ in range(6)), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} == {Unreachable}
        assert slow.connections < 6


async def test_a_name_is_looked_up_once_and_again_when_the_answer_is_old() -> None:
    asked: list[str] = []

    async def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    closing = always(reply(200, b"", {"Connection": "close"}))
    async with loopback(closing) as server:
        for seconds, lookups in ((30, 1), (0, 3)):
            asked.clear()
            async with egress(resolver=resolve, caps=replace(CAPS, dns_cache_seconds=seconds)) as client:
                for _ in range(3):
                    await client.get(server.url(host="town.example"), accept="*/*")
            assert asked == ["town.example"] * lookups


async def test_every_address_of_a_host_is_tried() -> None:
    known = {"town.example": ["127.0.0.3", SECOND]}
    async with loopback(always(reply()), host=SECOND) as server, egress(known=known) as client:
        assert (await client.get(server.url(host="town.example"), accept="*/*")).status == 200


@pytest.mark.parametrize("host", ["localhost", "town.localhost", "a.b.LOCALHOST"])
async def test_names_under_localhost_are_this_machine_without_a_lookup(host: str) -> None:
    async with loopback(always(reply())) as server, egress(known={}) as client:
        assert (await client.get(server.url(host=host), accept="*/*")).status == 200


@pytest.mark.parametrize("host", ["localhost", "town.localhost"])
async def test_this_machine_is_judged_like_any_other(host: str) -> None:
    async with loopback(always(reply())) as server, egress(allow=[]) as client:
        with pytest.raises(Refused):
            await client.get(server.url(host=host), accept="*/*")
        assert server.connections == 0


async def test_an_unknown_name_is_unreachable() -> None:
    async with egress(known={"empty.example": []}) as client:
        for host in ("nowhere.example", "empty.example"):
            with pytest.raises(Unreachable, match=rf"^{host} could not be reached$"):
                await client.get(f"http://{host}/", accept="*/*")


async def test_the_system_is_asked_when_no_resolver_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def getaddrinfo(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", 0)), (10, 1, 6, "", ("::1", 0, 0, 0))]

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    client = Egress(user_agent="kommune-tests")
    with watched_connections() as connections, pytest.raises(Refused):
        await client.get("https://town.example/", accept="*/*")
    assert (asked, connections) == (["town.example"], [])
    await client.close()


async def test_after_close_there_is_no_way_out() -> None:
    arrived = asyncio.Event()

    async def hold(request: Request, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await never(request, writer)

    async with loopback(hold) as server, egress() as client:
        waiting = asyncio.create_task(client.get(server.url(), accept="*/*"))
        await arrived.wait()
        await client.close()
        with pytest.raises(Unreachable):
            await waiting
        with pytest.raises(RuntimeError):
            await client.get(server.url(), accept="*/*")


async def test_closing_before_the_first_request_is_no_error() -> None:
    await Egress(user_agent="kommune-tests", resolver=names({})).close()
