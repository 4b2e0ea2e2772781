"""Collections of accounts. https://docs.joinmastodon.org/methods/collections/"""

from typing import Any

import pytest

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.services import collections
from tests.client import Client, anonymous, app_of, statements
from tests.fediverse import Person, Remote
from tests.town import Town

COLLECTIONS = "/api/v1/collections"


async def findable(town: Town, *names: str) -> list[Client]:
    """Return apps of residents who want to be found."""
    clients = [await app_of(town, name) for name in names]
    for client in clients:
        await client.patch("/api/v1/profile", json={"discoverable": True})
    return clients


async def make(client: Client, *members: Client, **fields: Any) -> Any:
    form = {"name": "Vereine", "account_ids": [member.id for member in members]}
    return (await client.post(COLLECTIONS, json=form | fields))["collection"]


async def test_the_life_of_a_collection(stadt: Town) -> None:
    anna, bert, carla = await findable(stadt, "anna", "bert", "carla")
    made = await make(anna, bert, carla, description="Aus der Stadt", language="de", tag_name="#Verein")
    assert made["uri"] == f"{stadt.origin}/users/anna/collections/{made['id']}"
    assert (made["account_id"], made["item_count"], made["local"], made["discoverable"]) == (anna.id, 2, True, True)
    assert [item["account_id"] for item in made["items"]] == [bert.id, carla.id]
    assert made["tag"]["name"] == "Verein"
    path = f"{COLLECTIONS}/{made['id']}"
    shown = await anonymous(stadt).get(path)
    assert shown["collection"] == made
    assert [account["id"] for account in shown["accounts"]] == [anna.id, bert.id, carla.id]
    for method in ("PATCH", "PUT"):
        reply = await anna.ask(method, path, json={"name": f"Neu {method}", "tag_name": "", "sensitive": True})
        assert reply.status == 200
        changed = reply.json["collection"]
        assert (changed["name"], changed["tag"], changed["sensitive"]) == (f"Neu {method}", None, True)
        assert changed["description"] == "Aus der Stadt"
    assert await anna.delete(path) == {}
    assert (await anna.ask("GET", path)).status == 404


async def test_items_are_added_removed_and_taken_back(stadt: Town) -> None:
    anna, bert, carla = await findable(stadt, "anna", "bert", "carla")
    made = await make(anna, bert)
    items = f"{COLLECTIONS}/{made['id']}/items"
    item = (await anna.post(items, json={"account_id": carla.id}))["collection_item"]
    assert (item["account_id"], item["state"]) == (carla.id, "accepted")
    assert await anna.delete(f"{items}/{item['id']}") == {}
    item = (await anna.post(items, data={"account_id": carla.id}))["collection_item"]
    assert (await bert.ask("POST", f"{items}/{item['id']}/revoke")).status == 403
    assert await carla.post(f"{items}/{item['id']}/revoke") == {}
    for reader in (anna, bert, carla, anonymous(stadt)):
        shown = (await reader.get(f"{COLLECTIONS}/{made['id']}"))["collection"]
        assert [entry["account_id"] for entry in shown["items"]] == [bert.id]
    assert await anna.delete(f"{items}/{item['id']}") == {}
    assert (await anna.ask("POST", items, json={"account_id": carla.id})).status == 422, "a no stays a no"
    assert (await anna.ask("DELETE", f"{items}/1")).status == 404


async def test_only_the_owner_changes_a_collection(stadt: Town) -> None:
    anna, bert = await findable(stadt, "anna", "bert")
    made = await make(anna, bert)
    path, item = f"{COLLECTIONS}/{made['id']}", made["items"][0]
    for method, address in (
        *(("PATCH", path), ("DELETE", path), ("POST", f"{path}/items")),
        ("DELETE", f"{path}/items/{item['id']}"),
    ):
        reply = await bert.ask(method, address, json={"name": "x", "account_id": bert.id})
        assert (reply.status, reply.json["error"]) == (403, "This action is not allowed")
        assert (await anonymous(stadt).ask(method, address)).status == 401
    assert (await bert.ask("PATCH", f"{COLLECTIONS}/1", json={"name": "x"})).status == 404
    assert (await anna.get(path))["collection"] == made


async def test_what_is_wrong_is_said_by_field(stadt: Town, subtests: pytest.Subtests) -> None:
    (anna,) = await findable(stadt, "anna")
    made = await make(anna)
    for wrong, field, code in [
        ({"name": ""}, "name", "ERR_BLANK"),
        ({"name": "x" * 41}, "name", "ERR_TOO_LONG"),
        ({"description": "x" * 101}, "description", "ERR_TOO_LONG"),
        ({"language": "x" * 36}, "language", "ERR_TOO_LONG"),
        ({"tag_name": "zwei worte"}, "tag_name", "ERR_INVALID"),
    ]:
        with subtests.test(wrong=wrong, field=field, code=code):
            for method, path in (("POST", COLLECTIONS), ("PATCH", f"{COLLECTIONS}/{made['id']}")):
                reply = await anna.ask(method, path, json={"name": "Vereine"} | wrong)
                assert reply.status == 422
                error = reply.json["error"]
                assert error["error"].startswith("Validation failed: ")
                assert [problem["error"] for problem in error["details"][field]] == [code]
            assert len((await anna.get(f"/api/v1/accounts/{anna.id}/collections"))["collections"]) == 1


