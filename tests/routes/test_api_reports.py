"""Reporting accounts, here and to their own servers. https://docs.joinmastodon.org/methods/reports/"""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.caps import CAPS
from activitypub.graph.statuses import StatusDraft, StatusText, create_status
from activitypub.models import Actor, DomainBlock, Report, Severity, Status, new_id
from activitypub.sanitize import sanitize
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import Role, Rule
from tests.client import app_of, officer_of
from tests.fediverse import Remote
from tests.town import Town

REPORTS = "/api/v1/reports"


def _rule(unit: Unit) -> int:
    row = Rule(id=new_id(unit.now), position=1, text="Seid freundlich")
    unit.add(row)
    unit.flush()
    return row.id


def _sole(session: Session) -> Report:
    return session.scalars(select(Report)).one()


async def test_a_report_names_posts_and_says_why(stadt: Town) -> None:
    anna, emil = await app_of(stadt, "anna"), await app_of(stadt, "emil")
    post = await emil.write("Kauft meine Lose")
    report = await anna.post(
        REPORTS,
        json={"account_id": emil.id, "status_ids": [post["id"]], "comment": " Werbung ", "category": "spam"},
    )
    assert report == {
        "id": report["id"],
        "action_taken": False,
        "action_taken_at": None,
        "category": "spam",
        "comment": "Werbung",
        "forwarded": False,
        "created_at": report["created_at"],
        "status_ids": [post["id"]],
        "collection_ids": [],
        "rule_ids": [],
        "target_account": await anna.get(f"/api/v1/accounts/{emil.id}"),
    }
    row = await stadt.read(_sole)
    assert (row.actor_id, row.target_id, row.resolved_at) == (int(anna.id), int(emil.id), None)
    assert anna.username not in row.uri


async def test_the_moderators_hear_of_a_report_and_nobody_else(stadt: Town) -> None:
    vera, boss = await officer_of(stadt, "vera"), await officer_of(stadt, "boss", Role.ADMIN)
    anna, emil = await app_of(stadt, "anna"), await app_of(stadt, "emil")
    report = await anna.post(REPORTS, data={"account_id": emil.id, "comment": "Werbung"})
    for officer in (vera, boss):
        (told,) = await officer.get("/api/v1/notifications")
        assert (told["type"], told["account"]["id"], told["report"]) == ("admin.report", anna.id, report)
    assert await emil.get("/api/v1/notifications") == []


async def test_whoever_names_rules_reports_that_they_are_broken(stadt: Town) -> None:
    anna, emil = await app_of(stadt, "anna"), await app_of(stadt, "emil")
    rule = await stadt.write(_rule)
    report = await anna.post(REPORTS, data={"account_id": emil.id, "category": "spam", "rule_ids[]": str(rule)})
    assert (report["category"], report["rule_ids"]) == ("violation", [str(rule)])


