"""B06: what a proxy and we could read in two ways is not read at all."""

from collections.abc import Callable

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.letter import USUALLY_COVERED, Letter, letter, send
from tests.town import Town

Breaking = Callable[[Letter], object]


def double(name: str, value: str | None = None) -> Breaking:
    """Send a signed header twice."""

    def breaking(written: Letter) -> None:
        written.sign().headers.append((name, value or written.value(name)))

    return breaking


def double_before(name: str, value: str) -> Breaking:
    def breaking(written: Letter) -> None:
        written.sign().headers.insert(0, (name, value))

    return breaking


def signature(change: Callable[[str], str]) -> Breaking:
    """Send another text in the Signature header."""

    def breaking(written: Letter) -> None:
        written.sign().set("Signature", change(written.value("Signature")))

    return breaking


BREAKINGS: dict[str, Breaking] = {
    "two Dates": double("Date"),
    "two Digests": double("Digest"),
    "two Signatures": double("Signature"),
    "two Content-Types": double("Content-Type"),
    "two Content-Types that differ": double_before("Content-Type", "text/plain"),
    "two Hosts": double("Host"),
    "two Hosts that differ": double_before("Host", "other.example"),
    "Signature and Authorization": lambda written: written.sign().headers.append(
        ("Authorization", f"Signature {written.value('Signature')}")
    ),
    "covered header in two lines": lambda written: (
        written.headers.extend([("X-More", "1"), ("X-More", "2")]),
        written.sign([*USUALLY_COVERED, "x-more"]),
    ),
    "keyId twice": signature(lambda text: f'{text},keyId="http://other.example/key"'),
    "headers twice": signature(lambda text: f'{text},headers="date"'),
    "headers twice in another case": signature(lambda text: f'{text},Headers="date"'),
    "signature twice": signature(lambda text: f'{text},signature="AAAA"'),
    "junk between": signature(lambda text: text.replace(",", ",;,", 1)),
    "no commas": signature(lambda text: text.replace(",", " ")),
    "comma at the end": signature(lambda text: text + ","),
    "open quote": signature(lambda text: text[:-1]),
    "two names in one": signature(lambda text: text.replace("keyId=", "keyId=keyId=")),
    "escaped quote": signature(lambda text: text.replace('keyId="', 'keyId="\\"')),
    "blank lines in base64": signature(lambda text: text.replace('signature="', 'signature=" ')),
    "9 kB": signature(lambda text: f'{text},more="{"x" * 9_000}"'),
    "nothing": signature(lambda _: ""),
    "another scheme": signature(lambda text: f"Bearer {text}"),
    "folded line": signature(lambda text: text.replace(",", ",\r\n ", 1)),
    "latin-1 in a covered header": lambda written: (
        written.headers.append(("X-More", "gr\xfc\xdfe")),
        written.sign([*USUALLY_COVERED, "x-more"]),
    ),
}


async def test_what_can_be_read_in_two_ways_is_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar):
        for name, breaking in BREAKINGS.items():
            written = letter(stadt, bob, bob.activity("Follow", resident.uri))
            breaking(written)
            assert await written.send(stadt) in (400, 401, 415), name


async def test_two_lengths_are_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar):
        for lines in (
            "Content-Length: {0}\r\nContent-Length: 5",
            "Content-Length: {0}, 5",
            "Content-Length: +{0}",
            "Content-Length: {0}\r\nTransfer-Encoding: chunked",
            "Content-Length : {0}",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        ):
            written = letter(stadt, bob, bob.activity("Follow", resident.uri)).sign()
            head, _, body = written.raw().partition(b"\r\n\r\n")
            lengths = lines.format(len(body)).encode()
            assert await send(stadt, b"\r\n".join([head, lengths, b"", body])) in (0, 400, 401), lines


async def test_case_and_blanks_that_mean_nothing_are_read(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    for change in (
        lambda text: text.replace(",", ", "),
        lambda text: f"Signature {text}",
        lambda text: f"{text},opaque=1",
    ):
        written = letter(stadt, bob, bob.activity("Follow", resident.uri))
        signature(change)(written)
        written.headers = [(name.swapcase(), f" {value}\t") for name, value in written.headers]
        assert await written.send(stadt) == 202


async def test_an_authorization_header_carries_a_signature_too(stadt: Town, nachbar: Remote) -> None:
    """Section 3 of the draft; old software does it."""
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    written = letter(stadt, bob, bob.activity("Follow", resident.uri)).sign()
    value = written.value("Signature")
    written.drop("Signature")
    written.set("Authorization", f"Signature {value}")
    assert await written.send(stadt) == 202
