"""D07: a URL found inside a fetched document is as foreign as the first one, and goes the same way.

That there is no other way is held by tests/test_architecture.py: one module may open connections.
"""

import json

import pytest

from activitypub.http import ACTIVITY_ACCEPT, Refused
from tests.loopback import always, egress, loopback, reply, watched_connections

INSIDE = "http://inside.example/secret"
DOCUMENTS: dict[str, dict[str, object]] = {
    "NodeInfo": {"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": INSIDE}]},
    "WebFinger": {"subject": "acct:a@b.example", "links": [{"rel": "self", "href": INSIDE}]},
    "collection": {"type": "OrderedCollection", "first": INSIDE, "next": INSIDE},
    "actor": {"type": "Person", "inbox": INSIDE, "endpoints": {"sharedInbox": INSIDE}},
    "media": {"type": "Note", "attachment": [{"type": "Image", "url": INSIDE}]},
}


def urls_in(value: object) -> set[str]:
    """The addresses that a reader of the document would follow."""
    match value:
        case str():
            return {value} if value == INSIDE else set()
        case dict():
            return set().union(*(urls_in(item) for item in value.values()))
        case list():
            return set().union(*(urls_in(item) for item in value))
    return set()


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_what_a_document_points_to_is_judged(kind: str) -> None:
    document = json.dumps(DOCUMENTS[kind]).encode()
    async with (
        loopback(always(reply(200, document))) as server,
        egress(allow=["127.0.0.1/32"], known={"inside.example": ["10.1.2.3"]}) as client,
    ):
        found = urls_in(json.loads((await client.get(server.url(), accept=ACTIVITY_ACCEPT)).body))
        assert found == {INSIDE}
        with watched_connections() as connections:
            for url in found:
                with pytest.raises(Refused):
                    await client.get(url, accept=ACTIVITY_ACCEPT)
                with pytest.raises(Refused):
                    await client.post(url, b"{}", content_type="application/activity+json")
        assert connections == []
