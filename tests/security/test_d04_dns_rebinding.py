"""D04: between the judgement and the connection no other address can slip in.

127.0.0.2 plays the public address here and 127.0.0.1 the private one;
a server listens on the same port of both.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from activitypub.caps import CAPS
from activitypub.http import Refused, Resolver
from tests.loopback import Loopback, always, egress, loopback, reply, watched_connections

PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"


@asynccontextmanager
async def both_sides() -> AsyncIterator[tuple[Loopback, Loopback]]:
    closing = always(reply(200, b"", {"Connection": "close"}))
    async with (
        loopback(closing, host=PUBLIC) as public,
        loopback(closing, host=PRIVATE, port=public.port) as private,
    ):
        yield public, private


def rebinding(*answers: Sequence[str]) -> Resolver:
    """Give one answer after the other, and the last for ever."""
    left = list(answers)

    async def resolve(_host: str) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


async def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    async with both_sides() as (public, private):
        async with egress(allow=[f"{PUBLIC}/32"], resolver=rebinding([PUBLIC], [PRIVATE])) as client:
            for _ in range(3):
                assert (await client.get(public.url(host="evil.example"), accept="*/*")).status == 200
        assert (public.connections, private.connections) == (3, 0)


async def test_each_new_lookup_is_judged_again() -> None:
    async with both_sides() as (public, private):
        resolver = rebinding([PUBLIC], [PRIVATE])
        forgetful = replace(CAPS, dns_cache_seconds=0)
        async with egress(allow=[f"{PUBLIC}/32"], resolver=resolver, caps=forgetful) as client:
            assert (await client.get(public.url(host="evil.example"), accept="*/*")).status == 200
            with watched_connections() as connections, pytest.raises(Refused):
                await client.get(public.url(host="evil.example"), accept="*/*")
        assert connections == []
        assert (public.connections, private.connections) == (1, 0)


@pytest.mark.parametrize(
    "answers", [[PUBLIC, PRIVATE], [PRIVATE, PUBLIC], [PUBLIC, "::1"], [PUBLIC, PUBLIC, "169.254.169.254"]]
)
async def test_one_private_answer_refuses_all(answers: list[str]) -> None:
    async with both_sides() as (public, private):
        async with egress(allow=[f"{PUBLIC}/32"], known={"evil.example": answers}) as client:
            with watched_connections() as connections, pytest.raises(Refused):
                await client.get(public.url(host="evil.example"), accept="*/*")
        assert connections == []
        assert (public.connections, private.connections) == (0, 0)


async def test_a_redirect_to_the_same_name_cannot_rebind() -> None:
    async with both_sides() as (public, private):
        moved = always(reply(302, b"", {"Location": public.url("/secret", host="evil.example"), "Connection": "close"}))
        forgetful = replace(CAPS, dns_cache_seconds=0)
        async with (
            loopback(moved, host=PUBLIC) as first,
            egress(allow=[f"{PUBLIC}/32"], resolver=rebinding([PUBLIC], [PRIVATE]), caps=forgetful) as client,
        ):
            with pytest.raises(Refused):
                await client.get(first.url(host="evil.example"), accept="*/*")
        assert (first.connections, public.connections, private.connections) == (1, 0, 0)


def test_answers_are_not_kept_longer_than_one_request_may_take() -> None:
    assert CAPS.dns_cache_seconds <= CAPS.total_seconds
