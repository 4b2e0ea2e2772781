"""How somebody gets an account by themselves. https://docs.joinmastodon.org/methods/accounts/#create"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.config import LimitsConfig
from fediverse_kommune.models import (
    CanonicalEmailBlock,
    EmailDomainBlock,
    IpBlock,
    IpBlockSeverity,
    Mail,
    User,
)
from fediverse_kommune.services import registration
from fediverse_kommune.services.admission import canonical_hash
from tests.client import PASSWORD, Browser, Client, anonymous, app_of
from tests.mailbox import Mailbox, mailbox, text_of
from tests.town import Town, town

ACCOUNTS = "/api/v1/accounts"
FORM = {
    "username": "neu",
    "email": "Neu@Post.example",
    "password": PASSWORD,
    "agreement": True,
    "locale": "de",
}


@asynccontextmanager
async def open_town(database_url: str, folder: Path, **words: Any) -> AsyncIterator[tuple[Town, Mailbox]]:
    """Start a town where people can register, and its mail server."""
    async with (
        mailbox() as box,
        town(database_url, folder, mail=box.config, **{"registrations_open": True} | words) as running,
    ):
        yield running, box


async def app(there: Town, scopes: str = "read write") -> Client:
    """Return an app that acts for nobody yet."""
    nobody = anonymous(there)
    made = await nobody.post(
        "/api/v1/apps",
        json={"client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": scopes},
    )
    form = {"grant_type": "client_credentials", "scope": scopes}
    keys = {name: made[name] for name in ("client_id", "client_secret")}
    token = await nobody.post("/oauth/token", data=form | keys)
    return Client(there, token["access_token"])


def link_in(text: str) -> str:
    match = re.search(r"https?://[^/]+(/confirm\?token=\S+)", text)
    assert match is not None, text
    return match[1]


async def test_from_the_form_to_the_first_post(database_url: str, tmp_path: Path) -> None:
    async with open_town(database_url, tmp_path) as (there, box):
        assert (await anonymous(there).get("/api/v2/instance"))["registrations"]["enabled"] is True
        token = await (await app(there)).post(ACCOUNTS, json=FORM)
        assert (token["token_type"], token["scope"]) == ("Bearer", "read write")
        neu = Client(there, token["access_token"])
        assert await neu.get("/api/v1/emails/check_confirmation") is False
        reply = await neu.ask("GET", "/api/v1/accounts/verify_credentials")
        assert (reply.status, reply.json["error"]) == (403, "Your login is missing a confirmed e-mail address")
        assert (await neu.ask("POST", "/api/v1/statuses", json={"status": "x"})).status == 403
        mail = await box.receive()
        assert (mail["To"], mail["From"]) == ("neu@post.example", "Teststadt <noreply@stadt.test>")
        assert mail["Subject"] == "Bestätigen Sie Ihre Adresse für Teststadt"
        path = link_in(text_of(mail))
        assert there.origin in text_of(mail)
        browser = Browser(there)
        assert (await browser.open(path)).status == 200
        assert await neu.get("/api/v1/emails/check_confirmation") is False, "to open the page confirms nothing"
        assert (await browser.submit({})).status == 200
        assert await neu.get("/api/v1/emails/check_confirmation") is True
        assert (await neu.get("/api/v1/accounts/verify_credentials"))["acct"] == "neu"
        assert (await neu.post("/api/v1/statuses", json={"status": "Da bin ich"}))["account"]["acct"] == "neu"
        assert (await browser.open(path)).status == 404, "a link works once"
        assert await there.count(Mail) == 0


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"username": ""}, "username", "ERR_BLANK"),
    ({"username": "ä b"}, "username", "ERR_INVALID"),
    ({"username": "x" * 31}, "username", "ERR_TOO_LONG"),
    ({"username": "Rathaus"}, "username", "ERR_RESERVED"),
    ({"username": "ANNA"}, "username", "ERR_TAKEN"),
    ({"email": ""}, "email", "ERR_BLANK"),
    ({"email": "keine"}, "email", "ERR_INVALID"),
    ({"email": "a@sub.weg.example"}, "email", "ERR_BLOCKED"),
    ({"email": "b.o.e.s.e+x@post.example"}, "email", "ERR_BLOCKED"),
    ({"password": ""}, "password", "ERR_BLANK"),
    ({"password": "kurz"}, "password", "ERR_TOO_SHORT"),
    ({"password": "x" * 1_025}, "password", "ERR_TOO_LONG"),
    ({"agreement": False}, "agreement", "ERR_ACCEPTED"),
    ({"reason": ""}, "reason", "ERR_BLANK"),
    ({"reason": "x" * 501}, "reason", "ERR_TOO_LONG"),
    ({"date_of_birth": ""}, "date_of_birth", "ERR_BLANK"),
    ({"date_of_birth": "gestern"}, "date_of_birth", "ERR_INVALID"),
    ({"date_of_birth": "2020-02-29"}, "date_of_birth", "ERR_BELOW_LIMIT"),
]


async def test_what_is_wrong_is_said_by_field(database_url: str, tmp_path: Path, subtests: pytest.Subtests) -> None:
    def block(unit: Unit) -> None:
        unit.add(EmailDomainBlock(id=1, domain="weg.example", created_at=unit.now))
        hashed = canonical_hash("boese@post.example")
        unit.add(CanonicalEmailBlock(id=1, email_hash=hashed, created_at=unit.now))

    async with open_town(database_url, tmp_path, approval_required=True, min_age=16) as (there, _):
        await app_of(there, "anna")
        await there.write(block)
        client = await app(there)
        for wrong, field, code in WRONG:
            with subtests.test(wrong=wrong, field=field, code=code):
                form = FORM | {"reason": "Ich wohne hier", "date_of_birth": "1980-05-04"} | wrong
                reply = await client.ask("POST", ACCOUNTS, json=form)
                assert reply.status == 422
                assert [problem["error"] for problem in reply.json["details"].pop(field)] == [code]
                assert reply.json["error"].startswith("Validation failed: ")
                assert await there.count(User) == 1


async def test_where_nobody_can_register_that_is_said(stadt: Town, database_url: str) -> None:
    client = await app(stadt)
    assert (await client.ask("POST", ACCOUNTS, json=FORM)).status == 403
    assert (await anonymous(stadt).ask("POST", ACCOUNTS, json=FORM)).status == 401
    assert (await (await app(stadt, "read")).ask("POST", ACCOUNTS, json=FORM)).status == 403


async def test_moderators_let_people_in(database_url: str, tmp_path: Path) -> None:
    async with open_town(database_url, tmp_path, approval_required=True) as (there, box):
        token = await (await app(there)).post(ACCOUNTS, data=FORM | {"agreement": "true", "reason": "Ich wohne hier"})
        neu = Client(there, token["access_token"])
        browser = Browser(there)
        await browser.open(link_in(text_of(await box.receive())))
        assert "moderators" in (await browser.submit({})).text
        reply = await neu.ask("GET", "/api/v1/accounts/verify_credentials")
        assert (reply.status, reply.json["error"]) == (403, "Your login is currently pending approval")
        assert (await Browser(there).log_in("neu")).status == 422

        def approve(unit: Unit) -> None:
            unit.execute(update(User).values(approved_at=unit.now))

        await there.write(approve)
        assert (await neu.get("/api/v1/accounts/verify_credentials"))["acct"] == "neu"
        assert (await Browser(there).log_in("neu")).status == 303


async def test_nobody_learns_whose_address_is_known(database_url: str, tmp_path: Path) -> None:
    async with open_town(database_url, tmp_path) as (there, box):
        await app_of(there, "anna")
        client = await app(there)
        known = await client.ask("POST", ACCOUNTS, json=FORM | {"email": "anna@post.example"})
        fresh = await client.ask("POST", ACCOUNTS, json=FORM | {"username": "frisch"})
        assert known.status == fresh.status == 200
        assert known.json.keys() == fresh.json.keys()
        for reply in (known, fresh):
            waiting = Client(there, reply.json["access_token"])
            assert await waiting.get("/api/v1/emails/check_confirmation") is False
            assert await waiting.post("/api/v1/emails/confirmations") == {}
        await box.receive(3)
        to_anna = [text_of(mail) for mail in box.mails if mail["To"] == "anna@post.example"]
        assert len(to_anna) == 1
        assert "/confirm" not in to_anna[0]
        assert "/login" in to_anna[0]


async def test_who_only_typed_an_address_does_not_keep_it_from_its_owner(database_url: str, tmp_path: Path) -> None:
    async with open_town(database_url, tmp_path) as (there, box):
        client = await app(there)
        await client.post(ACCOUNTS, json=FORM | {"username": "dieb"})
        first = link_in(text_of(await box.receive()))
        await client.post(ACCOUNTS, json=FORM)
        second = link_in(text_of(await box.receive(2)))
        assert (await Browser(there).open(first)).status == 404
        assert (await Browser(there).open(second)).status == 200


async def test_the_mail_is_sent_again_to_another_address(database_url: str, tmp_path: Path) -> None:
    async with open_town(database_url, tmp_path) as (there, box):
        token = await (await app(there)).post(ACCOUNTS, json=FORM)
        neu = Client(there, token["access_token"])
        first = link_in(text_of(await box.receive()))
        await neu.post("/api/v1/emails/confirmations", json={"email": "anders@post.example"})
        mail = await box.receive(2)
        assert mail["To"] == "anders@post.example"
        assert (await Browser(there).open(first)).status == 404, "only the last link works"
        assert (await neu.ask("POST", "/api/v1/emails/confirmations", json={"email": "keine"})).status == 422
        browser = Browser(there)
        await browser.open(link_in(text_of(mail)))
        await browser.submit({})
        reply = await neu.ask("POST", "/api/v1/emails/confirmations")
        assert (reply.status, reply.json["error"]) == (
            403,
            "This method is only available while the e-mail is awaiting confirmation",
        )
        assert (await (await app(there)).ask("POST", "/api/v1/emails/confirmations")).status == 403


async def test_links_name_the_town_of_the_configuration(database_url: str, tmp_path: Path) -> None:
    async with open_town(database_url, tmp_path) as (there, box):
        client = await app(there)
        headers = {"X-Forwarded-Host": "boese.example", "Host": "boese.example"}
        await client.ask("POST", ACCOUNTS, json=FORM, headers=headers)
        assert "boese.example" not in text_of(await box.receive())


async def test_registrations_are_counted_by_network_whatever_a_client_says_of_itself(
    database_url: str, tmp_path: Path
) -> None:
    async with open_town(database_url, tmp_path, limits=LimitsConfig(sign_ups=2)) as (there, _):
        client = await app(there)
        answers = [
            await client.ask(
                "POST",
                ACCOUNTS,
                json=FORM | {"username": f"neu{number}", "email": f"neu{number}@post.example"},
                headers={"Forwarded": f"for=192.0.2.{number}", "X-Real-IP": f"192.0.2.{number}"},
            )
            for number in range(3)
        ]
        assert [reply.status for reply in answers] == [200, 200, 429]


async def test_networks_can_be_shut_out_or_looked_at(database_url: str, tmp_path: Path) -> None:
    async with open_town(database_url, tmp_path) as (there, _):
        client = await app(there)

        def block(unit: Unit, severity: IpBlockSeverity) -> None:
            unit.merge(IpBlock(id=1, network="127.0.0.0/8", severity=severity, comment="", created_at=unit.now))

        await there.write(block, IpBlockSeverity.SIGN_UP_BLOCK)
        assert (await client.ask("POST", ACCOUNTS, json=FORM)).status == 403
        await there.write(block, IpBlockSeverity.SIGN_UP_REQUIRES_APPROVAL)
        await client.post(ACCOUNTS, json=FORM)
        assert await there.count(User, User.approved_at.is_(None)) == 1


async def test_what_nobody_confirms_is_forgotten(database_url: str, tmp_path: Path) -> None:
    async with open_town(database_url, tmp_path) as (there, box):
        await app_of(there, "anna")
        await (await app(there)).post(ACCOUNTS, json=FORM)
        path = link_in(text_of(await box.receive()))
        await there.write(registration.forget_unconfirmed)
        assert await there.count(User) == 2

        def age(unit: Unit) -> None:
            unit.execute(update(User).values(created_at=unit.now - registration.LASTS - timedelta(seconds=1)))

        await there.write(age)
        assert (await Browser(there).open(path)).status == 404
        await there.write(registration.forget_unconfirmed)
        assert await there.count(User) == 1
        assert await there.count(Actor, Actor.handle == "neu") == 0


async def test_a_mail_waits_for_the_mail_server(database_url: str, tmp_path: Path) -> None:
    async with open_town(database_url, tmp_path) as (there, box):
        box.answers = ["451 later"]
        await (await app(there)).post(ACCOUNTS, json=FORM)
        await there.until(Mail, Mail.last_error.is_not(None))

        def hurry(unit: Unit) -> None:
            unit.execute(update(Mail).values(due_at=unit.now))

        await there.write(hurry)
        await box.receive()
        await there.until(Mail, count=0)
        box.answers = ["554 never"]
        await (await app(there)).post(ACCOUNTS, json=FORM | {"username": "b", "email": "b@post.example"})
        await there.until(Mail, count=0)
        assert len(box.mails) == 1
