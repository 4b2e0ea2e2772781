"""What the instance says about itself, to apps and to those who count. https://docs.joinmastodon.org/methods/instance/"""

from datetime import timedelta

from fediverse_kommune.services.statistics import COUNTED_EVERY, Statistics, count_usage
from tests.client import anonymous, app_of, officer_of
from tests.fediverse import Remote
from tests.town import Town


async def test_both_versions_agree(stadt: Town) -> None:
    nobody = anonymous(stadt)
    old, new = await nobody.get("/api/v1/instance"), await nobody.get("/api/v2/instance")
    assert old["uri"] == new["domain"] == f"{stadt.host}:{stadt.port}"
    assert old["title"] == new["title"] == "Teststadt"
    assert old["version"] == new["version"]
    assert old["version"].startswith("4.6.0 (compatible; fediverse_kommune ")
    assert "+glitch" not in old["version"]
    assert new["api_versions"]["mastodon"] == 10
    assert old["configuration"]["statuses"] == new["configuration"]["statuses"]
    assert (
        new["configuration"]["urls"]["streaming"] == old["urls"]["streaming_api"] == f"ws://{stadt.host}:{stadt.port}"
    )


async def test_limits_are_the_ones_that_hold(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    limit = (await anna.get("/api/v2/instance"))["configuration"]["statuses"]["max_characters"]
    assert (await anna.ask("POST", "/api/v1/statuses", json={"status": "x" * limit})).status == 200
    assert (await anna.ask("POST", "/api/v1/statuses", json={"status": "x" * (limit + 1)})).status == 422


async def test_what_is_not_there_is_said_to_be_empty(stadt: Town) -> None:
    nobody = anonymous(stadt)
    assert await nobody.get("/api/v1/custom_emojis") == []
    assert await nobody.get("/api/v1/instance/rules") == []
    assert (await nobody.get("/api/v1/instance/extended_description"))["content"] == ""


async def test_peers_are_the_servers_we_know_somebody_of(stadt: Town, nachbar: Remote) -> None:
    await stadt.meet(nachbar.person("emil"))
    assert await anonymous(stadt).get("/api/v1/instance/peers") == [nachbar.domain]


async def test_nodeinfo_counts_what_there_is(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await officer_of(stadt, "bert")
    await anna.write("eins")
    await anna.write("@bert zwei", visibility="direct")
    *links, application = (await anna.get("/.well-known/nodeinfo"))["links"]
    assert application == {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": f"{stadt.origin}/actor"}
    assert [link["rel"].rpartition("/")[2] for link in links] == ["2.0", "2.1"]
    for link in links:
        document = await anna.get(link["href"].removeprefix(stadt.origin))
        assert document["version"] == link["rel"].rpartition("/")[2]
        assert document["software"]["name"] == "fediverse_kommune"
        assert document["protocols"] == ["activitypub"]
        assert document["openRegistrations"] is False
        assert document["metadata"] == {
            "nodeName": "Teststadt",
            "nodeDescription": "",
            "langs": ["de"],
            "staffAccounts": [f"{stadt.origin}/users/bert"],
            "federation": {"enabled": True},
        }
        assert document["usage"] == {
            "users": {"total": 2, "activeMonth": 1, "activeHalfyear": 1},
            "localPosts": 1,
        }
    assert "repository" not in (await anna.get("/nodeinfo/2.0"))["software"]


async def test_figures_are_counted_rarely(stadt: Town) -> None:
    now = stadt.app.server.clock()
    statistics = Statistics(stadt.app.server.db, lambda: now)
    before = await statistics.usage()
    await app_of(stadt, "anna")
    assert await statistics.usage() == before
    now += COUNTED_EVERY + timedelta(seconds=1)
    assert (await statistics.usage()).users == before.users + 1


async def test_who_was_not_here_for_a_month_is_not_active(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.get("/api/v1/accounts/verify_credentials")
    now = stadt.app.server.clock()
    figures = [await stadt.read(count_usage, now + timedelta(days=days)) for days in (0, 31, 181)]
    assert [(usage.active_month, usage.active_half_year) for usage in figures] == [(1, 1), (0, 1), (0, 0)]


async def test_preferences(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    assert (await anna.get("/api/v1/preferences"))["posting:default:visibility"] == "public"