async def test_what_cannot_be_reported(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, emil = await app_of(stadt, "anna"), await app_of(stadt, "emil")
    for form, status in [
        ({}, 404),
        ({"account_id": "1"}, 404),
        ({"account_id": "EMIL", "status_ids[]": "1"}, 404),
        ({"account_id": "EMIL", "category": "violation"}, 422),
        ({"account_id": "EMIL", "rule_ids[]": "1"}, 422),
        ({"account_id": "EMIL", "category": "envy"}, 422),
        ({"account_id": "EMIL", "comment": "x" * 1_001}, 422),
    ]:
        with subtests.test(form=form, status=status):
            sent = {name: emil.id if value == "EMIL" else value for name, value in form.items()}
            assert (await anna.ask("POST", REPORTS, data=sent)).status == status
            assert await stadt.count(Report) == 0


async def test_a_post_that_the_reporter_cannot_see_is_not_there(stadt: Town) -> None:
    anna, emil = await app_of(stadt, "anna"), await app_of(stadt, "emil")
    secret = await emil.write("Nur für Freunde", visibility="private")
    reply = await anna.ask("POST", REPORTS, data={"account_id": emil.id, "status_ids[]": secret["id"]})
    assert reply.status == 404


async def test_a_token_without_a_person_or_the_scope_reports_nothing(stadt: Town) -> None:
    anna, emil = await app_of(stadt, "anna", scopes="read"), await app_of(stadt, "emil")
    assert (await anna.ask("POST", REPORTS, data={"account_id": emil.id})).status == 403


async def test_a_report_reaches_the_other_server_without_the_name_of_the_reporter(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    remote = nachbar.person("emil")
    emil = await stadt.meet(remote)
    await stadt.write(_note_of, emil.id, f"{nachbar.origin}/notes/1")
    status_id = str(await stadt.read(_status_id))
    report = await anna.post(
        REPORTS, json={"account_id": str(emil.id), "status_ids": [status_id], "comment": "Böse", "forward": True}
    )
    assert report["forwarded"] is True
    (flag,) = await nachbar.until_received("Flag")
    assert flag.activity["actor"] == stadt.app.server.instance.actor_uri
    assert flag.activity["object"] == [remote.uri, f"{nachbar.origin}/notes/1"]
    assert flag.activity["content"] == "Böse"
    assert "anna" not in str(flag.activity)


async def test_nothing_is_sent_unless_the_reporter_wants_it(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    emil = await stadt.meet(nachbar.person("emil"))
    report = await anna.post(REPORTS, data={"account_id": str(emil.id)})
    assert report["forwarded"] is False
    await stadt.rest()
    assert [item for item in nachbar.received if item.activity["type"] == "Flag"] == []


async def test_who_reports_without_end_has_to_wait(stadt: Town) -> None:
    anna, emil = await app_of(stadt, "anna"), await app_of(stadt, "emil")

    def many(unit: Unit) -> None:
        for number in range(CAPS.reports_per_hour):
            unit.add(_report(unit, int(anna.id), int(emil.id), f"https://a.example/{number}"))

    await stadt.write(many)
    assert (await anna.ask("POST", REPORTS, data={"account_id": emil.id})).status == 422


def _report(unit: Unit, actor_id: int, target_id: int, uri: str) -> Report:
    return Report(
        id=new_id(unit.now),
        uri=uri,
        actor_id=actor_id,
        target_id=target_id,
        created_at=unit.now,
        updated_at=unit.now,
    )


# ----------------------------------------------------------------------------------------------- arriving


async def test_a_flag_becomes_a_report(stadt: Town, nachbar: Remote) -> None:
    emil = await app_of(stadt, "emil")
    first, second = await emil.write("Eins"), await emil.write("Zwei")
    server = nachbar.person("nachbar.test", kind="Application")
    uri = f"{stadt.origin}/users/emil"
    flag = server.activity("Flag", [uri, first["uri"], second["uri"], "https://x.example/1"], content="<p>Bitte</p>")
    assert await stadt.deliver(server, flag) == 202
    await stadt.settle()
    report = await stadt.read(_sole)
    assert (report.uri, report.comment, report.target_id) == (flag["id"], "Bitte", int(emil.id))
    assert report.status_ids == [int(first["id"]), int(second["id"])]
    assert (await stadt.known(server)).id == report.actor_id  # type: ignore[union-attr]


async def test_a_flag_of_a_post_alone_is_about_its_author_and_comes_once(stadt: Town, nachbar: Remote) -> None:
    emil = await app_of(stadt, "emil")
    post = await emil.write("Eins")
    server = nachbar.person("meldestelle")
    for _ in range(2):
        flag = server.activity("Flag", post["uri"], id=f"{nachbar.origin}/flags/1")
        await stadt.deliver(server, flag)
        await stadt.settle()
    assert (await stadt.read(_sole)).target_id == int(emil.id)


async def test_a_flag_about_nobody_here_leaves_no_report(stadt: Town, nachbar: Remote) -> None:
    server = nachbar.person("meldestelle")
    for target in (f"{stadt.origin}/users/nobody", "https://x.example/1", stadt.app.server.instance.actor_uri):
        assert await stadt.deliver(server, server.activity("Flag", target)) == 202
    await stadt.settle()
    assert await stadt.count(Report) == 0


async def test_reports_of_a_domain_can_be_refused(stadt: Town, nachbar: Remote) -> None:
    await app_of(stadt, "emil")
    server = nachbar.person("meldestelle")
    await stadt.write(_block, "nachbar.test")
    await stadt.deliver(server, server.activity("Flag", f"{stadt.origin}/users/emil"))
    await stadt.settle()
    assert await stadt.count(Report) == 0


async def test_a_server_that_reports_without_end_is_no_longer_heard(stadt: Town, nachbar: Remote) -> None:
    emil = await app_of(stadt, "emil")
    server = nachbar.person("meldestelle")
    known = await stadt.meet(server)

    def many(unit: Unit) -> None:
        for number in range(CAPS.reports_per_hour):
            unit.add(_report(unit, known.id, int(emil.id), f"{nachbar.origin}/flags/{number}"))

    await stadt.write(many)
    await stadt.deliver(server, server.activity("Flag", f"{stadt.origin}/users/emil"))
    await stadt.settle()
    assert await stadt.count(Report) == CAPS.reports_per_hour


def _block(unit: Unit, domain: str) -> None:
    unit.add(DomainBlock(domain=domain, severity=Severity.NOOP, reject_reports=True, created_at=unit.now))


def _note_of(unit: Unit, actor_id: int, uri: str) -> None:
    author = unit.get_one(Actor, actor_id)
    text = StatusText(content=sanitize("<p>Böse</p>"))
    create_status(unit, StatusDraft(uri, author, Visibility.PUBLIC, text, unit.now))


def _status_id(session: Session) -> Any:
    return session.scalars(select(Status.id)).one()
