"""What moderators do with reports. https://docs.joinmastodon.org/methods/admin/reports/"""

import pytest

from activitypub.unit import Unit
from fediverse_kommune.models import Role
from fediverse_kommune.services.accounts import create_team
from tests.client import Client, app_of, officer_of, statements
from tests.routes.admin_cases import file_report, find_user, rule_of
from tests.town import Town

REPORTS, ACCOUNTS = "/api/v1/admin/reports", "/api/v1/admin/accounts"


async def _reported(stadt: Town) -> tuple[Client, Client, Client, str]:
    """Vera moderates; Anna reports a post of Emil's that only his followers read, because it breaks a rule."""
    vera, anna, emil = await officer_of(stadt, "vera"), await app_of(stadt, "anna"), await app_of(stadt, "emil")
    await anna.follow(emil)
    post = await emil.write("Nur für Freunde", visibility="private")
    rule = await stadt.write(rule_of)
    body = {"account_id": emil.id, "status_ids": [post["id"]], "comment": "Bitte", "rule_ids": [str(rule)]}
    return vera, anna, emil, (await anna.post("/api/v1/reports", json=body))["id"]


async def test_a_report_as_moderators_see_it(stadt: Town) -> None:
    vera, anna, emil, number = await _reported(stadt)
    (listed,) = await vera.get(REPORTS)
    (post,) = listed["statuses"]
    (rule,) = listed["rules"]
    assert listed == {
        "id": number,
        "action_taken": False,
        "action_taken_at": None,
        "category": "violation",
        "comment": "Bitte",
        "forwarded": False,
        "created_at": listed["created_at"],
        "updated_at": listed["created_at"],
        "account": await vera.get(f"{ACCOUNTS}/{anna.id}"),
        "target_account": await vera.get(f"{ACCOUNTS}/{emil.id}"),
        "assigned_account": None,
        "action_taken_by_account": None,
        "statuses": [post],
        "rules": [{"id": rule["id"], "text": "Seid freundlich", "hint": "", "translations": {}}],
    }
    assert (post["visibility"], post["account"]["id"]) == ("private", emil.id)
    assert await vera.get(f"{REPORTS}/{number}") == listed
    assert (await vera.ask("GET", f"{REPORTS}/1")).status == 404


async def test_a_report_is_taken_on_closed_and_opened_again(stadt: Town) -> None:
    vera, _, emil, number = await _reported(stadt)
    one = f"{REPORTS}/{number}"
    assert (await vera.post(f"{one}/assign_to_self"))["assigned_account"]["id"] == vera.id
    closed = await vera.post(f"{one}/resolve")
    assert (closed["action_taken"], closed["action_taken_by_account"]["id"]) == (True, vera.id)
    assert closed["action_taken_at"] is not None
    assert await vera.get(REPORTS) == []
    assert [report["id"] for report in await vera.get(f"{REPORTS}?resolved=true")] == [number]
    opened = await vera.post(f"{one}/reopen")
    assert (opened["action_taken"], opened["action_taken_by_account"]) == (False, None)
    assert (await vera.post(f"{one}/unassign"))["assigned_account"] is None
    assert [report["id"] for report in await vera.get(f"{REPORTS}?target_account_id={emil.id}")] == [number]
    assert await vera.get(f"{REPORTS}?account_id={emil.id}") == []
    for action in ("assign_to_self", "unassign", "resolve", "reopen"):
        assert (await vera.ask("POST", f"{REPORTS}/1/{action}")).status == 404


async def test_a_report_is_classified_anew(stadt: Town) -> None:
    vera, _, _, number = await _reported(stadt)
    one = f"{REPORTS}/{number}"
    changed = await vera.put(one, data={"category": "spam"})
    assert (changed["category"], changed["rules"]) == ("spam", [])
    rule = str(await stadt.write(rule_of))
    changed = await vera.put(one, json={"category": "violation", "rule_ids": [rule]})
    assert (changed["category"], [each["id"] for each in changed["rules"]]) == ("violation", [rule])
    for wrong in ({"category": "envy"}, {"category": "violation", "rule_ids": ["1"]}):
        assert (await vera.ask("PUT", one, json=wrong)).status == 422
    assert (await vera.ask("PUT", f"{REPORTS}/1", json={})).status == 404


@pytest.mark.parametrize(("target_role", "status"), [(Role.MODERATOR, 200), (Role.ADMIN, 403)])
async def test_nobody_decides_about_somebody_above_them(stadt: Town, target_role: Role, status: int) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    target = await officer_of(stadt, "otto", target_role)
    number = await stadt.write(file_report, int(anna.id), int(target.id))
    for action in ("assign_to_self", "resolve", "reopen", "unassign"):
        assert (await vera.ask("POST", f"{REPORTS}/{number}/{action}")).status == status


async def test_nobody_decides_about_themselves_nor_about_their_club(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")

    def found(unit: Unit) -> int:
        return create_team(unit, find_user(unit, int(vera.id)).id, "chor", kind="Group", name="Chor").id

    for target in (int(vera.id), await stadt.write(found)):
        number = await stadt.write(file_report, int(anna.id), target)
        assert (await vera.ask("POST", f"{REPORTS}/{number}/resolve")).status == 403


async def test_a_page_of_reports_costs_as_much_as_one(stadt: Town) -> None:
    vera, anna, _, _ = await _reported(stadt)
    with statements(stadt) as one:
        await vera.get(REPORTS)
    for number in range(5):
        other = await app_of(stadt, f"o{number}")
        post = await other.write("Hallo")
        await anna.post("/api/v1/reports", json={"account_id": other.id, "status_ids": [post["id"]]})
    with statements(stadt) as six:
        assert len(await vera.get(REPORTS)) == 6
    # The first page also read a token that was not known yet.
    assert len(six) <= len(one) <= 9
    reply = await vera.ask("GET", f"{REPORTS}?limit=4")
    path = reply.link("next")
    assert path is not None
    assert (len(reply.json), len(await vera.get(path))) == (4, 2)


async def test_a_page_of_accounts_is_two_statements(stadt: Town) -> None:
    vera = await officer_of(stadt, "vera")
    for number in range(5):
        await app_of(stadt, f"o{number}")
    with statements(stadt) as seen:
        assert len(await vera.get(ACCOUNTS)) == 6
    assert len(seen) <= 2
