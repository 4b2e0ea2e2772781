"""Taking along all that one has (FEP-9091 and FEP-6fcd): whole, in order, and nobody else's."""

import csv
import io
import json
import tarfile
from typing import Any

import pytest

from fediverse_kommune.services import export
from tests.client import Client, anonymous, app_of
from tests.fediverse import Remote
from tests.pictures import picture, upload
from tests.town import Town

PATH = "/api/v1/accounts/export"


async def taken_along(client: Client) -> dict[str, bytes]:
    reply = await client.ask("POST", PATH)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/x-tar")
    assert reply.headers["Cache-Control"] == "private, no-store"
    with tarfile.open(fileobj=io.BytesIO(reply.body)) as archive:
        members = archive.getmembers()
        return {each.name: archive.extractfile(each).read() for each in members}  # type: ignore[union-attr]


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


async def test_all_that_one_has_is_in_the_file(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 2)
    anna, bert, emil = await app_of(stadt, "anna"), await app_of(stadt, "bert"), nachbar.person("emil")
    far, home = await stadt.meet(emil), f"{stadt.host}:{stadt.port}"
    await bert.follow(anna)
    await anna.follow(bert)
    await anna.post(f"/api/v1/accounts/{far.id}/mute", json={"notifications": False})
    await anna.post(f"/api/v1/accounts/{far.id}/note", json={"comment": 'sagt "ja", und\nnein'})
    await anna.post("/api/v1/domain_blocks", json={"domain": "laut.example"})
    row = await anna.post("/api/v1/lists", json={"title": "Nach, bar"})
    await anna.post(f"/api/v1/lists/{row['id']}/accounts", json={"account_ids": [bert.id]})
    uploaded = (await upload(anna, picture("PNG", (20, 10)))).json
    posts = [await anna.write(f"Nummer {number}") for number in range(3)]
    secret = await anna.write("@bert geheim", visibility="direct")
    shown = await anna.write("Bild", media_ids=[uploaded["id"]])
    other = await bert.write("von Bert")
    for deed in ("reblog", "bookmark", "favourite"):
        await anna.post(f"/api/v1/statuses/{other['id']}/{deed}")
    await anna.put(f"/api/v1/pleroma/statuses/{other['id']}/reactions/🔥")
    files = await taken_along(anna)

    with subtests.test("a manifest says what there is"):
        manifest = json.loads(files["manifest.yml"])
        assert next(iter(files)) == "manifest.yml"
        listed = manifest["contents"]["activitypub"]["contents"]
        assert {f"activitypub/{name}" for name in listed if name != "attachments"} == {
            name for name in files if name.startswith("activitypub/") and "attachments" not in name
        }
        kept = {f"activitypub/attachments/{name}" for name in listed["attachments"]["contents"]}
        assert kept == {name for name in files if "attachments" in name}
        assert (manifest["ubc-version"], manifest["meta"]["createdBy"]["controller"]) == (
            0.1,
            f"{stadt.origin}/users/anna",
        )

    with subtests.test("posts, whoever they were for, as they were typed, and what was passed on"):
        outbox = json.loads(files["activitypub/outbox.json"])
        assert (outbox["type"], outbox["totalItems"]) == ("OrderedCollection", 6)
        created = [item["object"] for item in outbox["orderedItems"] if item["type"] == "Create"]
        assert [each["id"] for each in created] == [post["uri"] for post in (*posts, secret, shown)]
        assert created[3]["source"] == {"content": "@bert geheim", "mediaType": "text/plain"}
        assert outbox["orderedItems"][-1]["object"] == other["uri"]

    with subtests.test("files, and no key"):
        (attachment,) = (content for name, content in files.items() if "attachments" in name)
        assert attachment.startswith(b"\x89PNG")
        assert not any(b"PRIVATE KEY" in content for content in files.values())
        assert json.loads(files["activitypub/actor.json"])["service"][0]["serviceEndpoint"] == stadt.origin + PATH

    with subtests.test("tables that other servers import"):
        tables = {name.partition("/")[2]: rows(content) for name, content in files.items() if name.endswith(".csv")}
        bert_at = f"bert@{home}"
        assert tables == {
            "following_accounts.csv": [
                ["Account address", "Show boosts", "Notify on new posts", "Languages"],
                [bert_at, "true", "false", ""],
            ],
            "followers.csv": [["Account address"], [bert_at]],
            "blocked_accounts.csv": [],
            "muted_accounts.csv": [["Account address", "Hide notifications"], [f"emil@{nachbar.domain}", "false"]],
            "blocked_domains.csv": [["laut.example"]],
            "lists.csv": [["Nach, bar", bert_at]],
            "bookmarks.csv": [[other["uri"]]],
            "likes.csv": [[other["uri"]]],
            "reactions.csv": [["Post", "Emoji"], [other["uri"], "🔥"]],
            "followed_tags.csv": [],
            "notes.csv": [["Account address", "Note"], [f"emil@{nachbar.domain}", 'sagt "ja", und\nnein']],
        }

    with subtests.test("nobody else's, and not too often"):
        mine = json.loads((await taken_along(bert))["activitypub/outbox.json"])
        assert [item["object"]["id"] for item in mine["orderedItems"]] == [other["uri"]]
        assert (await anonymous(stadt).ask("POST", PATH)).status == 401
        narrow = await app_of(stadt, "anna", scopes="read:statuses write")
        assert (await narrow.ask("POST", PATH)).status == 403
        said: list[Any] = [(await anna.ask("POST", PATH)).status for _ in range(4)]
        assert said == [200, 200, 429, 429]
