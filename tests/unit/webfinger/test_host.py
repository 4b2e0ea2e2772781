"""One spelling per host (rows L01, L03) and an honest one for people (row G09)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfinger.host import InvalidHost, canonical_host, display_host


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("stadt.example", "stadt.example"),
        ("STADT.Example", "stadt.example"),
        ("stadt.example.", "stadt.example"),
        ("bürger.example", "xn--brger-kva.example"),
        ("BÜRGER.example", "xn--brger-kva.example"),
        ("bu\u0308rger.example", "xn--brger-kva.example"),
        ("XN--BRGER-KVA.example", "xn--brger-kva.example"),
        ("bawü.social", "xn--baw-joa.social"),
        ("faß.example", "xn--fa-hia.example"),
        ("ｓｔａｄｔ．example", "stadt.example"),  # noqa: RUF001
        ("stadt。example", "stadt.example"),
        ("r3---sn-4g5e6nz7.cdn.example", "r3---sn-4g5e6nz7.cdn.example"),
        ("1und1.example", "1und1.example"),
        ("πόλη.ελ", "xn--sxaho2c.xn--qxam"),
    ],
)
def test_every_spelling_becomes_the_same_one(written: str, canonical: str) -> None:
    assert canonical_host(written) == canonical
    assert canonical_host(canonical) == canonical


def test_sharp_s_is_its_own_letter() -> None:
    """IDNA 2003 (Python's codec) maps ß to ss, and two municipalities to one."""
    assert canonical_host("faß.example") != canonical_host("fass.example")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "stadt..example",
        ".stadt.example",
        "stadt.example..",
        "stadt",
        "localhost",
        "stadt.example:443",
        "stadt.example:",
        "user@stadt.example",
        "stadt.example/",
        "stadt.example#x",
        "stadt.example?x",
        "stadt.example\\evil.example",
        "stadt%2eexample",
        "sta dt.example",
        "stadt.example\n",
        "\tstadt.example",
        "stadt.example\x00",
        "stadt\x7f.example",
        "stadt\u00a0.example",
        "stadt\u00ad.example",
        "stadt\u200b.example",
        "\u202estadt.example",
        "stadt\ud800.example",
        "-stadt.example",
        "stadt-.example",
        "sta_dt.example",
        "xn--.example",
        "xn--a.example",
        "xn--stadt-.example",
        "xn--brger-kvaa9999999.example",
        "xn--strae-oqa\u00df.example",
        "a" * 64 + ".example",
        ("a" * 60 + ".") * 5 + "example",
        "x" * 100_000,
        "ä" * 100_000,
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "stadt.0x",
        "stadt.1",
        "１２７.0.0.1",  # noqa: RUF001
        "①②⑦.0.0.1",
        "[::1]",
        "::1",
        "[fe80::1%25eth0]",
        "fe80::1%eth0",
        "[::ffff:127.0.0.1]",
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidHost):
        canonical_host(text)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("127.0.0.1:8001", "127.0.0.1:8001"),
        ("127.0.0.2", "127.0.0.2"),
        ("LOCALHOST:3000", "localhost:3000"),
        ("[::1]", "[::1]"),
        ("[0:0:0:0:0:0:0:1]:8080", "[::1]:8080"),
        ("Stadt.example:8080", "stadt.example:8080"),
        ("bürger.example:8080", "xn--brger-kva.example:8080"),
    ],
)
def test_a_test_network_may_use_addresses_and_ports(written: str, canonical: str) -> None:
    assert canonical_host(written, test_network=True) == canonical
    with pytest.raises(InvalidHost):
        canonical_host(written if ":" in written else f"{written}:1")


@pytest.mark.parametrize(
    "text",
    ["127.1:80", "0x7f.1", "2130706433", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:080",
     ":80", "127.0.0.1:٨٠", "a:b:80", "[::1", "::1", "[::1]x", "[fe80::1%eth0]:80", "[]", "010.0.0.1", ""],
)  # fmt: skip
def test_a_test_network_has_one_spelling_too(text: str) -> None:
    with pytest.raises(InvalidHost):
        canonical_host(text, test_network=True)


@given(st.text(max_size=40) | st.from_regex(r"[a-zäß0-9.-]{1,20}\.(example|ελ)", fullmatch=True))
def test_what_is_accepted_is_canonical(text: str) -> None:
    try:
        host = canonical_host(text)
    except InvalidHost:
        return
    assert canonical_host(host) == host
    assert host.isascii()
    assert host == host.lower()
    assert canonical_host(display_host(host)) == host


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("stadt.example", "stadt.example"),
        ("xn--brger-kva.example", "bürger.example"),
        ("xn--fa-hia.example:8080", "faß.example:8080"),
        ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),  # Cyrillic letters that spell "apple"
        ("xn--80ak6aa92e.xn--p1ai", "аррӏе.рф"),  # noqa: RUF001
        ("xn--e1afmkfd.com", "пример.com"),  # Cyrillic that cannot pass for Latin
        ("xn--pple-43d.com", "xn--pple-43d.com"),  # one Cyrillic letter among Latin ones
        ("xn--stdt-63d.example", "xn--stdt-63d.example"),  # another
        ("xn--cfa.example", "xn--cfa.example"),  # dotless i
        ("xn--sxaho2c.xn--qxam", "πόλη.ελ"),
        ("127.0.0.1:8001", "127.0.0.1:8001"),
    ],
)
def test_people_read_unicode_unless_it_deceives(host: str, shown: str) -> None:
    assert display_host(host) == shown


def test_a_broken_label_is_shown_as_it_is() -> None:
    assert display_host("xn--a.example") == "xn--a.example"
