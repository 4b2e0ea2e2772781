"""One spelling for every host: what two servers compare must be equal byte for byte or be different hosts.

`canonical_host` is the only door through which a host from outside comes in; everything behind it (URIs,
handles, blocks, the egress) compares plain strings. Rows L01 and L03 of the threat catalogue.
"""

import ipaddress
import re
import unicodedata
from functools import lru_cache

import idna

MAX_HOST_LENGTH = 253  # RFC 1035 section 2.3.4, without the trailing dot

_LDH_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
_NUMBER_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
# Refused before any parser sees them: what separates parts of a URL, quotes, escapes, zone ids, blanks, and
# characters that nobody sees.
_FORBIDDEN = re.compile(
    r"[\s\x00-\x20\x7f-\x9f/\\?#@%\"'<>^`{|}\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)

# Letters of other scripts that look like ASCII letters or digits (UTS 39 confusables).
_LATIN_LOOKALIKES = {
    "CYRILLIC": frozenset(
        "\u0430\u0431\u0433\u0435\u0437\u043e\u043f\u0440\u0441\u0443\u0445"
        "\u044c\u0455\u0456\u0458\u0461\u0475\u04bb\u04cf\u0501\u051b\u051d"
    ),  # a c d e h i j l o p q s w x y b n r v 3 6
    "GREEK": frozenset(
        "\u03b1\u03b3\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c9\u03f2\u03f3"
    ),  # a y n i k v o p t u w c j
    "ARMENIAN": frozenset("\u0561\u0563\u0566\u0570\u0575\u0578\u057d\u0581\u0584\u0585"),  # w n u j o h g q
}
# Which scripts may meet in one label: UTS 39, restriction level "highly restrictive".
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# Letters of European languages and Vietnamese; dotless i, kra and phonetic letters look like others.
_LATIN_SHOWN = re.compile(
    r"[a-z0-9\u00df-\u00f6\u00f8-\u0130\u0132-\u0137\u0139-\u017e\u01a1\u01b0\u01ce-\u01dc"
    r"\u0219\u021b\u0259\u1e81-\u1e85\u1ea1-\u1ef9-]+"
)


class InvalidHost(ValueError):
    """The text does not name a host in a way that everyone reads alike. The message says why."""


@lru_cache(maxsize=8192)
def canonical_host(text: str, *, test_network: bool = False) -> str:
    """Return the one spelling of a host: lower-case A-labels and no dot at the end.

    "Bürger.EXAMPLE." gives "xn--brger-kva.example". The mapping is UTS 46, non-transitional, and IDNA 2008
    judges what is valid (RFC 5891): "faß.de" is not "fass.de". `test_network` is for a local test fediverse
    only: it also lets in a port ("127.0.0.1:8001"), IP addresses in their proper form, and names without a
    dot ("localhost").

    Raises `InvalidHost` for all else, such as numbers that resolvers read as addresses ("127.1", "0x7f.1").
    """
    if _FORBIDDEN.search(text):
        raise InvalidHost("a host holds no blanks, control characters or marks of a URL")
    name, port = _split_port(text) if test_network else (text, "")
    address = _address(name)
    if address is not None:
        if not test_network:
            raise InvalidHost("a host is a name here, not an IP address")
        return address + port
    return _canonical_name(name, single_label=test_network) + port


def display_host(host: str) -> str:
    """Return a canonical host as people read it: "xn--brger-kva.example" → "bürger.example".

    A label stays in punycode if it mixes scripts or could pass for another one (UTS 39; rows G09 and L01).
    """
    if "xn--" not in host:
        return host
    name, colon, port = host.partition(":")
    labels = name.split(".")
    top_script = _scripts(_unicode_label(labels[-1]))
    return ".".join(_display_label(label, top_script) for label in labels) + colon + port


def _split_port(text: str) -> tuple[str, str]:
    """Split "host:8001" or "[::1]:8001" into the host and ":8001"; the second is empty without a port."""
    name, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text, ""
    if not _PORT.fullmatch(port) or int(port) > 65535:
        raise InvalidHost("the port is not a number from 1 to 65535")
    return name, f":{port}"


def _address(name: str) -> str | None:
    """Return an IP address in its one spelling (IPv6 in brackets), or None if `name` is no address."""
    try:
        if name.startswith("[") and name.endswith("]"):
            return f"[{ipaddress.IPv6Address(name[1:-1])}]"
        return str(ipaddress.IPv4Address(name))
    except ValueError:
        return None


def _canonical_name(name: str, *, single_label: bool) -> str:
    """Map a DNS name to its canonical form, or raise `InvalidHost`."""
    if len(name) > MAX_HOST_LENGTH * 4:
        raise InvalidHost("the host is too long")
    host = name.lower().removesuffix(".") if name.isascii() else _encode(name)
    if "xn--" in host and _encode(_decode(host)) != host:
        raise InvalidHost("the host does not survive the way to Unicode and back")
    if len(host) > MAX_HOST_LENGTH or not _LDH_HOST.fullmatch(host):
        raise InvalidHost("the host is empty, too long, or holds a character no host name has")
    last = host.rpartition(".")[2]
    # By this rule browsers and resolvers read a name as an IPv4 address (WHATWG URL, "ends in a number").
    if _NUMBER_LABEL.fullmatch(last):
        raise InvalidHost("the host ends in a number, so it could be read as an IP address")
    if last == host and not single_label:
        raise InvalidHost("a host name has at least one dot")
    return host


def _encode(name: str) -> str:
    try:
        encoded = idna.encode(name, uts46=True, std3_rules=True)
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidHost("the host is no valid internationalised domain name") from error
    return encoded.decode("ascii").removesuffix(".")


def _decode(host: str) -> str:
    try:
        return idna.decode(host)
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidHost("the host is no valid internationalised domain name") from error


def _unicode_label(label: str) -> str:
    try:
        return idna.decode(label) if label.startswith("xn--") else label
    except (idna.IDNAError, UnicodeError):
        return label


def _display_label(label: str, top_script: frozenset[str]) -> str:
    shown = _unicode_label(label)
    return shown if shown == label or _is_plain_to_read(shown, top_script) else label


def _is_plain_to_read(label: str, top_script: frozenset[str]) -> bool:
    """Return True if a Unicode label is of one script and cannot pass for a Latin one.

    A label all of whose letters look Latin is shown only below a top-level domain of its own script.
    """
    scripts = _scripts(label)
    if scripts == {"LATIN"}:
        return _LATIN_SHOWN.fullmatch(label) is not None
    if len(scripts) != 1:
        return any(scripts <= together for together in _TOGETHER)
    (script,) = scripts
    lookalikes = _LATIN_LOOKALIKES.get(script, frozenset())
    letters = {letter for letter in label if letter.isalpha()}
    return scripts == top_script or not letters <= lookalikes


def _scripts(label: str) -> frozenset[str]:
    """Return the scripts of a label's letters, by the first word of each letter's Unicode name."""
    return frozenset(unicodedata.name(letter, "?").split()[0] for letter in label if letter.isalpha())
