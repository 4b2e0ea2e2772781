"""Who reads which form of a signature: found out by a 401, remembered, and the same protection in both."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web

from activitypub.models import Actor, Status
from activitypub.signatures.forms import Form
from outbox.models import Delivery
from tests import acts
from tests.fediverse import Person, Remote
from tests.town import Town, town
from tests.towns import befriended, followed_by, met

NewDatabase = Callable[[], str]


def by_rfc9421(request: web.Request) -> bool:
    return "Signature-Input" in request.headers


async def post(stadt: Town, anna: Actor, remote: Remote, count: int) -> None:
    await stadt.write(acts.write, anna, f"<p>{count}</p>")
    await remote.until_received("Create", count)


async def anna_with_a_follower(stadt: Town, nachbar: Remote) -> tuple[Actor, Person]:
    anna, ada = await stadt.resident("anna"), nachbar.person("ada")
    await followed_by(stadt, anna, ada)
    return anna, ada


async def test_who_reads_only_the_newer_form_is_written_to_in_it(stadt: Town, nachbar: Remote) -> None:
    nachbar.believes = by_rfc9421
    anna, _ = await anna_with_a_follower(stadt, nachbar)
    assert nachbar.disbelieved == 1, "the first GET was signed in the older form"
    for count in (1, 2, 3):
        await post(stadt, anna, nachbar, count)
    assert nachbar.disbelieved == 1, "what was read first is what is sent from then on"
    headers = nachbar.received[-1].headers
    assert headers["Signature-Input"].startswith('sig1=("@method" "@target-uri" "content-digest");created=')
    assert "Digest" not in headers


async def test_a_host_may_change_its_mind(stadt: Town, nachbar: Remote) -> None:
    anna, _ = await anna_with_a_follower(stadt, nachbar)
    await post(stadt, anna, nachbar, 1)
    assert nachbar.disbelieved == 0
    nachbar.believes = by_rfc9421
    await post(stadt, anna, nachbar, 2)
    nachbar.believes = lambda request: not by_rfc9421(request)
    await post(stadt, anna, nachbar, 3)
    assert nachbar.disbelieved == 2


async def test_who_believes_nothing_is_not_asked_twice_each_time(stadt: Town, nachbar: Remote) -> None:
    anna, _ = await anna_with_a_follower(stadt, nachbar)
    nachbar.believes = lambda request: False
    await stadt.write(acts.write, anna, "<p>1</p>")
    await stadt.until(Delivery, Delivery.attempts == 1)
    assert nachbar.disbelieved == 2
    otto = nachbar.person("otto")
    with pytest.raises(Exception, match="401"):
        await stadt.meet(otto)
    assert nachbar.disbelieved == 3


@pytest.fixture
async def modern_towns(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[tuple[Town, Town]]:
    """Two towns that show nothing without a signature and sign by RFC 9421 alone."""
    async with (
        town(new_database(), tmp_path / "nord", host="nord.test", secure_mode=True) as nord,
        town(new_database(), tmp_path / "sued", host="sued.test", secure_mode=True) as sued,
    ):
        for here, there in ((nord, sued), (sued, nord)):
            here.app.server.resolver.ctx.forms.understood(f"{there.host}:{there.port}", Form.RFC9421)
        yield nord, sued


async def test_two_towns_write_to_each_other_in_the_newer_form(modern_towns: tuple[Town, Town]) -> None:
    nord, sued = modern_towns
    anna, bernd = await befriended(nord, sued)
    written = await nord.write(acts.write, anna, "<p>Wer kommt?</p>")
    await sued.until(Status, Status.uri == written.uri)
    mentioned = await met(sued, "anna", nord)
    answer = await sued.write(acts.write, bernd, "<p>Ich</p>", in_reply_to=written.uri, mentions=[mentioned])
    await nord.until(Status, Status.uri == answer.uri, Status.in_reply_to_id.is_not(None))
    for here, there in ((nord, sued), (sued, nord)):
        assert here.app.server.resolver.ctx.forms.of(f"{there.host}:{there.port}") is Form.RFC9421, "no 401 was needed"
