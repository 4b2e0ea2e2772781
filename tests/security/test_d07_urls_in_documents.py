"""D07: what a document, a redirect or a WebFinger answer points to inside our network is never contacted."""

from typing import Any

from tests.client import app_of
from tests.fediverse import ACTIVITY_TYPE, CONTEXT, Remote, redirect
from tests.loopback import watched_connections
from tests.security.attack import follower_of, serves
from tests.town import Town

INSIDE = "http://a.inside.test/secret"
NUMBERS = (
    "http://10.1.2.3/secret",
    "http://[::1]:1/secret",
    "http://[fe80::1]/secret",
    "http://169.254.169.254/latest/meta-data/",
)


async def test_nothing_inside_is_contacted_for_a_document(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    anna = await app_of(stadt, "sucht")
    pem = mallory.document()["publicKey"]["publicKeyPem"]
    with watched_connections() as connections:
        for number, inside in enumerate((INSIDE, *NUMBERS)):
            picture = {"type": "Image", "mediaType": "image/png", "url": inside}
            everything: dict[str, Any] = {
                **dict.fromkeys(("inReplyTo", "url", "replies", "likes", "shares", "context", "quote"), inside),
                "attachment": [picture, {"type": "Link", "href": inside}],
                "tag": [{"type": "Mention", "href": inside}, {"type": "Emoji", "name": ":x:", "icon": picture}],
            }
            boese.documents["/led"] = redirect(inside)
            boese.documents["/key"] = {
                "@context": CONTEXT,
                "id": f"{boese.origin}/key",
                "owner": inside,
                "publicKeyPem": pem,
            }
            link = {"rel": "self", "type": ACTIVITY_TYPE, "href": inside}
            boese.fingers[f"acct:innen{number}@{boese.domain}"] = {"subject": "acct:x@a.inside.test", "links": [link]}
            actor = {
                **mallory.document(),
                "icon": picture,
                "image": picture,
                "movedTo": inside,
                "alsoKnownAs": [inside],
            }
            boese.documents["/users/mallory"] = {**actor, "webfinger": "mallory@a.inside.test"}

            note = mallory.note(f'<a href="{inside}">da</a>', cc=[resident.uri], **everything)
            await stadt.accept(mallory, mallory.create(note))
            for target in (inside, f"{boese.origin}/led"):
                for kind in ("Announce", "Create"):
                    await stadt.deliver(mallory, mallory.activity(kind, target))
            for key_id in (f"{boese.origin}/key", f"{boese.origin}/led#{number}", inside):
                assert await stadt.deliver(mallory, mallory.activity("Like", note["id"]), key_id=key_id) == 401
            await stadt.accept(mallory, mallory.activity("Update", mallory.document()))
            for text in (inside, f"innen{number}@{boese.domain}", f"{boese.origin}/led", "x@a.inside.test"):
                found = await anna.get(f"/api/v2/search?resolve=true&q={text}")
                assert found["accounts"] == found["statuses"] == []
    assert {address[0] for address in connections} <= {"127.0.0.1"}
    await serves(stadt, nachbar)
