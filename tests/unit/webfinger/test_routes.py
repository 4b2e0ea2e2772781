"""What our well-known addresses answer (RFC 7033 section 4, RFC 6415)."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from quart import Quart
from quart.typing import TestClientProtocol as Client

from webfinger.handle import Handle, InvalidHandle, parse_handle
from webfinger.jrd import actor_jrd, parse_jrd
from webfinger.routes import routes

ORIGIN = "https://social.bürger.example"
ANNA = Handle("anna", "xn--brger-kva.example")


async def find(resource: str) -> dict[str, Any] | None:
    """Know one person, by every spelling of her handle."""
    try:
        handle = parse_handle(resource)
    except InvalidHandle:
        return None
    if handle.folded != ANNA.folded:
        return None
    return actor_jrd(ANNA, f"{ORIGIN}/users/anna", profile_url=f"{ORIGIN}/@anna")


@pytest.fixture
def client() -> Client:
    app = Quart(__name__)
    app.register_blueprint(routes(find, origin=ORIGIN))
    return app.test_client()


@pytest.mark.parametrize(
    "resource", ["acct:anna@bürger.example", "acct:ANNA@xn--brger-kva.example", "anna@bürger.example"]
)
async def test_known(client: Client, resource: str) -> None:
    response = await client.get("/.well-known/webfinger", query_string={"resource": resource})
    assert response.status_code == 200
    assert response.content_type == "application/jrd+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert parse_jrd(await response.get_json(force=True)).actor_uri == f"{ORIGIN}/users/anna"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?resource=", 400),
        ("?resource=anna", 400),
        ("?resource=acct:a@b.example&resource=acct:c@d.example", 400),
        ("?resource=acct:" + "x" * 2_048, 400),
        ("?rel=self", 400),
        ("?resource=acct:berta@xn--brger-kva.example", 404),
        ("?resource=acct:anna@other.example", 404),
        ("?resource=acct:%00", 404),
        ("?resource=%ff%fe:", 404),
        ("?resource=https://social.xn--brger-kva.example/nobody", 404),
    ],
)
async def test_refusals_are_readable_from_anywhere_and_not_remembered(client: Client, query: str, status: int) -> None:
    response = await client.get(f"/.well-known/webfinger{query}")
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "no-store"
    assert (await response.get_data(as_text=True)).endswith(".")


async def test_only_the_relations_asked_for(client: Client) -> None:
    query = "?resource=acct:anna@xn--brger-kva.example&rel=self&rel=other"
    document = await (await client.get(f"/.well-known/webfinger{query}")).get_json(force=True)
    assert [link["rel"] for link in document["links"]] == ["self"]
    assert document["subject"] == "acct:anna@xn--brger-kva.example"


async def test_host_meta_points_here_in_xml_and_json(client: Client) -> None:
    template = f"{ORIGIN}/.well-known/webfinger?resource={{uri}}"
    xrd = await client.get("/.well-known/host-meta")
    assert xrd.content_type == "application/xrd+xml; charset=utf-8"
    link = ET.fromstring(await xrd.get_data()).find("{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link")
    assert link is not None
    assert (link.get("rel"), link.get("template")) == ("lrdd", template)
    for path, headers in (
        ("/.well-known/host-meta", {"Accept": "application/json"}),
        ("/.well-known/host-meta.json", {}),
    ):
        response = await client.get(path, headers=headers)
        assert response.content_type == "application/json"
        assert (await response.get_json())["links"][0]["template"] == template