async def test_nobody_is_shown_against_their_will(stadt: Town) -> None:
    anna, bert, carla = await findable(stadt, "anna", "bert", "carla")
    await bert.patch("/api/v1/profile", json={"discoverable": False})
    await carla.post(f"/api/v1/accounts/{anna.id}/block")
    made = await make(anna)
    items = f"{COLLECTIONS}/{made['id']}/items"
    refusals = [await anna.ask("POST", items, json={"account_id": who}) for who in (bert.id, carla.id, "1", "x")]
    assert [reply.status for reply in refusals] == [422] * 4
    assert len({reply.body for reply in refusals}) == 1, "why somebody cannot be shown is nobody's business"
    assert (await anna.ask("POST", items)).json["error"] == "`account_id` parameter is missing"
    assert (await anna.ask("POST", COLLECTIONS, json={"name": "x", "account_ids": [bert.id]})).status == 422
    assert (await carla.get(f"/api/v1/accounts/{anna.id}/collections"))["collections"] == [made]


async def test_who_blocks_or_is_shut_out_is_not_shown(stadt: Town) -> None:
    anna, bert, carla = await findable(stadt, "anna", "bert", "carla")
    made = await make(anna, bert, carla)
    path = f"{COLLECTIONS}/{made['id']}"
    await carla.post(f"/api/v1/accounts/{bert.id}/block")
    assert [item["account_id"] for item in (await carla.get(path))["collection"]["items"]] == [carla.id]

    def suspend(unit: Unit, actor_id: str) -> None:
        unit.get_one(Actor, int(actor_id)).suspended_at = unit.now

    await stadt.write(suspend, bert.id)
    shown = await anonymous(stadt).get(path)
    assert [item["account_id"] for item in shown["collection"]["items"]] == [carla.id]
    await anna.post(f"/api/v1/accounts/{carla.id}/block")
    assert (await carla.ask("GET", path)).status == 404
    await stadt.write(suspend, anna.id)
    assert (await anonymous(stadt).ask("GET", path)).status == 404
    assert (await stadt.get(f"/users/anna/collections/{made['id']}"))[0] == 404


async def test_lists_of_collections_are_counted_through(stadt: Town) -> None:
    anna, bert = await findable(stadt, "anna", "bert")
    made = [await make(anna, bert, name=f"Nummer {number}") for number in range(3)]
    hidden = await make(anna, bert, name="Versteckt", discoverable=False)
    for path in (f"/api/v1/accounts/{anna.id}/collections", f"/api/v1/accounts/{bert.id}/in_collections"):
        seen: list[str] = []
        address: str | None = f"{path}?limit=2"
        while address:
            reply = await anonymous(stadt).ask("GET", address)
            seen += [collection["id"] for collection in reply.json["collections"]]
            address = reply.link("next")
        assert seen == [collection["id"] for collection in reversed(made)]
        assert (await anonymous(stadt).ask("GET", f"{path}?limit=2&offset=2")).link(
            "prev"
        ) == f"{path}?limit=2&offset=0"
    mine = (await anna.get(f"/api/v1/accounts/{anna.id}/collections"))["collections"]
    his = (await bert.get(f"/api/v1/accounts/{bert.id}/in_collections"))["collections"]
    assert mine[0]["id"] == his[0]["id"] == hidden["id"]
    names = {
        account["acct"] for account in (await anna.get(f"/api/v1/accounts/{anna.id}/collections"))["partial_accounts"]
    }
    assert names == {"anna", "bert"}
    assert (await anna.ask("GET", "/api/v1/accounts/1/collections")).status == 404


