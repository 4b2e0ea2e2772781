"""A05: a valid signature speaks for the key's owner and for nobody else, whatever the activity says."""

from tests import acts
from tests.fediverse import Remote
from tests.security.attack import one_of_each, repelled
from tests.town import Town


async def test_no_key_speaks_for_an_actor_elsewhere(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    post = await stadt.write(acts.write, resident)
    mallory, bob = boese.person("mallory"), nachbar.person("bob")

    async with repelled(stadt, nachbar):
        for name, activity in one_of_each(bob, resident=resident.uri, status=post.uri).items():
            for path in ("/inbox", "/users/anna/inbox", "/actor/inbox"):
                assert await stadt.deliver(mallory, activity, path=path) == 401, f"{name} to {path}"
        assert boese.requested == []
        assert nachbar.requested == []


async def test_no_key_speaks_for_a_neighbour_on_the_same_server(stadt: Town, nachbar: Remote) -> None:
    resident = await stadt.resident("anna")
    post = await stadt.write(acts.write, resident)
    mallory, bob = nachbar.person("mallory"), nachbar.person("bob")
    for person in (mallory, bob):
        await stadt.meet(person)

    async with repelled(stadt, nachbar):
        for name, activity in one_of_each(bob, resident=resident.uri, status=post.uri).items():
            assert await stadt.deliver(mallory, activity) == 401, name


async def test_a_key_used_under_another_key_id_proves_nothing(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    mallory, bob = boese.person("mallory"), nachbar.person("bob")
    await stadt.meet(bob)

    async with repelled(stadt, nachbar):
        activity = bob.activity("Follow", resident.uri)
        assert await stadt.deliver(mallory, activity, key_id=bob.key_id) == 401
