"""What a page says of itself, read from HTML as its authors write it and as nobody should."""

import time
from datetime import UTC, datetime

import pytest

from activitypub.links import first_link
from activitypub.sanitize import sanitize
from fediverse_kommune.previews.page import Page, read_page

URL = "https://zeitung.example/fest"
HEAD = """<!DOCTYPE html><html lang="de-DE"><head><meta charset="utf-8">
<title>Stra&szlig;enfest &amp; mehr | Zeitung</title>
<!-- <meta property="og:title" content="auskommentiert"> -->
<script>var x = '<meta property="og:title" content="aus einem Skript">';</script>
<meta property="og:title" content="Straßenfest &amp;amp; mehr">
<meta name='description' content='Am "Samstag"
 ist Fest > alles'>
<meta property=og:site_name content=Zeitung>
<meta property="og:image" content="/bild.jpg"><meta property="og:image:alt" content="Ein Zelt">
<meta name="author" content="Eva Feder"><meta property="article:author" content="https://zeitung.example/eva">
<meta property="article:published_time" content="2026-05-04T12:00:00+02:00">
<meta name="fediverse:creator" content="@eva@stadt.example">
</head><body><meta property="og:title" content="zu spät">"""


def page(html: str, content_type: str = "text/html; charset=utf-8") -> Page | None:
    return read_page(html.encode(), content_type, URL)


def test_all_that_a_page_says() -> None:
    assert page(HEAD) == Page(
        title="Straßenfest &amp; mehr",
        description='Am "Samstag" ist Fest > alles',
        author_name="Eva Feder",
        author_url="https://zeitung.example/eva",
        provider_name="Zeitung",
        provider_url="https://zeitung.example",
        language="de-DE",
        published=datetime(2026, 5, 4, 10, tzinfo=UTC),
        image_url="https://zeitung.example/bild.jpg",
        image_description="Ein Zelt",
        creator="eva@stadt.example",
    )


def test_a_page_that_says_little() -> None:
    found = page("<title>\n Nur  ein &lt;b&gt;Titel&lt;/b&gt; </title>")
    assert found is not None
    assert (found.title, found.description, found.provider_name) == ("Nur ein <b>Titel</b>", "", "zeitung.example")
    assert (found.image_url, found.creator, found.language, found.published) == (None, None, None, None)


@pytest.mark.parametrize("html", ["", "<html>", "<title></title>", "kein HTML", "<body><title>zu spät</title>"])
def test_a_page_without_a_title_has_no_preview(html: str) -> None:
    assert page(html) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("javascript:alert(1)", None),
        ("data:image/png;base64,AAAA", None),
        ("//cdn.example/x.png", "https://cdn.example/x.png"),
        ("ftp://cdn.example/x.png", None),
        ("http://[", None),
    ],
)
def test_a_picture_is_an_address_or_nothing(value: str, read: str | None) -> None:
    found = page(f'<title>x</title><meta property="og:image" content="{value}">')
    assert found is not None
    assert found.image_url == read


@pytest.mark.parametrize(
    "value", ["eva", "@eva", "https://stadt.example/@eva", "eva@stadt.example/x", "@a b@c.example"]
)
def test_an_author_is_a_handle_or_nothing(value: str) -> None:
    found = page(f'<title>x</title><meta name="fediverse:creator" content="{value}">')
    assert found is not None
    assert found.creator is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>Grüße</title>".encode("latin-1"), "text/html; charset=iso-8859-1"),
        ('<meta charset="windows-1252"><title>Grüße</title>'.encode("cp1252"), "text/html"),
        ("<title>Grüße</title>".encode(), None),
        ("<title>Grüße</title>".encode(), "text/html; charset=gibt-es-nicht"),
        ("<title>Grüße</title>".encode(), "text/html; charset=hex"),
    ],
)
def test_every_charset_is_read(body: bytes, content_type: str | None) -> None:
    found = read_page(body, content_type, URL)
    assert found is not None
    assert found.title == "Grüße"


@pytest.mark.parametrize(
    "piece",
    ["<", "<!", "<!--", "<meta ", '<meta "', "<meta content='", "<title>", "<script>", "&#", '<meta a="b" ', ">"],
)
def test_half_a_megabyte_of_anything_is_read_quickly(piece: str) -> None:
    body = (piece * (524_288 // len(piece)))[:524_288].encode()
    begun = time.process_time()
    read_page(body, "text/html", URL)
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    ("html", "link"),
    [
        ('<p><a href="https://a.example/1#x">a</a> <a href="https://a.example/2">b</a></p>', "https://a.example/1"),
        ('<a href="https://a.example/@eva" class="u-url mention">@eva</a>', None),
        (
            '<a href="https://a.example/tags/x" class="mention hashtag">#x</a><a href="https://b.example/">b</a>',
            "https://b.example/",
        ),
        (
            '<p class="quote-inline">RE: <a href="https://a.example/1">1</a></p><p><a href="https://b.example/2">2</a></p>',
            "https://b.example/2",
        ),
        ('<a href="mailto:eva@a.example">Post</a>', None),
        ('<a href="http://a.example/">unsicher</a>', None),
        ("<p>https://a.example/</p>", None),
    ],
)
def test_the_page_that_a_post_is_about(html: str, link: str | None) -> None:
    assert first_link(sanitize(html)) == link
