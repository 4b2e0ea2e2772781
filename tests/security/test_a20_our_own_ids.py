"""A20: nobody outside has an id, a key or an object under our origin, and nothing of ours is ever fetched."""

from typing import Any

from tests import acts
from tests.fediverse import Remote
from tests.security.attack import follower_of, one_of_each, repelled
from tests.town import Town


async def test_nobody_outside_acts_as_one_of_ours(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident, other = await follower_of(stadt, mallory), await stadt.resident("berta")
    post = await stadt.write(acts.write, other)

    async with repelled(stadt, nachbar):
        for name, activity in one_of_each(mallory, resident=other.uri, status=post.uri).items():
            for actor in (resident.uri, f"{stadt.origin}/actor", f"{stadt.origin}/users/niemand", stadt.origin):
                forged = {**activity, "actor": actor}
                for key_id in (mallory.key_id, f"{actor}#main-key"):
                    assert await stadt.deliver(mallory, forged, key_id=key_id) == 401, (name, actor)
            own_id = {**activity, "id": f"{resident.uri}#act"}
            assert await stadt.deliver(mallory, own_id) == 401, name
    assert stadt.host not in stadt.looked_up


async def test_no_key_id_leads_back_to_us(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    origin, port = stadt.origin, stadt.port
    key_ids = [
        f"{resident.uri}#main-key",
        f"{origin}/actor#main-key",
        origin,
        f"{origin}/",
        f"{origin}/.well-known/webfinger?resource=acct:anna@{stadt.host}",
        f"HTTP://STADT.TEST:{port}/users/anna#main-key",
        f"http://stadt.test.:{port}/users/anna#main-key",
    ]
    async with repelled(stadt, nachbar):
        for key_id in key_ids:
            for activity in (mallory.activity("Follow", resident.uri), resident_follow(resident.uri, key_id)):
                assert await stadt.deliver(mallory, activity, key_id=key_id) == 401, key_id
            signed = mallory.asking(f"{origin}/users/anna", key_id=key_id)
            assert (await stadt.get("/users/anna", headers=signed))[0] == 200  # as nobody
    assert stadt.host not in stadt.looked_up


def resident_follow(actor: str, key_id: str) -> dict[str, Any]:
    base = key_id.partition("#")[0]
    return {"@context": [], "id": f"{base}#follow", "type": "Follow", "actor": base, "object": actor}


async def test_a_document_elsewhere_says_nothing_of_ours(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    post = await stadt.write(acts.write, resident)
    unknown = f"{resident.uri}/statuses/1"
    for number, uri in enumerate((post.uri, unknown, resident.uri)):
        boese.documents[f"/{number}"] = {**mallory.note("<p>Falsch</p>"), "id": uri, "attributedTo": resident.uri}
    boese.documents["/3"] = {**mallory.document(), "id": resident.uri}

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for number in range(4):
            for kind in ("Announce", "Create"):
                await stadt.accept(mallory, mallory.activity(kind, f"{boese.origin}/{number}"))
        await stadt.accept(mallory, mallory.activity("Announce", unknown))
        reply = mallory.note(inReplyTo=unknown, to=[mallory.followers], cc=[])
        boese.documents["/reply"] = {**reply, "id": f"{boese.origin}/reply", "attributedTo": resident.uri}
        await stadt.accept(mallory, mallory.activity("Announce", f"{boese.origin}/reply"))
        assert await stadt.deliver(mallory, mallory.activity("Create", boese.documents["/0"])) == 403
    assert stadt.host not in stadt.looked_up
