"""Whether a page links back to a profile, read from HTML as its authors write it and as nobody should."""

import time

import pytest

from fediverse_kommune.previews.backlinks import links_back

URL = "https://anna.example/"
PROFILES = ["https://stadt.example/@anna", "https://stadt.example/users/anna"]


def back(html: str, content_type: str = "text/html; charset=utf-8") -> bool:
    return links_back(html.encode(), content_type, URL, PROFILES)


@pytest.mark.parametrize(
    "html",
    [
        '<a rel="me" href="https://stadt.example/@anna">Ich</a>',
        "<A HREF=https://stadt.example/@anna REL=me>Ich</A>",
        '<link rel="me" href="https://stadt.example/@anna">',
        "<link href='https://stadt.example/@anna' rel='nofollow Me noopener' />",
        '<p><a class="x" rel="me" href=" https://Stadt.example/@Anna/#oben ">Ich</a>',
        '<a rel="me" href="https://stadt.example/users/anna">Ich</a>',
        '<a rel="me" href="//stadt.example/@anna">Ich</a>',
        '<script>"<a>"</script><!-- <a> --><a rel="me" href="https://stadt.example/&#64;anna">Ich</a>',
        "<p>" * 3_000 + '<a rel="me" href="https://stadt.example/@anna">weit unten</a>',
    ],
)
def test_pages_that_link_back(html: str) -> None:
    assert back(html)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "https://stadt.example/@anna",
        '<a href="https://stadt.example/@anna">ohne rel</a>',
        '<a rel="nofollow" href="https://stadt.example/@anna">ein anderes</a>',
        '<a rel="mein" href="https://stadt.example/@anna">ein anderes Wort</a>',
        '<a rel="me" href="https://stadt.example/@annabell">jemand anderes</a>',
        '<a rel="me" href="https://boese.example/?https://stadt.example/@anna">woanders</a>',
        '<a rel="me" href="/@anna">auf der eigenen Seite</a>',
        '<a rel="me" href="https://boese.example/" href="https://stadt.example/@anna">das erste gilt</a>',
        '<a rel="me" href="https://[stadt.example/@anna">keine Adresse</a>',
        '<span rel="me" href="https://stadt.example/@anna">kein Link</span>',
        '<!-- <a rel="me" href="https://stadt.example/@anna"> -->',
        '<script>document.write(\'<a rel="me" href="https://stadt.example/@anna">\')</script>',
        '<textarea><a rel="me" href="https://stadt.example/@anna">getippt</a></textarea>',
        '<template><a rel="me" href="https://stadt.example/@anna">Vorlage</a></template>',
        '<title><a rel="me" href="https://stadt.example/@anna"></title>',
        '<a rel="me" href="https://stadt.example/@anna"',
    ],
)
def test_pages_that_do_not(html: str) -> None:
    assert not back(html)


@pytest.mark.parametrize("piece", ["<a ", '<a rel="me" href="', "<a rel=me>", "<!--", "<textarea>", "<a '", "< a"])
def test_a_page_that_is_meant_to_be_slow_is_not(piece: str) -> None:
    html = piece * (1_048_576 // len(piece))
    begin = time.perf_counter()
    assert not back(html)
    assert time.perf_counter() - begin < 5.0
