"""C03: contexts are part of this program; one that stands elsewhere is never fetched, let alone twice."""

from activitypub.models import Status
from tests.fediverse import CONTEXT, Remote
from tests.security.attack import contents, follower_of, serves
from tests.town import Town


async def test_no_context_is_ever_fetched(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    boese.documents["/context"] = {"@context": {"content": "https://www.w3.org/ns/activitystreams#summary"}}
    context = [*CONTEXT, f"{boese.origin}/context"]
    boese.documents["/users/mallory"] = {**mallory.document(), "@context": context}
    boese.requested.clear()

    note = mallory.note("<p>Text</p>", **{"@context": context})
    await stadt.accept(mallory, {**mallory.create(note), "@context": context})
    fetched = mallory.note("<p>Text</p>", **{"@context": context})
    await stadt.accept(mallory, mallory.activity("Announce", fetched["id"]))
    rumour = {**mallory.create(fetched), "@context": context, "signature": {"type": "RsaSignature2017"}}
    await stadt.accept(nachbar.person("bob"), rumour)
    await stadt.accept(mallory, mallory.activity("Update", mallory.document()))

    assert "/context" not in boese.requested
    assert set(stadt.looked_up) <= {"boese.test", "nachbar.test"}
    assert await contents(stadt) == ["<p>Text</p>", "<p>Text</p>"]
    assert await stadt.count(Status, Status.summary == "") == 2
    status, document = await stadt.get(resident.uri.removeprefix(stadt.origin))
    assert (status, document["id"]) == (200, resident.uri)
    await serves(stadt, nachbar)
