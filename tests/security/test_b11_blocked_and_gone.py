"""B11: who is shut out is told so before anything is asked of them; who is gone says farewell without a fetch."""

from aiohttp import web

from activitypub.models import Actor, DomainBlock, Severity
from activitypub.unit import Unit
from tests import acts
from tests.fediverse import Remote
from tests.security.attack import one_of_each, repelled, serves
from tests.town import Town


async def shut_out(stadt: Town, domain: str) -> None:
    def add(unit: Unit) -> None:
        unit.add(DomainBlock(domain=domain, severity=Severity.SUSPEND, created_at=unit.now))

    await stadt.write(add)
    stadt.app.server.blocks.forget()


async def test_a_blocked_domain_is_refused_before_any_fetch(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    post = await stadt.write(acts.write, resident)
    await shut_out(stadt, "boese.test")
    async with repelled(stadt, nachbar):
        for name, activity in one_of_each(mallory, resident=resident.uri, status=post.uri).items():
            assert await stadt.deliver(mallory, activity) == 403, name
        asking = mallory.asking(f"{stadt.origin}/users/anna")
        assert (await stadt.get("/users/anna", headers=asking))[0] == 403
        assert boese.requested == []
        assert "boese.test" not in stadt.looked_up


async def test_the_farewell_of_a_stranger_costs_nothing(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    async with repelled(stadt, nachbar):
        for number in range(20):
            gone = boese.person(f"gone{number}")
            boese.documents[f"/users/gone{number}"] = lambda: web.Response(status=410)
            for target in (gone.uri, {"id": gone.uri, "type": "Tombstone"}):
                assert await stadt.deliver(gone, gone.activity("Delete", target)) == 202
        assert boese.requested == []


async def test_an_actor_that_took_its_key_along_can_only_leave(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    await stadt.meet(mallory)
    boese.documents["/users/mallory"] = lambda: web.Response(status=410)
    key_id = f"{mallory.uri}#new-key"
    async with repelled(stadt, nachbar):
        assert await stadt.deliver(mallory, mallory.activity("Delete", mallory.uri), key_id=key_id) == 202
        assert await stadt.deliver(mallory, mallory.activity("Like", resident.uri), key_id=key_id) == 401
        assert await stadt.deliver(mallory, mallory.activity("Delete", mallory.note()["id"]), key_id=key_id) == 401

    await stadt.accept(mallory, mallory.activity("Delete", mallory.uri))  # with the key that we still have
    assert await stadt.count(Actor, Actor.uri == mallory.uri) == 0
    await serves(stadt, nachbar)
