"""G02: what the sanitiser made is read by a browser exactly as the sanitiser meant it."""

from tests.browser.visitor import visitor
from tests.security.hostile_pages import ALLOWED, VECTORS, sanitized, soup

CASES = 6_000

# Reads each text as the content of an element, as a page does, and tells what came of it.
READ = """([htmls, allowed]) => htmls.map(html => {
    const box = document.implementation.createHTMLDocument('').createElement('div')
    box.innerHTML = html
    const strange = [...box.querySelectorAll('*')].filter(element =>
        element.namespaceURI !== 'http://www.w3.org/1999/xhtml'
        || !(element.localName in allowed)
        || [...element.attributes].some(attribute => !allowed[element.localName].includes(attribute.name)))
    const again = document.implementation.createHTMLDocument('').createElement('div')
    again.innerHTML = box.innerHTML
    return [box.innerHTML, strange.map(element => element.outerHTML), again.isEqualNode(box)]
})"""


def as_browsers_write(html: str) -> str:
    """Level what two serialisers may write differently: one more escape in attributes, and the blank that stays."""
    return html.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u00a0")


async def test_g02_a_browser_reads_what_was_meant() -> None:
    htmls = sanitized([*VECTORS, *soup(seed=20_231, count=CASES)])
    async with visitor() as page:
        await page.goto("about:blank")
        read = await page.evaluate(READ, [htmls, {name: sorted(had) for name, had in ALLOWED.items()}])
    assert len(read) == len(VECTORS) + CASES
    for html, (seen, strange, stable) in zip(htmls, read, strict=True):
        assert strange == [], html
        assert as_browsers_write(seen) == as_browsers_write(html)
        assert stable, html


async def test_g02_the_comparison_sees_a_difference() -> None:
    """The control: HTML that a parser repairs does not come back as it was."""
    async with visitor() as page:
        await page.goto("about:blank")
        (seen, strange, _), (table, _, _) = await page.evaluate(
            READ, [["<p><svg><style><img></style></p>", "<table><a>x</table>"], {"p": []}]
        )
    assert strange
    assert seen != "<p><svg><style><img></style></p>"
    assert table != "<table><a>x</table>"
