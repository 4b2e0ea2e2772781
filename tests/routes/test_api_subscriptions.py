"""Posts by mail, for people without a login. https://github.com/mastodon/mastodon/pull/38163"""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from activitypub.unit import Unit
from fediverse_kommune.models import EmailSubscription, Mail
from fediverse_kommune.services import subscriptions
from tests.client import Client, anonymous, app_of, officer_of
from tests.fediverse import Remote
from tests.mailbox import Mailbox, mailbox, text_of
from tests.town import Town, town

EVA = "eva@post.example"
GERMAN, ENGLISH = {"Accept-Language": "de-AT"}, {"Accept-Language": "fr, en-GB;q=0.9"}


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as running:
        yield running


@pytest.fixture
async def stadt(database_url: str, tmp_path: Path, box: Mailbox) -> AsyncIterator[Town]:
    async with town(database_url, tmp_path / "stadt", mail=box.config) as running:
        yield running


@pytest.fixture
async def anna(stadt: Town) -> Client:
    client = await app_of(stadt, "anna")
    await client.patch("/api/v1/accounts/update_credentials", data={"email_subscriptions": "true"})
    return client


async def ask_for(anna: Client, email: str = EVA, *, status: int = 200, language: dict[str, str] = ENGLISH) -> None:
    path = f"/api/v1/accounts/{anna.id}/email_subscriptions"
    reply = await anonymous(anna.town).ask("POST", path, data={"email": email}, headers=language)
    assert reply.status == status, reply.text


def link_in(text: str) -> str:
    match = re.search(r"https?://[^/]+(/subscriptions/\S+)", text)
    assert match is not None, text
    return match[1]


async def subscribed(anna: Client, box: Mailbox) -> None:
    await ask_for(anna)
    path = link_in(text_of(await box.receive(len(box.mails) + 1)))
    assert (await anonymous(anna.town).ask("POST", path)).status == 200


async def hurry(stadt: Town) -> None:
    """Let the minutes pass that a post waits."""

    def work(unit: Unit) -> None:
        unit.execute(update(Mail).values(due_at=unit.now))

    await stadt.write(work)


async def test_from_the_form_to_the_post_and_to_the_end(stadt: Town, anna: Client, box: Mailbox) -> None:
    nobody = anonymous(stadt)
    assert (await nobody.get(f"/api/v1/accounts/{anna.id}"))["email_subscriptions"] is True
    assert (await nobody.get("/api/v1/accounts/lookup?acct=anna"))["email_subscriptions"] is True
    await ask_for(anna, " Eva@Post.example ", language=GERMAN)
    mail = await box.receive()
    assert (mail["To"], mail["Subject"]) == (EVA, "Beiträge von Anna per E-Mail?")
    path = link_in(text_of(mail))
    page = await nobody.ask("GET", path, headers=ENGLISH)
    assert (page.status, "the posts of Anna by e-mail?" in page.text) == (200, True)
    await anna.write("zu früh")
    assert await stadt.count(Mail) == 0, "to open the page confirms nothing"
    assert (await nobody.ask("POST", path)).status == 200
    status = await anna.write("Der Markt ist offen & gut")
    assert len(box.mails) == 1, "five minutes are left for second thoughts"
    await hurry(stadt)
    mail = await box.receive(2)
    assert mail["Subject"] == "Neuer Beitrag von Anna"
    end = link_in(text_of(mail))
    assert text_of(mail).splitlines()[:3] == ["Der Markt ist offen & gut", "", status["url"]]
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (
        f"<{stadt.origin}{end}>",
        "List-Unsubscribe=One-Click",
    )
    assert (await nobody.ask("GET", end)).status == 200
    assert await stadt.count(EmailSubscription) == 1, "to open the page ends nothing"
    for _ in range(2):
        assert (await nobody.ask("POST", end, data={"List-Unsubscribe": "One-Click"})).status == 200
    assert await stadt.count(EmailSubscription) == 0
    await anna.write("Wer liest das?")
    assert await stadt.count(Mail) == 0
    assert (await nobody.ask("GET", end)).status == (await nobody.ask("POST", path)).status == 404


@pytest.mark.parametrize(
    "fields",
    [{"visibility": "unlisted"}, {"visibility": "private"}, {"visibility": "direct"}, {"local_only": True}],
)
async def test_what_is_not_for_everybody_is_not_sent(stadt: Town, anna: Client, box: Mailbox, fields: object) -> None:
    await subscribed(anna, box)
    await anna.post("/api/v1/statuses", json={"status": "leise", **fields})  # type: ignore[dict-item]
    assert await stadt.count(Mail) == 0


async def test_answers_are_not_sent_and_of_warnings_only_the_warning(stadt: Town, anna: Client, box: Mailbox) -> None:
    await subscribed(anna, box)
    first = await anna.write("Das Ende", spoiler_text="Zum Film")
    await anna.write("und noch", in_reply_to_id=first["id"])
    await hurry(stadt)
    text = text_of(await box.receive(2))
    assert "Zum Film" in text
    assert "Das Ende" not in text
    await stadt.until(Mail, count=0)


