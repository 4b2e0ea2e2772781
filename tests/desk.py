"""What staff does at its pages, as tests do it: logging in, opening, and pressing buttons by their label."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fediverse_kommune.models import AuditEntry, Role
from tests.client import Browser, Reply, app_of, officer_of
from tests.town import Town
from tests.webpages import Page, parsed


async def browser_of(stadt: Town, name: str, role: Role) -> Browser:
    await (officer_of(stadt, name, role) if role is not Role.USER else app_of(stadt, name))
    browser = Browser(stadt)
    await browser.log_in(name)
    return browser


async def opened(browser: Browser, path: str, status: int = 200) -> Page:
    return parsed(await browser.open(path), status)


async def press(browser: Browser, label: str, **fields: str) -> int:
    """Press the button with this label on the page at hand."""
    assert browser.last is not None
    for place, form in enumerate(parsed(browser.last, browser.last.status).all("form[method=post]")):
        for button in form.cssselect("button"):
            if " ".join(button.text_content().split()) == label:
                named = {button.get("name"): button.get("value")} if button.get("name") else {}
                return (await browser.submit({**named, **fields}, form=place)).status
    raise AssertionError(f"there is no button {label}")


def lines(session: Session) -> list[tuple[str, str]]:
    return [(row.action, row.target) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.number))]


def token_on(reply: Reply) -> str:
    return str(parsed(reply, 200).all("input[name=form_token]")[0].get("value"))
