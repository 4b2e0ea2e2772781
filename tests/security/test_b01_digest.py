"""B01: the body belongs to the signature: one Digest, covered, of SHA-256, made anew over what arrived."""

import base64
import hashlib
from collections.abc import Callable

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.letter import USUALLY_COVERED, Letter, letter, sha256
from tests.town import Town

Breaking = Callable[[Letter, bytes], object]


def sha512(body: bytes) -> str:
    return "SHA-512=" + base64.b64encode(hashlib.sha512(body).digest()).decode()


def without_digest(written: Letter, _other: bytes) -> None:
    written.drop("Digest")
    written.sign([name for name in USUALLY_COVERED if name != "digest"])


def body_swapped(written: Letter, other: bytes) -> None:
    written.sign().body = other


def body_and_digest_swapped(written: Letter, other: bytes) -> None:
    written.sign().body = other
    written.set("Digest", sha256(other))


def digest_not_covered(written: Letter, other: bytes) -> None:
    written.sign([name for name in USUALLY_COVERED if name != "digest"])
    body_and_digest_swapped(written, other)


def second_digest(written: Letter, other: bytes) -> None:
    written.sign().body = other
    written.headers.append(("Digest", sha256(other)))


def second_value(written: Letter, other: bytes) -> None:
    written.set("Digest", f"{sha256(other)},{sha256(written.body)}")
    written.sign().body = other


def signed_digest(value: Callable[[bytes], str]) -> Breaking:
    def breaking(written: Letter, _other: bytes) -> None:
        written.set("Digest", value(written.body))
        written.sign()

    return breaking


BREAKINGS: dict[str, Breaking] = {
    "no Digest": without_digest,
    "body swapped": body_swapped,
    "body and Digest swapped": body_and_digest_swapped,
    "Digest not covered": digest_not_covered,
    "two Digests": second_digest,
    "two values": second_value,
    "one byte more": lambda written, _: setattr(written.sign(), "body", written.body + b" "),
    "one byte less": lambda written, _: setattr(written.sign(), "body", written.body[:-1]),
    "no body": lambda written, _: setattr(written.sign(), "body", b""),
    "empty Digest": signed_digest(lambda _: ""),
    "SHA-512 only": signed_digest(sha512),
    "MD5": signed_digest(lambda body: "MD5=" + base64.b64encode(hashlib.md5(body).digest()).decode()),
    "wrong name": signed_digest(lambda body: sha256(body).replace("SHA-256", "SHA-257")),
    "no name": signed_digest(lambda body: sha256(body).removeprefix("SHA-256=")),
    "not base64": signed_digest(lambda body: sha256(body)[:-3] + "!!="),
    "not padded": signed_digest(lambda body: sha256(body).rstrip("=")),
    "other base64": signed_digest(lambda body: sha256(body)[:-2] + chr(ord(sha256(body)[-2]) ^ 1) + "="),
    "hexadecimal": signed_digest(lambda body: "SHA-256=" + hashlib.sha256(body).hexdigest()),
    "of nothing": signed_digest(lambda _: sha256(b"")),
}


async def test_a_body_that_is_not_bound_to_the_signature_is_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)

    async with repelled(stadt, nachbar):
        for name, breaking in BREAKINGS.items():
            written = letter(stadt, bob, bob.activity("Follow", resident.uri))
            other = letter(stadt, bob, bob.activity("Block", resident.uri)).body
            breaking(written, other)
            assert await written.send(stadt) in (400, 401), name


async def test_a_digest_with_more_algorithms_is_read(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    for value in (sha256, lambda body: f"{sha512(body)},{sha256(body)}", lambda body: "sha" + sha256(body)[3:]):
        written = letter(stadt, bob, bob.activity("Follow", resident.uri))
        written.set("Digest", value(written.body))
        assert await written.sign().send(stadt) == 202
