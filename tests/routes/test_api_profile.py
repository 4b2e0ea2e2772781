"""How an actor describes itself, by the old and the new method. https://docs.joinmastodon.org/methods/profile/"""

import io
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.models import Role, Standing, User
from fediverse_kommune.services import teams
from tests.client import Client, anonymous, app_of
from tests.fediverse import Remote
from tests.pictures import picture
from tests.town import Town

PROFILE = "/api/v1/profile"
UPDATE = "/api/v1/accounts/update_credentials"


async def upload(client: Client, path: str, **files: bytes) -> Any:
    form = aiohttp.FormData()
    for name, content in files.items():
        form.add_field(name, io.BytesIO(content), filename=f"{name}.png", content_type="image/png")
        form.add_field(f"{name}_description", f"Ein Bild: {name}")
    return await client.patch(path, data=form)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_a_profile_is_read_and_changed_as_it_was_typed(stadt: Town, method: str) -> None:
    anna = await app_of(stadt, "anna")
    form = {
        "display_name": "Anna",
        "note": "Ich & #Garten",
        "fields_attributes": [{"name": "Seite", "value": "https://anna.example"}],
        "bot": True,
        "locked": True,
        "hide_collections": True,
        "discoverable": True,
        "indexable": True,
        "show_media": False,
        "show_media_replies": False,
        "show_featured": False,
        "attribution_domains": ["https://Zeitung.example/artikel", "zeitung.example", "müller.example"],
        "role": "admin",
    }
    reply = await anna.ask(method, PROFILE, json=form)
    assert reply.status == 200
    profile = reply.json
    assert profile == await anna.get(PROFILE)
    assert profile == {
        "id": anna.id,
        "display_name": "Anna",
        "note": "Ich & #Garten",
        "fields": [{"name": "Seite", "value": "https://anna.example", "verified_at": None}],
        "avatar": None,
        "avatar_static": None,
        "avatar_description": "",
        "header": None,
        "header_static": None,
        "header_description": "",
        "locked": True,
        "bot": True,
        "hide_collections": True,
        "discoverable": True,
        "indexable": True,
        "show_media": False,
        "show_media_replies": False,
        "show_featured": False,
        "attribution_domains": ["zeitung.example", "xn--mller-kva.example"],
    }
    account = await anonymous(stadt).get(f"/api/v1/accounts/{anna.id}")
    assert [account[name] for name in ("show_media", "show_media_replies", "show_featured")] == [False] * 3
    document = (await stadt.get("/users/anna"))[1]
    assert document["attributionDomains"] == ["zeitung.example", "xn--mller-kva.example"]


