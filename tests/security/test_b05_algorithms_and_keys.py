"""B05: the key says how it signs, never the sender; and a key that others could forge for is no key."""

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activitypub.signatures.keys import generate_ed25519_key, private_pem, public_pem
from tests.fediverse import Person, Remote
from tests.security.attack import repelled, serves
from tests.security.letter import USUALLY_COVERED, Letter, letter
from tests.town import Town

ALGORITHMS = [
    "none",
    "",
    "hmac-sha256",
    "HMAC-SHA256",
    "rsa-sha1",
    "rsa-sha512",
    "ed25519",
    "hs2018",
    "unknown",
    "x" * 500,
]


def message_of(written: Letter) -> bytes:
    """What a usual signature of this letter signs."""
    values = {"(request-target)": f"post {written.target}"}
    return "\n".join(f"{name}: {values.get(name) or written.value(name)}" for name in USUALLY_COVERED).encode()


async def test_an_algorithm_that_is_not_the_keys_is_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar):
        for algorithm in ALGORITHMS:
            written = letter(stadt, bob, bob.activity("Follow", resident.uri)).sign(algorithm=algorithm)
            assert await written.send(stadt) in (400, 401), algorithm[:20]


async def test_other_signatures_of_the_same_key_are_refused(stadt: Town, nachbar: Remote) -> None:
    """The public key as a secret, other hashes, other padding, no signature at all."""
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    key = bob.key
    assert isinstance(key, rsa.RSAPrivateKey)
    pem = public_pem(key).encode()
    async with repelled(stadt, nachbar):
        for algorithm in ("rsa-sha256", "hs2019", "hmac-sha256", "none"):
            written = letter(stadt, bob, bob.activity("Follow", resident.uri)).sign(algorithm=algorithm)
            message = message_of(written)
            for signature in (
                hmac.digest(pem, message, "sha256"),
                hashlib.sha256(message).digest(),
                key.sign(message, PKCS1v15(), SHA1()),
                key.sign(message, PKCS1v15(), SHA512()),
                key.sign(message, PSS(MGF1(SHA256()), 32), SHA256()),
                b"\0" * 256,
                b"\0",
            ):
                written.parameters["signature"] = base64.b64encode(signature).decode()
                written.write_signature()
                assert await written.send(stadt) == 401, algorithm
            written.parameters["signature"] = ""
            written.write_signature()
            assert await written.send(stadt) in (400, 401)


def bad_keys() -> dict[str, tuple[object, str]]:
    """Private keys with what an actor document says of their public half."""
    small = rsa.generate_private_key(65537, 1024)
    exponent = rsa.generate_private_key(3, 2048)
    good = rsa.generate_private_key(65537, 2048)
    pem = public_pem(good)
    return {
        "RSA-1024": (small, public_pem(small)),
        "exponent 3": (exponent, public_pem(exponent)),
        "private key published": (good, private_pem(good)),
        "private and public": (good, private_pem(good) + pem),
        "two keys": (good, pem + pem),
        "no PEM": (good, pem.replace("-----", "")),
        "empty": (good, ""),
        "elliptic curve": (good, pem_of(ec.generate_private_key(ec.SECP256R1()).public_key())),
        "DSA": (good, pem_of(dsa.generate_private_key(2048).public_key())),
        "Ed25519 instead": (good, public_pem(generate_ed25519_key())),
    }


def pem_of(key: ec.EllipticCurvePublicKey | dsa.DSAPublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_weak_and_broken_keys_prove_nothing(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident = await stadt.resident("anna")
    async with repelled(stadt, nachbar, but_for={"actors", "actor_keys"}):
        for number, (name, (key, pem)) in enumerate(bad_keys().items()):
            weak = Person(boese, f"weak{number}", key)  # type: ignore[arg-type]  # RSA, some of it too short
            boese.people[weak.username] = weak
            document = weak.document()
            document["publicKey"]["publicKeyPem"] = pem
            boese.documents[f"/users/{weak.username}"] = document
            for algorithm in ("rsa-sha256", "hs2019"):
                written = letter(stadt, weak, weak.activity("Follow", resident.uri)).sign(algorithm=algorithm)
                assert await written.send(stadt) == 401, name


async def test_an_exponent_of_one_proves_nothing(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """With e = 1 the padded message is its own signature; no library makes such a key, so it is written by hand."""
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    key = mallory.key
    assert isinstance(key, rsa.RSAPrivateKey)
    modulus = key.public_key().public_numbers().n
    pem = base64.encodebytes(der_public_key(modulus, 1)).decode()
    mallory_document = mallory.document()
    mallory_document["publicKey"]["publicKeyPem"] = (
        f"-----BEGIN RSA PUBLIC KEY-----\n{pem}-----END RSA PUBLIC KEY-----\n"
    )
    boese.documents["/users/mallory"] = mallory_document

    async with repelled(stadt, nachbar, but_for={"actors", "actor_keys"}):
        written = letter(stadt, mallory, mallory.activity("Follow", resident.uri)).sign()
        digest_info = (
            bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message_of(written)).digest()
        )
        padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(digest_info)) + b"\x00" + digest_info
        written.parameters["signature"] = base64.b64encode(padded).decode()
        written.write_signature()
        assert await written.send(stadt) == 401


def der_public_key(modulus: int, exponent: int) -> bytes:
    """PKCS #1 RSAPublicKey: a sequence of two integers."""

    def field(tag: int, content: bytes) -> bytes:
        length = len(content)
        size = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
        return bytes([tag]) + size + content

    numbers = (
        field(2, b"\0" * (n.bit_length() % 8 == 0) + n.to_bytes(-(-n.bit_length() // 8), "big"))
        for n in (modulus, exponent)
    )
    return field(0x30, b"".join(numbers))


@pytest.mark.parametrize("algorithm", ["hs2019", "ed25519"])
async def test_ed25519_is_read_as_what_it_is(stadt: Town, nachbar: Remote, algorithm: str) -> None:
    resident = await stadt.resident("anna")
    modern = nachbar.person("modern", key=generate_ed25519_key())
    for wrong in ("rsa-sha256", "hmac-sha256"):
        async with repelled(stadt, nachbar, but_for={"actors", "actor_keys"}):
            written = letter(stadt, modern, modern.activity("Follow", resident.uri)).sign(algorithm=wrong)
            assert await written.send(stadt) == 401
    written = letter(stadt, modern, modern.activity("Follow", resident.uri)).sign(algorithm=algorithm)
    assert await written.send(stadt) == 202
    await serves(stadt, nachbar)
