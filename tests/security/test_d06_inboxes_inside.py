"""D06: a delivery goes to no address inside our network, however its inbox leads there."""

import asyncio

import pytest
from sqlalchemy import or_

from outbox.models import Delivery
from tests.fediverse import Remote
from tests.loopback import watched_connections
from tests.security.attack import repelled, serves
from tests.town import Town

INSIDE = [
    "http://10.1.2.3/inbox",
    "http://a.inside.test/inbox",
    "http://[::1]:1/inbox",
    "http://169.254.169.254/",
    "file:///x",
]


async def test_an_actor_with_an_inbox_inside_is_refused(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    with watched_connections() as connections:
        async with repelled(stadt, nachbar):
            for number, inbox in enumerate(INSIDE):
                mallory = boese.person(f"mallory{number}")
                boese.documents[f"/users/mallory{number}"] = {**mallory.document(), "inbox": inbox}
                assert await stadt.deliver(mallory, mallory.activity("Follow", resident.uri)) == 401, inbox
    assert {address[0] for address in connections} <= {"127.0.0.1"}


@pytest.mark.parametrize("status", [302, 307, 308])
async def test_no_delivery_is_led_inside(stadt: Town, nachbar: Remote, boese: Remote, status: int) -> None:
    """The first of these would turn a POST into a GET and is no delivery; the others are followed, if they may be."""
    boese.inbox_status = status
    tried = or_(Delivery.given_up_at.is_not(None), Delivery.attempts > 0)
    with watched_connections() as connections:
        for number, inbox in enumerate(INSIDE):
            boese.inbox_headers = {"Location": inbox}
            resident, mallory = await stadt.resident(f"anna{number}"), boese.person(f"mallory{number}")
            await stadt.accept(mallory, mallory.activity("Follow", resident.uri))
            await stadt.until(Delivery, tried, count=number + 1)
    assert {address[0] for address in connections} <= {"127.0.0.1"}
    assert boese.received == []
    await serves(stadt, nachbar)


async def test_a_shared_inbox_inside_is_not_used(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    with watched_connections() as connections:
        for number, inbox in enumerate(INSIDE):
            mallory = boese.person(f"mallory{number}")
            boese.documents[f"/users/mallory{number}"] = {**mallory.document(), "endpoints": {"sharedInbox": inbox}}
            await stadt.accept(mallory, mallory.activity("Follow", resident.uri))
        async with asyncio.timeout(10):
            accepts = await boese.until_received("Accept", len(INSIDE))
    assert {accept.path for accept in accepts} == {f"/users/mallory{number}/inbox" for number in range(len(INSIDE))}
    assert {address[0] for address in connections} <= {"127.0.0.1"}
    await serves(stadt, nachbar)