async def test_pictures_come_with_descriptions_and_go(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    profile = await upload(anna, PROFILE, avatar=picture("PNG", (50, 50)), header=picture("PNG", (90, 30)))
    assert profile["avatar_description"] == "Ein Bild: avatar"
    assert profile["header_description"] == "Ein Bild: header"
    document = (await stadt.get("/users/anna"))[1]
    assert (document["icon"]["name"], document["image"]["name"]) == ("Ein Bild: avatar", "Ein Bild: header")
    for name in ("avatar", "header"):
        account = await anna.delete(f"{PROFILE}/{name}")
        assert account["source"]["note"] == ""
        assert "/static/missing/" in account[name]
        assert account[f"{name}_description"] == ""
        assert (await anna.ask("GET", urlsplit(profile[name]).path)).status == 404
        assert (await anna.ask("DELETE", f"{PROFILE}/{name}")).status == 200, "what is gone can be taken away again"
    assert (await anna.get(PROFILE))["avatar"] is None
    assert "icon" not in (await stadt.get("/users/anna"))[1]


async def test_what_makes_no_sense_changes_nothing(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    before = await anna.get("/api/v1/accounts/verify_credentials")
    for path in [PROFILE, UPDATE]:
        for wrong in [
            {"avatar_description": "x" * 1_501},
            {"header_description": "x" * 1_501},
            {"attribution_domains": [f"{number}.example" for number in range(11)]},
            {"attribution_domains": ["keine domain"]},
            {"source": {"privacy": "direct"}},
            {"source": {"privacy": "x"}},
            {"source": {"language": "deutsch!"}},
            {"source": {"quote_policy": "everybody"}},
            {"source": {"sensitive": "perhaps"}},
            {"source": "x"},
            {"show_media": "perhaps"},
        ]:
            with subtests.test(path=path, wrong=wrong):
                assert (await anna.ask("PATCH", path, json={"display_name": "neu"} | wrong)).status == 422
                assert await anna.get("/api/v1/accounts/verify_credentials") == before


async def test_how_one_posts_is_changed_and_told(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    form = {
        "source[privacy]": "unlisted",
        "source[sensitive]": "true",
        "source[language]": "en",
        "source[quote_policy]": "nobody",
    }
    source = (await anna.patch(UPDATE, data=form))["source"]
    assert [source[name] for name in ("privacy", "sensitive", "language", "quote_policy")] == [
        *("unlisted", True, "en", "nobody"),
    ]
    assert await anna.get("/api/v1/preferences") == {
        "posting:default:visibility": "unlisted",
        "posting:default:sensitive": True,
        "posting:default:language": "en",
        "posting:default:quote_policy": "nobody",
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }
    source = (await anna.patch(UPDATE, json={"source": {"language": "", "quote_policy": "followers"}}))["source"]
    assert (source["privacy"], source["language"], source["quote_policy"]) == ("unlisted", "de", "followers")
    assert (await bert.get("/api/v1/preferences"))["posting:default:visibility"] == "public"


async def test_who_may_not_edit_for_a_team_changes_nothing(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")

    def demote(unit: Unit) -> None:
        actor_id = int(bert.id)
        row = teams._find(unit, _user_of(unit, actor_id), actor_id)
        assert row is not None
        row.standing = Standing.AUTHOR

    await stadt.write(demote)
    for method, path in (("PATCH", PROFILE), ("DELETE", f"{PROFILE}/avatar"), ("DELETE", f"{PROFILE}/header")):
        assert (await bert.ask(method, path, json={"note": "x"})).status == 403
        assert (await anonymous(stadt).ask(method, path)).status == 401
    narrow = await app_of(stadt, "anna", scopes="profile")
    assert (await narrow.get(PROFILE))["id"] == anna.id
    assert (await narrow.ask("PATCH", PROFILE, json={"note": "x"})).status == 403


def _user_of(unit: Unit, actor_id: int) -> int:
    user = unit.query(User).filter(User.actor_id == actor_id).one()
    return user.id


async def test_an_account_shows_its_badge_and_where_it_moved(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    emil = await stadt.meet(nachbar.person("emil"))

    def promote(unit: Unit) -> None:
        unit.query(User).filter(User.actor_id == int(anna.id)).one().role = Role.MODERATOR
        unit.get_one(Actor, int(anna.id)).moved_to_uri = emil.uri

    await stadt.write(promote)
    for path in (f"/api/v1/accounts/{anna.id}", "/api/v1/accounts/lookup?acct=anna"):
        account = await anonymous(stadt).get(path)
        assert [role["name"] for role in account["roles"]] == ["Moderator"]
        assert account["moved"]["id"] == str(emil.id)
    assert (await anonymous(stadt).get(f"/api/v1/accounts/{emil.id}"))["roles"] is None


async def test_of_one_who_is_shut_out_only_the_name_is_shown(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.patch(PROFILE, json={"note": "Geheim", "display_name": "Bert Geheim"})

    def suspend(unit: Unit) -> None:
        unit.get_one(Actor, int(bert.id)).suspended_at = unit.now

    await stadt.write(suspend)
    account = await anna.get(f"/api/v1/accounts/{bert.id}")
    assert (account["acct"], account["suspended"], account["note"]) == ("bert", True, "")
    assert "Geheim" not in str(account)
    assert (await anna.ask("GET", f"/api/v1/accounts/{bert.id}/statuses")).status == 404