async def test_second_thoughts(stadt: Town, anna: Client, box: Mailbox) -> None:
    await subscribed(anna, box)
    gone, changed = await anna.write("Unfug"), await anna.write("am Samstag")
    await anna.delete(f"/api/v1/statuses/{gone['id']}")
    await anna.put(f"/api/v1/statuses/{changed['id']}", json={"status": "am Sonntag"})
    await hurry(stadt)
    assert "am Sonntag" in text_of(await box.receive(2))
    await stadt.until(Mail, count=0)


async def test_whoever_ends_it_gets_nothing_that_still_waits(stadt: Town, anna: Client, box: Mailbox) -> None:
    await ask_for(anna)
    path = link_in(text_of(await box.receive()))
    await anonymous(stadt).ask("POST", path)
    await anna.write("wartet")
    assert await stadt.count(Mail) == 1
    await anonymous(stadt).ask("POST", path.replace("/confirm", "/end"))
    assert await stadt.count(Mail) == 0


async def test_nobody_learns_who_has_subscribed_or_floods_a_mailbox(stadt: Town, anna: Client, box: Mailbox) -> None:
    for _ in range(3):
        await ask_for(anna)
    await box.receive(1)
    await stadt.until(Mail, count=0)

    def an_hour_ago(unit: Unit) -> None:
        unit.execute(update(EmailSubscription).values(created_at=unit.now - timedelta(hours=2)))

    await stadt.write(an_hour_ago)
    await ask_for(anna)
    mail = await box.receive(2)
    await anonymous(stadt).ask("POST", link_in(text_of(mail)))
    await stadt.write(an_hour_ago)
    await ask_for(anna)
    await stadt.until(Mail, count=0)
    assert len(box.mails) == 2


@pytest.mark.parametrize(
    ("email", "error"), [("", "ERR_BLANK"), ("eva", "ERR_INVALID"), ("a@b\r\nBcc: c@d.e", "ERR_INVALID")]
)
async def test_what_is_no_address(stadt: Town, anna: Client, email: str, error: str) -> None:
    path = f"/api/v1/accounts/{anna.id}/email_subscriptions"
    reply = await anonymous(stadt).ask("POST", path, data={"email": email})
    assert (reply.status, reply.json["details"]["email"][0]["error"]) == (422, error)
    assert await stadt.count(EmailSubscription) == 0


async def test_only_those_who_want_it_can_be_subscribed_to(
    stadt: Town, anna: Client, box: Mailbox, nachbar: Remote
) -> None:
    bert = await app_of(stadt, "bert")
    assert (await bert.get(f"/api/v1/accounts/{bert.id}"))["email_subscriptions"] is False
    await ask_for(bert, status=404)
    eva = await stadt.meet(nachbar.person("eva"))
    assert "email_subscriptions" not in await bert.get(f"/api/v1/accounts/{eva.id}")
    assert (await anonymous(stadt).ask("POST", f"/api/v1/accounts/{eva.id}/email_subscriptions")).status == 404
    await subscribed(anna, box)
    await anna.patch("/api/v1/accounts/update_credentials", data={"email_subscriptions": "false"})
    await anna.write("an niemanden")
    assert await stadt.count(Mail) == 0
    await ask_for(anna, status=404)


async def test_of_somebody_who_is_suspended_nothing_is_sent(stadt: Town, anna: Client, box: Mailbox) -> None:
    await subscribed(anna, box)
    await anna.write("gleich gesperrt")
    vera = await officer_of(stadt, "vera")
    await vera.post(f"/api/v1/admin/accounts/{anna.id}/action", json={"type": "suspend"})
    await hurry(stadt)
    await stadt.until(Mail, count=0)
    assert [mail["To"] for mail in box.mails].count(EVA) == 1, "only the question whether the posts are wanted"
    await ask_for(anna, status=404)


async def test_addresses_that_nobody_confirms_are_forgotten(stadt: Town, anna: Client, box: Mailbox) -> None:
    await subscribed(anna, box)
    await ask_for(anna, "otto@post.example")

    def a_week_ago(unit: Unit) -> None:
        unit.execute(update(EmailSubscription).values(created_at=unit.now - timedelta(days=8)))

    await stadt.write(a_week_ago)
    await stadt.app.server.db.write(subscriptions.forget_unconfirmed)
    assert await stadt.count(EmailSubscription) == 1


async def test_a_town_that_sends_no_mail_offers_none(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as silent:
        anna = await app_of(silent, "anna")
        await anna.patch("/api/v1/accounts/update_credentials", data={"email_subscriptions": "true"})
        assert "email_subscriptions" not in await anna.get(f"/api/v1/accounts/{anna.id}")
        await ask_for(anna, status=404)
