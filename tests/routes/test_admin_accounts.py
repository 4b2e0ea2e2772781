"""Accounts as moderators see them, and what they do about them. https://docs.joinmastodon.org/methods/admin/accounts/"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.graph.moderation import KEPT as KEPT_TABLES
from activitypub.models import Actor, Follow, Like, Report, Status
from activitypub.unit import Unit
from fediverse_kommune.events import SignedUp
from fediverse_kommune.models import AccessToken, AccountWarning, AuditEntry, Role, User, WebSession
from fediverse_kommune.services import moderation
from fediverse_kommune.services.staff import COMMAND_LINE, carry_out
from tests.client import Browser, Client, anonymous, app_of, officer_of
from tests.fediverse import Remote
from tests.routes.admin_cases import file_report, resident
from tests.town import Town

V1, V2 = "/api/v1/admin/accounts", "/api/v2/admin/accounts"


async def act(officer: Client, target: str, kind: str, **more: Any) -> Any:
    return await officer.post(f"{V1}/{target}/action", json={"type": kind, **more})


async def test_an_account_as_moderators_see_it(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    shown = await vera.get(f"{V1}/{anna.id}")
    assert shown == {
        "id": anna.id,
        "username": "anna",
        "domain": None,
        "created_at": shown["created_at"],
        "email": "anna@post.example",
        "ip": None,
        "ips": [],
        "locale": "de",
        "invite_request": None,
        "role": {
            "id": "-99",
            "name": "",
            "color": "",
            "permissions": "0",
            "highlighted": False,
            "collection_limit": 10,
        },
        "confirmed": True,
        "approved": shown["approved"],
        "disabled": False,
        "sensitized": False,
        "silenced": False,
        "suspended": False,
        "account": await anna.get(f"/api/v1/accounts/{anna.id}"),
    }
    assert (await vera.ask("GET", f"{V1}/1")).status == 404


async def test_accounts_are_found_by_every_filter(stadt: Town, nachbar: Remote) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    emil = await stadt.meet(nachbar.person("emil"))
    quiet = await resident(stadt, silenced_at="now", approved_at="now")
    gone = await resident(stadt, suspended_at="now", approved_at="now")
    waiting = await resident(stadt, approved_at=None)
    shut = await resident(stadt, disabled_at="now", approved_at="now", last_ip="192.0.2.7")
    marked = await resident(stadt, sensitized_at="now", approved_at="now")

    async def found(path: str) -> set[str]:
        return {account["id"] for account in await vera.get(path)}

    local = {vera.id, anna.id, quiet.id, gone.id, waiting.id, shut.id, marked.id}
    assert await found(f"{V1}?local=1") == await found(f"{V2}?origin=local") == local
    assert await found(f"{V1}?remote=true") == await found(f"{V2}?origin=remote") == {str(emil.id)}
    assert await found(f"{V1}?silenced=1") == await found(f"{V2}?status=silenced") == {quiet.id}
    assert await found(f"{V1}?suspended=1") == await found(f"{V2}?status=suspended") == {gone.id}
    assert waiting.id in await found(f"{V1}?pending=1") & await found(f"{V2}?status=pending")
    assert await found(f"{V1}?disabled=1") == await found(f"{V2}?status=disabled") == {shut.id}
    assert await found(f"{V1}?sensitized=1") == {marked.id}
    active = await found(f"{V2}?status=active")
    assert {quiet.id, marked.id, str(emil.id)} <= active
    assert not active & {gone.id, waiting.id, shut.id}
    assert await found(f"{V1}?staff=1") == await found(f"{V2}?permissions=staff") == {vera.id}
    assert await found(f"{V2}?role_ids[]=2") == {vera.id}
    assert await found(f"{V2}?role_ids[]=3") == set()
    assert await found(f"{V1}?username=ann") == {anna.id}
    assert await found(f"{V1}?display_name=Anna") == {anna.id}
    assert await found(f"{V1}?by_domain=nachbar.test") == {str(emil.id)}
    assert await found(f"{V1}?email=anna@post.example") == {anna.id}
    assert await found(f"{V1}?ip=192.0.2.7") == {shut.id}
    assert await found(f"{V2}?invited_by={vera.id}") == set()
    for wrong in ("origin=mars", "status=asleep"):
        assert (await vera.ask("GET", f"{V2}?{wrong}")).status == 422


async def test_the_list_goes_on_page_by_page(stadt: Town) -> None:
    vera = await officer_of(stadt, "vera")
    everybody = [vera.id] + [(await app_of(stadt, name)).id for name in ("anna", "berta", "carl")]
    seen: list[str] = []
    path: str | None = f"{V1}?limit=3"
    while path:
        reply = await vera.ask("GET", path)
        seen += [account["id"] for account in reply.json]
        path = reply.link("next")
    assert seen == sorted(everybody, key=int, reverse=True)


async def test_a_warning_changes_nothing_and_is_kept(stadt: Town) -> None:
    vera, anna, emil = await officer_of(stadt, "vera"), await app_of(stadt, "anna"), await app_of(stadt, "emil")
    report_id = await stadt.write(file_report, int(emil.id), int(anna.id))
    other = await stadt.write(file_report, int(emil.id), int(anna.id))
    assert await act(vera, anna.id, "none", text=" Bitte nicht ", report_id=str(report_id)) == {}
    warning = await stadt.read(_sole_warning)
    assert (warning.action, warning.text, warning.report_id) == ("none", "Bitte nicht", report_id)
    assert await stadt.read(_open_reports) == [other]
    await act(vera, anna.id, "silence")
    assert await stadt.read(_open_reports) == []
    shown = await vera.get(f"{V1}/{anna.id}")
    assert (shown["silenced"], shown["suspended"]) == (True, False)


async def test_who_is_warned_hears_why_unless_moderators_say_nothing(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    await act(vera, anna.id, "sensitive", text="Bitte nicht")
    await act(vera, anna.id, "silence", text="Nun ist es genug", send_email_notification=False)
    (told,) = await anna.get("/api/v1/notifications")
    warning = told["moderation_warning"]
    assert (told["type"], told["account"]["id"]) == ("moderation_warning", anna.id)
    assert (warning["action"], warning["text"], warning["target_account"]["id"]) == (
        "sensitive",
        "Bitte nicht",
        anna.id,
    )


async def test_the_team_hears_of_a_newcomer(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    await stadt.write(Unit.publish, SignedUp(int(anna.id)))
    (told,) = await vera.get("/api/v1/notifications")
    assert (told["type"], told["account"]["id"]) == ("admin.sign_up", anna.id)


def _sole_warning(session: Session) -> AccountWarning:
    return session.scalars(select(AccountWarning)).one()


def _open_reports(session: Session) -> list[int]:
    return list(session.scalars(select(Report.id).where(Report.resolved_at.is_(None))))


async def test_an_action_that_cannot_be_taken(stadt: Town, subtests: pytest.Subtests) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    for form, status in [
        ({}, 422),
        ({"type": "exile"}, 422),
        ({"type": "none", "report_id": "1"}, 404),
        ({"type": "none", "text": "x" * 10_001}, 422),
    ]:
        with subtests.test(form=form, status=status):
            assert (await vera.ask("POST", f"{V1}/{anna.id}/action", data=form)).status == status
            assert await stadt.count(AuditEntry) == 0


async def test_a_report_about_somebody_else_leads_to_nothing(stadt: Town) -> None:
    vera, anna, emil = await officer_of(stadt, "vera"), await app_of(stadt, "anna"), await app_of(stadt, "emil")
    report_id = await stadt.write(file_report, int(anna.id), int(emil.id))
    body = {"type": "silence", "report_id": str(report_id)}
    assert (await vera.ask("POST", f"{V1}/{anna.id}/action", json=body)).status == 404
    assert (await vera.get(f"{V1}/{anna.id}"))["silenced"] is False


# ------------------------------------------------------------------------------------------------ disabling


async def test_who_is_disabled_gets_in_neither_by_app_nor_by_browser(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    browser = Browser(stadt)
    await browser.log_in("anna")
    await act(vera, anna.id, "disable")
    assert (await anna.ask("GET", "/api/v1/accounts/verify_credentials")).status == 401
    assert await stadt.count(WebSession) == 0
    assert (await browser.log_in("anna")).status == 422
    shown = await vera.post(f"{V1}/{anna.id}/enable")
    assert shown["disabled"] is False
    assert (await anna.ask("GET", "/api/v1/accounts/verify_credentials")).status == 200


async def test_nobody_logs_in_as_a_remote_account_so_it_cannot_be_disabled(stadt: Town, nachbar: Remote) -> None:
    vera = await officer_of(stadt, "vera")
    emil = await stadt.meet(nachbar.person("emil"))
    assert (await vera.ask("POST", f"{V1}/{emil.id}/action", data={"type": "disable"})).status == 403


# ------------------------------------------------------------------------------------------------ sensitive


async def test_the_media_of_a_marked_account_are_sensitive_everywhere(stadt: Town) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    post = await anna.write("Bild")
    path = f"/users/anna/statuses/{post['id']}"
    assert (await anna.get(f"/api/v1/statuses/{post['id']}"))["sensitive"] is False
    await act(vera, anna.id, "sensitive")
    assert (await anna.get(f"/api/v1/statuses/{post['id']}"))["sensitive"] is True
    assert (await stadt.get(path))[1]["sensitive"] is True
    await vera.post(f"{V1}/{anna.id}/unsensitive")
    assert (await stadt.get(path))[1]["sensitive"] is False


# ---------------------------------------------------------------------------------------------- silencing


async def test_a_silenced_account_says_so_and_has_to_ask_before_it_follows(stadt: Town) -> None:
    vera, anna, emil = await officer_of(stadt, "vera"), await app_of(stadt, "anna"), await app_of(stadt, "emil")
    assert "limited" not in await anna.get(f"/api/v1/accounts/{emil.id}")
    await act(vera, emil.id, "silence")
    assert (await anna.get(f"/api/v1/accounts/{emil.id}"))["limited"] is True
    assert (await emil.follow(anna))["requested"] is True
    await vera.post(f"{V1}/{emil.id}/unsilence")
    assert "limited" not in await anna.get(f"/api/v1/accounts/{emil.id}")


async def test_a_silenced_account_is_found_by_its_handle_and_by_its_followers_only(stadt: Town) -> None:
    vera, anna, berta, emil = (
        await officer_of(stadt, "vera"),
        await app_of(stadt, "anna"),
        await app_of(stadt, "berta"),
        await app_of(stadt, "emil"),
    )
    await berta.follow(emil)
    await act(vera, emil.id, "silence")

    async def found(who: Client, text: str) -> list[str]:
        return [account["id"] for account in await who.get(f"/api/v1/accounts/search?q={text}")]

    assert await found(anna, "emil") == []
    assert await found(berta, "emil") == [emil.id]
    assert await found(emil, "emil") == [emil.id]
    host = stadt.app.server.instance.account_domain
    assert await found(anna, f"emil@{host}") == [emil.id]


# ---------------------------------------------------------------------------------------------- suspending


async def test_a_suspended_account_is_neither_shown_nor_heard_until_it_is_restored(stadt: Town) -> None:
    vera, anna, emil = await officer_of(stadt, "vera"), await app_of(stadt, "anna"), await app_of(stadt, "emil")
    await anna.follow(emil)
    post = await emil.write("Guten Tag")
    paths = (f"/api/v1/accounts/{emil.id}", f"/api/v1/statuses/{post['id']}")
    browser = Browser(stadt)
    await browser.log_in("emil")
    await act(vera, emil.id, "suspend")

    shown = await anna.get(paths[0])
    assert (shown["suspended"], shown["display_name"], shown["note"]) == (True, "", "")
    assert (await anna.ask("GET", paths[1])).status == 404
    assert await anna.get("/api/v1/timelines/home") == []
    assert (await emil.ask("GET", "/api/v1/accounts/verify_credentials")).status == 401
    assert await stadt.count(AccessToken, AccessToken.actor_id == int(emil.id)) == 0
    assert await stadt.count(WebSession) == 0
    assert (await anonymous(stadt).ask("GET", "/@emil")).status == 404
    assert (await vera.get(f"{V1}/{emil.id}"))["suspended"] is True

    await vera.post(f"{V1}/{emil.id}/unsuspend")
    assert "suspended" not in await anna.get(paths[0])
    assert (await anna.ask("GET", paths[1])).status == 200
    assert [status["id"] for status in await anna.get("/api/v1/timelines/home")] == [post["id"]]
    assert (await vera.ask("POST", f"{V1}/{emil.id}/unsuspend")).status == 403


async def test_followers_elsewhere_hear_that_an_account_is_suspended_and_that_it_is_back(
    stadt: Town, nachbar: Remote
) -> None:
    vera, emil = await officer_of(stadt, "vera"), await app_of(stadt, "emil")
    await _follow_from(stadt, nachbar, "berta", "emil")
    await act(vera, emil.id, "suspend")
    (update_,) = await nachbar.until_received("Update")
    assert update_.activity["object"]["suspended"] is True
    assert update_.activity["object"]["name"] == ""
    status, document = await stadt.get("/users/emil")
    assert (status, document["suspended"], document["publicKey"]["id"]) == (
        200,
        True,
        f"{stadt.origin}/users/emil#main-key",
    )
    await vera.post(f"{V1}/{emil.id}/unsuspend")
    updates = await nachbar.until_received("Update", 2)
    assert "suspended" not in updates[1].activity["object"]
    assert updates[1].activity["object"]["name"] == "Emil"


async def _follow_from(town: Town, server: Remote, follower: str, followed: str) -> None:
    person = server.person(follower)
    await town.accept(person, person.activity("Follow", f"{town.origin}/users/{followed}"))


async def test_a_suspended_remote_account_loses_its_follows_of_ours(stadt: Town, nachbar: Remote) -> None:
    vera, anna = await officer_of(stadt, "vera"), await app_of(stadt, "anna")
    await _follow_from(stadt, nachbar, "emil", "anna")
    emil = await stadt.known(nachbar.person("emil"))
    assert emil is not None
    await act(vera, str(emil.id), "suspend")
    await nachbar.until_received("Reject")
    assert await stadt.count(Follow) == 0
    (told,) = [each for each in await anna.get("/api/v1/notifications") if each["type"] == "severed_relationships"]
    event = told["event"]
    assert (event["type"], event["followers_count"], event["following_count"]) == ("account_suspension", 1, 0)
    note = nachbar.person("emil").note(to=[f"{stadt.origin}/users/anna"], cc=[])
    await stadt.accept(nachbar.person("emil"), nachbar.person("emil").create(note))
    assert await stadt.count(Status) == 0
    shown = await vera.get(f"{V1}/{emil.id}")
    assert (shown["suspended"], shown["domain"]) == (True, "nachbar.test:" + str(nachbar.port))


async def test_nobody_follows_a_suspended_account(stadt: Town, nachbar: Remote) -> None:
    vera, emil = await officer_of(stadt, "vera"), await app_of(stadt, "emil")
    await act(vera, emil.id, "suspend")
    await _follow_from(stadt, nachbar, "berta", "emil")
    assert await stadt.count(Follow) == 0


# ------------------------------------------------------------------------------------------------ for good


async def test_only_a_suspended_account_is_deleted_and_then_nothing_is_left_but_its_name(
    stadt: Town, nachbar: Remote
) -> None:
    boss, anna, emil = (
        await officer_of(stadt, "vera", Role.ADMIN),
        await app_of(stadt, "anna"),
        await app_of(stadt, "emil"),
    )
    await _follow_from(stadt, nachbar, "berta", "emil")
    theirs = await anna.write("Von Anna")
    await emil.follow(anna)
    await emil.post(f"/api/v1/statuses/{theirs['id']}/favourite")
    await emil.post(f"/api/v1/statuses/{theirs['id']}/reblog")
    await emil.write("Antwort", in_reply_to_id=theirs["id"])
    assert (await boss.ask("DELETE", f"{V1}/{emil.id}")).status == 403
    await act(boss, emil.id, "suspend", text="Schluss")
    gone = await boss.delete(f"{V1}/{emil.id}")
    assert (gone["id"], gone["email"], gone["suspended"]) == (emil.id, "emil@post.example", True)

    (farewell,) = await nachbar.until_received("Delete")
    assert farewell.activity["object"] == f"{stadt.origin}/users/emil"
    post = await anna.get(f"/api/v1/statuses/{theirs['id']}")
    assert (post["favourites_count"], post["reblogs_count"], post["replies_count"]) == (0, 0, 0)
    assert (await anna.get(f"/api/v1/accounts/{anna.id}"))["followers_count"] == 0
    assert await stadt.count(User, User.actor_id == int(emil.id)) == 0
    assert await stadt.count(Status, Status.actor_id == int(emil.id)) == 0
    assert await stadt.count(Like) == 0
    assert (await stadt.get("/users/emil"))[0] == 410
    assert await stadt.count(AccountWarning) == 1, "what moderators wrote down stays"
    assert {"account_warnings", "reports"} == KEPT_TABLES
    with pytest.raises(Exception, match="called emil"):
        await app_of(stadt, "emil")
    for path in ("unsuspend",):
        assert (await boss.ask("POST", f"{V1}/{emil.id}/{path}")).status == 403
    assert (await boss.ask("DELETE", f"{V1}/{emil.id}")).status == 403


async def test_what_was_suspended_for_a_month_goes_by_itself(stadt: Town) -> None:
    vera, emil, anna = await officer_of(stadt, "vera"), await app_of(stadt, "emil"), await app_of(stadt, "anna")
    for person in (emil, anna):
        await person.write("Guten Tag")
        await act(vera, person.id, "suspend")
    now = stadt.app.server.clock()
    assert await stadt.read(moderation.expired, now, 10) == []
    with pytest.raises(Exception, match="not allowed"):
        await stadt.write(carry_out, COMMAND_LINE, moderation.purge_expired, int(emil.id))

    def long_ago(unit: Unit) -> None:
        past = unit.now - moderation.KEPT - timedelta(minutes=1)
        unit.execute(update(Actor).where(Actor.id == int(emil.id)).values(suspended_at=past))

    await stadt.write(long_ago)
    await stadt.app.server.db.read(moderation.expired, now, 10)
    await stadt.housekeep()
    assert await stadt.count(Status) == 1
    assert await stadt.count(AuditEntry, AuditEntry.action == "account.expire", AuditEntry.user_id.is_(None)) == 1
    assert await stadt.read(moderation.expired, now, 10) == []


# ------------------------------------------------------------------------------------------------- sign-ups


async def test_who_waits_is_let_in_or_turned_away_once(stadt: Town) -> None:
    vera = await officer_of(stadt, "vera")
    one, other = await resident(stadt, approved_at=None), await resident(stadt, approved_at=None)
    shown = await vera.post(f"{V1}/{one.id}/approve")
    assert shown["approved"] is True
    assert (await vera.ask("POST", f"{V1}/{one.id}/approve")).status == 403
    assert (await vera.ask("POST", f"{V1}/{one.id}/reject")).status == 403
    gone = await vera.post(f"{V1}/{other.id}/reject")
    assert (gone["id"], gone["approved"]) == (other.id, False)
    assert await stadt.count(Actor, Actor.id == int(other.id)) == 0
    assert (await vera.ask("GET", f"{V1}/{other.id}")).status == 404
