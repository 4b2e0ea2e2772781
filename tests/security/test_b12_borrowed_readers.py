"""B12: who signs a GET reads as the owner of the key, and as nobody where the key only says whose it is."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from activitypub.models import Status
from activitypub.vocabulary import Visibility
from tests import acts
from tests.fediverse import CONTEXT, Person, Remote
from tests.security.attack import repelled
from tests.town import Town, town


async def private_post(stadt: Town, reader: Person) -> Status:
    """A post of a resident for one remote reader."""
    resident = await stadt.resident("anna")
    mentions = [await stadt.meet(reader)]
    return await stadt.write(acts.write, resident, visibility=Visibility.DIRECT, mentions=mentions)


def borrowed(nachbar: Remote, boese: Remote) -> list[tuple[Person, str]]:
    """Signers with keyIds that claim to be Bob's."""
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    pem = mallory.document()["publicKey"]["publicKeyPem"]
    elsewhere, beside = f"{boese.origin}/key", f"{nachbar.origin}/upload"
    for server, key_id in ((boese, elsewhere), (nachbar, beside)):
        path = key_id.removeprefix(server.origin)
        server.documents[path] = {"@context": CONTEXT, "id": key_id, "owner": bob.uri, "publicKeyPem": pem}
    posing = {**bob.document(), "publicKey": {"id": f"{boese.origin}/bob#key", "owner": bob.uri, "publicKeyPem": pem}}
    boese.documents["/bob"] = posing
    return [
        (mallory, elsewhere),
        (mallory, beside),
        (mallory, f"{boese.origin}/bob#key"),
        (mallory, bob.key_id),
        (mallory, mallory.key_id),
    ]


async def test_nobody_reads_by_a_borrowed_key(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    bob = nachbar.person("bob")
    post = await private_post(stadt, bob)
    path = post.uri.removeprefix(stadt.origin)
    assert (await stadt.get(path, headers=bob.asking(post.uri)))[0] == 200

    async with repelled(stadt, nachbar, but_for={"actors", "actor_keys"}):
        for signer, key_id in borrowed(nachbar, boese):
            status, body = await stadt.get(path, headers=signer.asking(post.uri, key_id=key_id))
            assert (status, "content" in body) == (404, False), key_id
        for headers in ({}, bob.asking(f"{stadt.origin}/users/anna"), {**bob.asking(post.uri), "Date": "x"}):
            assert (await stadt.get(path, headers=headers))[0] == 404


@pytest.fixture
async def secure(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Town]:
    """A town that answers only to those who sign."""
    async with town(new_database(), tmp_path / "secure", secure_mode=True) as running:
        yield running


async def test_in_secure_mode_a_borrowed_key_opens_nothing(secure: Town, nachbar: Remote, boese: Remote) -> None:
    bob = nachbar.person("bob")
    resident = await secure.resident("anna")
    post = await secure.write(acts.write, resident)
    await secure.meet(bob)
    paths = ["/users/anna", post.uri.removeprefix(secure.origin)]
    paths += [f"/users/anna/{name}" for name in ("followers", "following", "featured", "outbox")]

    async with repelled(secure, nachbar, but_for={"actors", "actor_keys"}):
        for path in paths:
            assert (await secure.get(path, headers=bob.asking(secure.origin + path)))[0] == 200, path
            assert (await secure.get(path))[0] == 401, path
            for signer, key_id in borrowed(nachbar, boese)[:-1]:
                assert (await secure.get(path, headers=signer.asking(secure.origin + path, key_id=key_id)))[0] == 401
        assert (await secure.get("/actor"))[0] == 200  # or no two such towns could ever meet
