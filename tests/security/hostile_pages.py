"""A browser without any Content-Security-Policy, and what it must not see on a page however hostile the posts are.

With the policy switched off, what keeps scripts away is the sanitiser and the templates alone.
"""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Page, Route

from activitypub.models import Actor
from activitypub.sanitize import sanitize
from activitypub.unit import Unit
from tests import acts
from tests.browser.visitor import visitor
from tests.town import Town
from tests.unit.activitypub.test_sanitize import ALLOWED, VECTORS

__all__ = ["ALLOWED", "VECTORS", "Trap", "post_all", "printable", "trapped"]

# What the templates write: elements, and their attributes. Posts bring those of `ALLOWED` and no others.
PAGE_ELEMENTS = frozenset(
    {"html", "head", "meta", "title", "link", "body", "header", "main", "footer", "nav", "section", "aside", "article"}
    | {"h1", "h2", "p", "div", "span", "a", "bdi", "strong", "time", "ul", "ol", "li", "dl", "dt", "dd"}
    | {"details", "summary", "form", "label", "input", "button", "img", "video", "audio"}
)
PAGE_ATTRIBUTES = frozenset(
    {"lang", "dir", "id", "class", "title", "tabindex", "translate", "target", "start", "reversed", "open"}
    | {"aria-label", "aria-labelledby", "aria-current", "aria-hidden", "charset", "name", "property", "content"}
    | {"rel", "href", "hreflang", "type", "datetime", "src", "alt", "width", "height", "loading", "controls", "preload"}
    | {"method", "action", "value", "for", "autocomplete", "autocapitalize", "spellcheck", "required"}
)

RECORD = """
for (const name of ['alert', 'confirm', 'prompt', 'msgbox'])
    window[name] = what => { (top.executions ??= []).push(`${name}: ${what}`) }
"""

# Opens what can be opened and wakes up whatever waits for somebody.
PROVOKE = """
for (const element of document.querySelectorAll('*')) {
    if (element.tagName === 'DETAILS') element.open = true
    if (element.closest('a[href], button')) continue
    for (const kind of ['click', 'mouseover', 'focus', 'toggle', 'load', 'error', 'animationend'])
        element.dispatchEvent(new Event(kind))
}
"""

STRANGE = """([elements, attributes, allowed]) => {
    const found = []
    const texts = '.status-content, .profile-note, dd bdi'
    for (const element of document.querySelectorAll('*')) {
        const name = element.localName
        const inside = element.parentElement?.closest(texts) && !element.matches('.status-title, .status-title *')
        const known = inside ? (allowed[name] ?? null) : (elements.includes(name) ? attributes : null)
        if (element.namespaceURI !== 'http://www.w3.org/1999/xhtml' || known === null)
            found.push(`<${name}>`)
        for (const attribute of element.attributes)
            if (!known?.includes(attribute.name)) found.push(`<${name} ${attribute.name}="${attribute.value}">`)
        const address = element.href ?? element.src ?? element.action
        if (address && !['http:', 'https:', 'mailto:'].includes(new URL(address).protocol))
            found.push(`<${name}> leads to ${address}`)
    }
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_PROCESSING_INSTRUCTION)
    while (walker.nextNode()) found.push(`comment ${walker.currentNode.data}`)
    return found
}"""


@dataclass(slots=True)
class Trap:
    """A page in such a browser, and every address that it asked for outside of the town."""

    page: Page
    town: Town
    strayed: list[str] = field(default_factory=list)

    async def assert_harmless(self, path: str) -> None:
        """Open a page and do with it what a visitor could; nothing runs, and nothing is on it that should not be."""
        await self.page.goto(self.town.origin + path, wait_until="load")
        strange = await self.page.evaluate(
            STRANGE,
            [sorted(PAGE_ELEMENTS), sorted(PAGE_ATTRIBUTES), {name: sorted(had) for name, had in ALLOWED.items()}],
        )
        assert strange == [], path
        await self.page.evaluate(PROVOKE)
        assert await self.executions() == [], path
        assert self.strayed == [], path

    async def executions(self) -> list[str]:
        return await self.page.evaluate("top.executions ?? []")


@asynccontextmanager
async def trapped(town: Town) -> AsyncIterator[Trap]:
    """Open such a browser. Requests to anybody but the town are noted and answered with a script."""
    async with visitor(bypass_csp=True) as page:
        trap = Trap(page, town)

        async def watch(route: Route) -> None:
            if route.request.url.startswith(town.origin):
                await route.continue_()
            else:
                trap.strayed.append(route.request.url)
                await route.fulfill(body="alert('from elsewhere')", content_type="text/javascript")

        await page.route("**/*", watch)
        await page.add_init_script(RECORD)
        yield trap


async def post_all(town: Town, author: Actor, htmls: Sequence[str], **text: object) -> None:
    """Store posts as if they had arrived: the HTML goes through the sanitiser, as everything does."""

    def write(unit: Unit) -> None:
        for html in htmls:
            acts.write(unit, author, html, **text)

    await town.write(write)


def printable(vector: str) -> str:
    """Return a vector without NUL, which no text column of PostgreSQL takes."""
    return vector.replace("\x00", "")


def soup(seed: int, count: int) -> list[str]:
    """Return HTML that nobody would write, put together from the vectors' pieces; the same for the same seed."""
    dice = random.Random(seed)
    pieces = [piece for vector in VECTORS for piece in (vector, vector[: len(vector) // 2], vector[len(vector) // 2 :])]
    return ["".join(dice.choices(pieces, k=dice.randint(1, 5))) for _ in range(count)]


def sanitized(htmls: Sequence[str]) -> list[str]:
    return [str(sanitize(html)) for html in htmls]
