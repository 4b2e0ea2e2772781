"""Filters of both versions, and what they do to every list. https://docs.joinmastodon.org/methods/filters/"""

from datetime import timedelta
from typing import Any

import pytest

from fediverse_kommune.events import FiltersChanged
from tests.client import Client, app_of, statements
from tests.town import Town

V1, V2 = "/api/v1/filters", "/api/v2/filters"
HOME = "/api/v1/timelines/home"
EVERYWHERE = ["home", "notifications", "public", "thread", "account"]


async def add(client: Client, *words: str, **fields: Any) -> Any:
    form = {
        "title": "Ruhe",
        "context": EVERYWHERE,
        "filter_action": "warn",
        "keywords_attributes": [{"keyword": word} for word in words],
    }
    return await client.post(V2, json=form | fields)


def ids(statuses: list[dict[str, Any]]) -> list[str]:
    return [status["id"] for status in statuses]


async def test_the_life_of_a_filter(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    made = await anna.post(
        V2,
        data={
            "title": "Ruhe",
            "context[]": "home",
            "filter_action": "blur",
            "keywords_attributes[0][keyword]": "Lärm",
            "keywords_attributes[0][whole_word]": "false",
            "keywords_attributes[1][keyword]": "Stau",
        },
    )
    assert [(word["keyword"], word["whole_word"]) for word in made["keywords"]] == [("Lärm", False), ("Stau", True)]
    assert {key: made[key] for key in ("title", "context", "expires_at", "filter_action", "statuses")} == {
        "title": "Ruhe",
        "context": ["home"],
        "expires_at": None,
        "filter_action": "blur",
        "statuses": [],
    }
    path = f"{V2}/{made['id']}"
    assert await anna.get(path) == made
    assert await anna.get(V2) == [made]
    noise, jam = made["keywords"]
    changed = await anna.put(
        path,
        json={
            "title": "Stille",
            "expires_in": 3600,
            "keywords_attributes": [
                {"id": noise["id"], "_destroy": True},
                {"id": jam["id"], "keyword": "Staus"},
                {"keyword": "Hupe", "whole_word": False},
            ],
        },
    )
    assert [word["keyword"] for word in changed["keywords"]] == ["Staus", "Hupe"]
    assert (changed["title"], changed["context"], changed["filter_action"]) == ("Stille", ["home"], "blur")
    assert changed["expires_at"] is not None
    assert (await anna.put(path, json={"expires_in": None}))["expires_at"] is None
    assert (await anna.put(path, data={"expires_in": ""}))["expires_at"] is None
    assert await anna.delete(path) == {}
    assert (await anna.ask("GET", path)).status == 404
    assert await anna.get(V2) == []


async def test_the_words_of_a_filter(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    made = await add(anna)
    words = f"{V2}/{made['id']}/keywords"
    word = await anna.post(words, data={"keyword": "Stau", "whole_word": "0"})
    assert (word["keyword"], word["whole_word"]) == ("Stau", False)
    one = f"{V2}/keywords/{word['id']}"
    assert await anna.get(one) == word
    assert await anna.get(words) == [word]
    changed = await anna.put(one, json={"keyword": "Staus", "whole_word": True})
    assert changed == {"id": word["id"], "keyword": "Staus", "whole_word": True}
    assert await anna.delete(one) == {}
    assert await anna.get(words) == []
    assert (await anna.ask("DELETE", one)).status == 404


async def test_single_posts_in_a_filter(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    made = await add(anna, filter_action="hide")
    status, secret = await bert.write("Guten Tag"), await bert.write("leise", visibility="direct")
    await anna.follow(bert)
    entries = f"{V2}/{made['id']}/statuses"
    entry = await anna.post(entries, json={"status_id": status["id"]})
    assert entry["status_id"] == status["id"]
    assert (await anna.ask("POST", entries, json={"status_id": status["id"]})).status == 422
    for unknown in ("1", "x", secret["id"]):
        assert (await anna.ask("POST", entries, json={"status_id": unknown})).status == 404
    assert (await anna.ask("POST", entries)).status == 422
    assert ids(await anna.get(HOME)) == []
    (result,) = (await anna.get(f"/api/v1/statuses/{status['id']}"))["filtered"]
    assert (result["keyword_matches"], result["status_matches"]) == (None, [status["id"]])
    assert await anna.get(entries) == [entry]
    one = f"{V2}/statuses/{entry['id']}"
    assert await anna.get(one) == entry
    assert await anna.delete(one) == entry
    assert ids(await anna.get(HOME)) == [status["id"]]
    assert (await anna.ask("GET", one)).status == 404


async def test_nobody_sees_or_changes_the_filters_of_another(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await bert.write("Guten Tag")
    made = await add(anna, "Stau")
    entry = await anna.post(f"{V2}/{made['id']}/statuses", json={"status_id": status["id"]})
    word = made["keywords"][0]
    body = {"keyword": "x", "title": "x", "phrase": "x", "context": ["home"], "status_id": status["id"]}
    for path in (
        *(f"{V2}/{made['id']}", f"{V2}/{made['id']}/keywords", f"{V2}/{made['id']}/statuses"),
        *(f"{V2}/keywords/{word['id']}", f"{V2}/statuses/{entry['id']}", f"{V1}/{word['id']}"),
    ):
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert (await bert.ask(method, path, json=body)).status in {404, 405}, (method, path)
    assert await bert.get(V2) == await bert.get(V1) == []
    assert (await anna.get(V2))[0]["keywords"] == [word]
    other = await add(bert, "Hupe")
    stolen = {"keywords_attributes": [{"id": word["id"], "keyword": "x"}]}
    assert (await bert.ask("PUT", f"{V2}/{other['id']}", json=stolen)).status == 404
    assert (await bert.ask("POST", V2, json={"title": "a", "context": ["home"], **stolen})).status == 404


async def test_what_makes_no_sense_is_refused(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for wrong in [
        {"title": ""},
        {"title": "x" * 257},
        {"context": []},
        {"context": ["nowhere"]},
        {"filter_action": "laugh"},
        {"expires_in": "soon"},
        {"expires_in": -1},
        {"expires_in": 10**15},
        {"keywords_attributes": [{"keyword": ""}]},
        {"keywords_attributes": [{"keyword": "x" * 513}]},
        {"keywords_attributes": [{"keyword": "x"}] * 501},
    ]:
        with subtests.test(wrong=wrong):
            form = {"title": "Ruhe", "context": ["home"]} | wrong
            reply = await anna.ask("POST", V2, json=form)
            assert reply.status == 422
            assert reply.json["error"]
            assert await anna.get(V2) == []


async def test_a_filter_marks_and_hides_everywhere(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.follow(bert)
    question = await anna.write("Wie war es?")
    loud = await bert.write("Stau in der Stadt")  # the public timeline shows no answers
    noisy = await bert.write("@anna Viel Stau #rathaus", in_reply_to_id=question["id"])
    quiet = await bert.write("@anna Staustufe #rathaus", in_reply_to_id=question["id"])

    def target(name: str) -> str:
        return str((loud if name == "public" else noisy)["id"])

    async def shown() -> dict[str, list[str]]:
        context = await anna.get(f"/api/v1/statuses/{question['id']}/context")
        told = await anna.get("/api/v1/notifications?types[]=mention")
        return {
            "home": ids(await anna.get(HOME)),
            "public": ids(await anna.get("/api/v1/timelines/public")),
            "tag": ids(await anna.get("/api/v1/timelines/tag/rathaus")),
            "account": ids(await anna.get(f"/api/v1/accounts/{bert.id}/statuses")),
            "thread": ids(context["descendants"]),
            "notifications": [item["status"]["id"] for item in told],
        }

    before = await shown()
    assert {name for name, found in before.items() if target(name) not in found} == set()
    made = await add(anna, "stau")
    assert await shown() == before
    (result,) = (await anna.get(HOME))[1]["filtered"]
    assert (result["keyword_matches"], result["status_matches"]) == (["stau"], None)
    assert result["filter"] == {
        "id": made["id"],
        "title": "Ruhe",
        "context": EVERYWHERE,
        "expires_at": None,
        "filter_action": "warn",
    }
    assert (await anna.get(HOME))[0]["filtered"] == []
    for context in EVERYWHERE:
        await anna.put(f"{V2}/{made['id']}", json={"filter_action": "hide", "context": [context]})
        lists = {"public": ("public", "tag")}.get(context, (context,))
        for name, found in (await shown()).items():
            assert (target(name) in found) is (name not in lists), (context, name)
            assert quiet["id"] in found or name == "public"
    assert len((await bert.get(f"/api/v1/statuses/{question['id']}/context"))["descendants"]) == 2
    assert (await anna.get(f"/api/v1/statuses/{noisy['id']}"))["filtered"][0]["filter"]["filter_action"] == "hide"


async def test_ones_own_posts_are_never_filtered(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await add(anna, "Stau", filter_action="hide")
    mine = await anna.write("Ich stehe im Stau")
    (shown,) = await anna.get(HOME)
    assert (shown["id"], shown["filtered"]) == (mine["id"], [])


async def test_what_is_passed_on_is_filtered_like_the_post(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    await anna.follow(bert)
    hers = await carla.write("Stau!")
    await bert.post(f"/api/v1/statuses/{hers['id']}/reblog")
    made = await add(anna, "Stau")
    (shown,) = await anna.get(HOME)
    assert shown["filtered"] == shown["reblog"]["filtered"]
    assert shown["filtered"][0]["filter"]["id"] == made["id"]
    await anna.put(f"{V2}/{made['id']}", json={"filter_action": "hide"})
    assert await anna.get(HOME) == []


async def test_a_filter_reads_warnings_descriptions_and_edits(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await bert.write("Guten Tag", spoiler_text="Stau")
    path = f"/api/v1/statuses/{status['id']}"
    await add(anna, "Stau")
    assert len((await anna.get(path))["filtered"]) == 1
    await bert.put(path, json={"status": "Guten Abend"})
    assert (await anna.get(path))["filtered"] == []
    await bert.put(path, json={"status": "Guten Stau"})
    assert len((await anna.get(path))["filtered"]) == 1


async def test_a_filter_ends_when_it_is_to(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await bert.write("Stau")
    await add(anna, "Stau", expires_in=3600)
    path = f"/api/v1/statuses/{status['id']}"
    assert len((await anna.get(path))["filtered"]) == 1
    cache = stadt.app.server.filters
    later = cache._clock() + timedelta(seconds=3601)
    for keeper in (cache, stadt.app.server.answers):
        monkeypatch.setattr(keeper, "_clock", lambda: later)
    assert (await anna.get(path))["filtered"] == []
    assert len(await anna.get(V2)) == 1


async def test_filters_are_read_once_and_again_after_a_change(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.follow(bert)
    for number in range(5):
        await bert.write(f"Stau {number}")
    with statements(stadt) as without:
        await anna.get(HOME)
    made = await add(anna, "Stau")
    await anna.get(HOME)
    with statements(stadt) as warm:
        await anna.get(HOME)
    assert len(warm) <= len(without), "compiled filters cost no statement"
    assert not any("filter_keywords" in statement for statement in warm)
    await anna.delete(f"{V2}/keywords/{made['keywords'][0]['id']}")
    assert all(status["filtered"] == [] for status in await anna.get(HOME))


async def test_streams_hear_that_filters_changed(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await app_of(stadt, "anna")
    heard: list[str] = []
    subscribers = stadt.app.server.db._writer._setting.subscribers
    monkeypatch.setitem(subscribers, FiltersChanged, (lambda unit, event: heard.append(str(event.actor_id)),))
    made = await add(anna, "Stau")
    await anna.delete(f"{V2}/{made['id']}")
    assert heard == [anna.id] * 2


# ------------------------------------------------------------------------------------------------ version 1


async def test_version_1_sees_each_word_as_a_filter(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    made = await anna.post(V1, data={"phrase": "Stau", "context[]": ["home", "thread"], "irreversible": "1"})
    assert made == {
        "id": made["id"],
        "phrase": "Stau",
        "context": ["home", "thread"],
        "whole_word": False,
        "expires_at": None,
        "irreversible": True,
    }
    (whole,) = await anna.get(V2)
    assert (whole["title"], whole["filter_action"], whole["keywords"][0]["id"]) == ("Stau", "hide", made["id"])
    path = f"{V1}/{made['id']}"
    assert await anna.get(path) == made
    changed = await anna.put(path, json={"phrase": "Staus", "context": ["public"], "whole_word": True})
    assert (changed["phrase"], changed["context"], changed["whole_word"], changed["irreversible"]) == (
        *("Staus", ["public"], True),
        False,
    )
    other = await add(anna, "eins", "zwei")
    assert [item["phrase"] for item in await anna.get(V1)] == ["Staus", "eins", "zwei"]
    one, two = other["keywords"]
    assert (await anna.ask("PUT", f"{V1}/{one['id']}", json={"phrase": "drei", "context": ["home"]})).status == 422
    same = await anna.put(f"{V1}/{one['id']}", json={"phrase": "drei", "context": EVERYWHERE})
    assert same["phrase"] == "drei"
    assert await anna.delete(f"{V1}/{one['id']}") == {}
    assert [word["id"] for word in (await anna.get(f"{V2}/{other['id']}"))["keywords"]] == [two["id"]]
    for gone in (one["id"], "999"):
        for method in ("GET", "DELETE"):
            assert (await anna.ask(method, f"{V1}/{gone}")).status == 404


async def test_version_1_refuses_what_makes_no_sense(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for wrong in [{"phrase": ""}, {"context": []}, {"context": ["x"]}, {"phrase": "x" * 513}]:
        with subtests.test(wrong=wrong):
            assert (await anna.ask("POST", V1, json={"phrase": "a", "context": ["home"]} | wrong)).status == 422