async def test_there_is_an_end_to_collections_and_their_items(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, bert, carla = await findable(stadt, "anna", "bert", "carla")
    monkeypatch.setattr(collections, "ITEMS", 1)
    monkeypatch.setattr(collections, "COLLECTIONS", 1)
    assert (await anna.ask("POST", COLLECTIONS, json={"name": "x", "account_ids": [bert.id, carla.id]})).status == 422
    made = await make(anna, bert)
    assert (await anna.ask("POST", f"{COLLECTIONS}/{made['id']}/items", json={"account_id": carla.id})).status == 422
    assert (await anna.ask("POST", COLLECTIONS, json={"name": "x"})).status == 422


async def test_a_list_costs_the_same_whatever_its_length(stadt: Town) -> None:
    anna, bert, carla = await findable(stadt, "anna", "bert", "carla")
    path = f"/api/v1/accounts/{anna.id}/collections"
    await make(anna, bert)
    await bert.get(path)  # a token is looked up once in a few seconds
    with statements(stadt) as one:
        await bert.get(path)
    for _ in range(4):
        await make(anna, bert, carla)
    with statements(stadt) as several:
        await bert.get(path)
    assert len(one) == len(several) <= 6


async def test_other_servers_can_read_a_collection(stadt: Town, nachbar: Remote) -> None:
    """FEP-7aa9: each who is shown agrees, and what says so can be read."""
    anna, bert = await findable(stadt, "anna", "bert")
    made = await make(anna, bert, description="Gute Leute", tag_name="Fest")
    path = f"/users/anna/collections/{made['id']}"
    document = (await stadt.get(path))[1]
    assert (document["id"], document["topic"]) == (made["uri"], {"type": "Hashtag", "name": "#Fest"})
    assert (document["type"], document["name"], document["summary"]) == ("FeaturedCollection", "Vereine", "Gute Leute")
    assert document["attributedTo"] == f"{stadt.origin}/users/anna"
    (item,) = document["orderedItems"]
    assert (item["type"], item["featuredObject"]) == ("FeaturedItem", f"{stadt.origin}/users/bert")
    stamp = item["featureAuthorization"].removeprefix(stadt.origin)
    said = (await stadt.get(stamp))[1]
    assert (said["type"], said["interactingObject"]) == ("FeatureAuthorization", made["uri"])
    assert said["interactionTarget"] == f"{stadt.origin}/users/bert"
    listed = (await stadt.get("/users/anna/collections"))[1]
    assert listed["orderedItems"] == [made["uri"]]

    await bert.post(f"{COLLECTIONS}/{made['id']}/items/{made['items'][0]['id']}/revoke")
    assert (await stadt.get(path))[1]["orderedItems"] == []
    assert (await stadt.get(stamp))[0] == 404
    page = await anonymous(stadt).ask("GET", path, headers={"Accept": "text/html"})
    assert (page.status, page.headers["Location"]) == (302, f"{stadt.origin}/@anna")


async def test_somebody_elsewhere_is_asked_before_being_shown(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    (anna,) = await findable(stadt, "anna")
    emil, frida, mallory = nachbar.person("emil"), nachbar.person("frida"), boese.person("mallory")
    for name in ("emil", "frida"):
        nachbar.documents[f"/users/{name}"]["discoverable"] = True
    made = await make(anna)
    path = f"/users/anna/collections/{made['id']}"

    async def asked(person: Person) -> tuple[str, Any]:
        known = await stadt.meet(person)
        before = sum(each.activity["type"] == "FeatureRequest" for each in nachbar.received)
        item = await anna.post(f"{COLLECTIONS}/{made['id']}/items", json={"account_id": str(known.id)})
        *_, sent = await nachbar.until_received("FeatureRequest", before + 1)
        assert (sent.activity["object"], sent.activity["instrument"]) == (person.uri, made["uri"])
        assert item["collection_item"]["state"] == "pending"
        return sent.activity["id"], item["collection_item"]["id"]

    async def state(item_id: str) -> Any:
        items = (await anna.get(f"{COLLECTIONS}/{made['id']}"))["collection"]["items"]
        return next((item["state"] for item in items if item["id"] == item_id), None)

    request, item_id = await asked(emil)
    stamp = f"{emil.uri}/stamps/1"

    with subtests.test("nobody is shown meanwhile, and nobody else answers"):
        assert (await stadt.get(path))[1]["orderedItems"] == []
        await stadt.accept(frida, frida.activity("Accept", request, result=f"{frida.uri}/stamps/1"))
        await stadt.accept(mallory, mallory.activity("Accept", request, result=f"{mallory.uri}/stamps/1"))
        await stadt.accept(emil, emil.activity("Accept", request, result=f"{boese.origin}/stamps/1"))
        await stadt.accept(emil, emil.activity("Accept", request))
        assert await state(item_id) == "pending"

    with subtests.test("who agrees is shown with what says so"):
        await stadt.accept(emil, emil.activity("Accept", request, result=stamp))
        assert await state(item_id) == "accepted"
        (item,) = (await stadt.get(path))[1]["orderedItems"]
        assert (item["featuredObject"], item["featureAuthorization"]) == (emil.uri, stamp)

    with subtests.test("who takes that back is shown no longer, and nobody else takes it back"):
        await stadt.accept(frida, frida.activity("Delete", stamp))
        assert await state(item_id) == "accepted"
        authorization = {"id": stamp, "type": "FeatureAuthorization", "interactionTarget": emil.uri}
        await stadt.accept(emil, emil.activity("Delete", authorization))
        assert await state(item_id) is None
        await stadt.accept(emil, emil.activity("Accept", request, result=stamp))
        assert (await stadt.get(path))[1]["orderedItems"] == []

    with subtests.test("who does not agree is not shown"):
        refused, item_id = await asked(frida)
        request_as_it_came = {"id": refused, "type": "FeatureRequest", "object": frida.uri}
        await stadt.accept(frida, frida.activity("Reject", request_as_it_came))
        assert await state(item_id) is None
