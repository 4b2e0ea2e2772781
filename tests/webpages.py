"""Pages as tests read them: parsed by a real parser, with what is on them by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import html
from lxml.html import HtmlElement
from sqlalchemy import update

from activitypub.unit import Unit
from tests.client import Client, Reply
from tests.town import Town


@dataclass(frozen=True, slots=True)
class Page:
    """One answer and what is on it."""

    reply: Reply
    root: HtmlElement

    @property
    def status(self) -> int:
        return self.reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self.reply.headers

    @property
    def posts(self) -> list[str]:
        """The text of each post, from top to bottom."""
        return [" ".join(post.text_content().split()) for post in self.root.cssselect(".status-content")]

    @property
    def text(self) -> str:
        return " ".join(self.root.text_content().split())

    def all(self, selector: str) -> list[HtmlElement]:
        found: list[HtmlElement] = self.root.cssselect(selector)
        return found

    def one(self, selector: str) -> HtmlElement:
        found = self.all(selector)
        assert len(found) == 1, f"{selector} is there {len(found)} times"
        return found[0]

    def meta(self, name: str) -> list[str]:
        return [
            element.get("content")
            for element in self.all("meta")
            if name in (element.get("property"), element.get("name"))
        ]


async def page_of(town: Town, path: str, *, status: int = 200, **headers: str) -> Page:
    """Return the page at a path, as a visitor sees it who reads German."""
    sent = {"Accept": "text/html", "Accept-Language": "de"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return parsed(await Client(town).ask("GET", path, headers=sent), status)


def parsed(reply: Reply, status: int = 200) -> Page:
    assert reply.status == status, f"{reply.status}: {reply.text[:300]}"
    return Page(reply, html.document_fromstring(reply.text) if reply.text else html.Element("html"))


def without_seconds(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the headers of an answer without those that tell the time."""
    return {name.lower(): value for name, value in headers.items() if name.lower() != "date"}


async def change(stadt: Town, table: type, row_id: int, **values: object) -> None:
    """Change columns of a row, as a moderator or an earlier release might have."""

    def work(unit: Unit) -> None:
        unit.execute(update(table).where(table.id == row_id).values(**values))

    await stadt.write(work)
