"""URLs are refused before any parser sees them, and compared by one table (rows L03, L04; FEP-fe34)."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from activitypub.uris import InvalidUri, host_of, origin, same_origin, validated_url


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("https://stadt.example/users/anna", "https://stadt.example/users/anna"),
        ("HTTPS://Stadt.EXAMPLE/Users/Anna", "https://stadt.example/Users/Anna"),
        ("https://stadt.example:443/", "https://stadt.example/"),
        ("https://stadt.example./x", "https://stadt.example/x"),
        ("https://bürger.example/@müller?q=ä#ö", "https://xn--brger-kva.example/@müller?q=ä#ö"),
        ("https://stadt.example", "https://stadt.example"),
        ("https://stadt.example?x=1", "https://stadt.example?x=1"),
        ("https://stadt.example#main-key", "https://stadt.example#main-key"),
        ("https://stadt.example/a@b:c/..//%2F", "https://stadt.example/a@b:c/..//%2F"),
    ],
)
def test_only_scheme_and_host_are_rewritten(written: str, canonical: str) -> None:
    assert validated_url(written) == canonical
    assert validated_url(canonical) == canonical


HOSTILE = [
    "",
    "https",
    "https:",
    "https:/stadt.example",
    "https:///x",
    "https://",
    "https://?x",
    "//stadt.example/x",
    "stadt.example/x",
    "ftp://stadt.example/",
    "javascript:alert(1)",
    "javascript://stadt.example/%0aalert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "https://good.example\\@evil.example/",
    "https:\\\\stadt.example/",
    "https://stadt.example/a\\b",
    "https://good.example%2f@evil.example/",
    "https://good.example@evil.example/",
    "https://user:pass@stadt.example/",
    "https://@stadt.example/",
    "https://good.example%00.evil.example/",
    " https://stadt.example/",
    "https://stadt.example/ ",
    "https://stadt.example/a b",
    "https://stadt.example/\n",
    "https://sta\tdt.example/",
    "https://stadt.example/\r\nHost: evil.example",
    "java\nscript:alert(1)",
    "https://stadt.example/\x00",
    "https://stadt.example/\u00a0",
    "https://stadt.example/\u2028",
    "https://stadt.example/\u202egpj.exe",
    "https://stadt.example/\u200b",
    "https://stadt.example/\ud800",
    'https://stadt.example/"onclick="x',
    "https://stadt.example/<script>",
    "https://stadt.example/`x`",
    "https://stadt.example:/",
    "https://stadt.example:0/",
    "https://stadt.example:99999/",
    "https://stadt.example:443:443/",
    "https://127.1/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://[::1%25eth0]/",
    "https://stadt.example/" + "x" * 2048,
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("allow_http", [False, True])
def test_what_parsers_disagree_on_is_refused(text: str, allow_http: bool) -> None:
    with pytest.raises(InvalidUri):
        validated_url(text, allow_http=allow_http)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("http://stadt.example/", "http://stadt.example/"),
        ("http://stadt.example:80/", "http://stadt.example/"),
        ("https://stadt.example:8443/", "https://stadt.example:8443/"),
        ("http://127.0.0.1:8001/users/anna", "http://127.0.0.1:8001/users/anna"),
        ("http://LOCALHOST:3000", "http://localhost:3000"),
        ("http://[::1]:3000/x", "http://[::1]:3000/x"),
    ],
)
def test_only_a_test_network_has_http_ports_and_addresses(written: str, canonical: str) -> None:
    assert validated_url(written, allow_http=True) == canonical
    with pytest.raises(InvalidUri):
        validated_url(written)


SAME = [
    ("https://stadt.example/a", "https://stadt.example/b"),
    ("https://stadt.example", "HTTPS://STADT.example:443/?q#f"),
    ("https://stadt.example./", "https://stadt.example/"),
    ("https://bürger.example/", "https://xn--brger-kva.example/"),
    ("http://stadt.example:80/", "http://stadt.example/"),
    ("https://stadt.example:8443/a", "https://stadt.example:8443/b"),
    ("https://stadt.example/%2f", "https://stadt.example/%2F/"),
]
DIFFERENT = [
    ("https://stadt.example/", "http://stadt.example/"),
    ("https://stadt.example/", "https://stadt.example:8443/"),
    ("https://stadt.example/", "https://www.stadt.example/"),
    ("https://stadt.example/", "https://stadt.example.evil.example/"),
    ("https://stadt.example/", "https://stadt.exampl/"),
    ("https://faß.example/", "https://fass.example/"),
    ("https://stadt.example/", "https://stadt.example@evil.example/"),
    ("https://stadt.example/", "no URL"),
    ("no URL", "no URL"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_one_origin(a: str, b: str) -> None:
    assert same_origin(a, b)
    assert same_origin(b, a)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_two_origins(a: str, b: str) -> None:
    assert not same_origin(a, b)
    assert not same_origin(b, a)


def test_origin_and_host() -> None:
    assert origin("https://Stadt.example:443/users/anna#main-key") == "https://stadt.example"
    assert origin("http://127.0.0.1:8001/x") == "http://127.0.0.1:8001"
    assert host_of("https://bürger.example/x") == "xn--brger-kva.example"
    assert host_of("http://127.0.0.1:8001/x") == "127.0.0.1:8001"
    with pytest.raises(InvalidUri):
        origin("acct:anna@stadt.example")


@given(st.text(max_size=60).map(lambda rest: "https://" + rest) | st.text(max_size=60))
def test_our_reading_is_everyones_reading(text: str) -> None:
    """Whatever passes, the standard library and the library that connects both read the host that we read."""
    try:
        url = validated_url(text)
    except InvalidUri:
        return
    assert validated_url(url) == url
    assert urlsplit(url).hostname == URL(url).raw_host == host_of(url)
    assert urlsplit(url).username is None
    assert origin(url) == f"https://{host_of(url)}"
