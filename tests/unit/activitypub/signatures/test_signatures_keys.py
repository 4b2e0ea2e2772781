import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
)

from activitypub.signatures.keys import (
    KeyRefused,
    MalformedKey,
    PrivateKey,
    PublicKey,
    WeakKey,
    generate_ed25519_key,
    generate_rsa_key,
    load_private_key,
    load_public_key,
    private_pem,
    public_pem,
)
from tests.unit.activitypub.signatures.signed_requests import ed25519_key, rsa_key


def pem_of(exponent: int, modulus: int) -> str:
    """A PKCS #1 public key with any numbers, byte by byte: the library would refuse to make some of them."""
    sequence = der(0x30, der_integer(modulus) + der_integer(exponent))
    body = base64.encodebytes(sequence).decode()
    return f"-----BEGIN RSA PUBLIC KEY-----\n{body}-----END RSA PUBLIC KEY-----\n"


def der_integer(number: int) -> bytes:
    return der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def der(tag: int, content: bytes) -> bytes:
    size = len(content).to_bytes(2, "big").lstrip(b"\0") or b"\0"
    length = size if len(content) < 128 else bytes([0x80 + len(size)]) + size
    return bytes([tag]) + length + content


def spki(key: dsa.DSAPublicKey | ec.EllipticCurvePublicKey | x25519.X25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def numbers(key: PublicKey) -> object:
    return key.public_numbers() if isinstance(key, rsa.RSAPublicKey) else key.public_bytes_raw()


def test_a_fresh_rsa_key_is_what_the_fediverse_expects() -> None:
    key = generate_rsa_key()
    assert key.key_size == 2048
    assert key.public_key().public_numbers().e == 65537


def test_fresh_keys_differ() -> None:
    assert private_pem(generate_ed25519_key()) != private_pem(generate_ed25519_key())


@pytest.mark.parametrize("make", [rsa_key, ed25519_key])
def test_a_key_survives_being_written_and_read(make: Callable[[], PrivateKey]) -> None:
    key = make()
    again = load_private_key(private_pem(key))
    assert private_pem(again) == private_pem(key)
    assert numbers(load_public_key(public_pem(key))) == numbers(key.public_key())
    assert public_pem(key) == public_pem(key.public_key())


def test_reading_a_key_twice_reads_it_once() -> None:
    pem = public_pem(rsa_key())
    assert load_public_key(pem) is load_public_key(pem)


def test_the_older_pem_form_of_rsa_keys_is_read() -> None:
    pem = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
    assert numbers(load_public_key(pem)) == numbers(rsa_key().public_key())


@pytest.mark.parametrize("change", [str.strip, lambda pem: pem.replace("\n", "\r\n"), lambda pem: "\n" + pem])
def test_line_ends_do_not_matter(change: Callable[[str], str]) -> None:
    pem = change(public_pem(rsa_key()))
    assert numbers(load_public_key(pem)) == numbers(rsa_key().public_key())


@pytest.mark.parametrize("bits", [1024, 2040])
def test_short_rsa_keys_are_weak(bits: int) -> None:
    key = rsa.generate_private_key(65537, bits)
    with pytest.raises(WeakKey, match=str(bits)):
        load_public_key(public_pem(key))
    with pytest.raises(WeakKey, match=str(bits)):
        load_private_key(private_pem(key))


def test_a_512_bit_key_is_refused_in_whichever_way() -> None:
    with pytest.raises(KeyRefused):
        load_public_key(pem_of(65537, (1 << 511) + 1))


def test_rsa_keys_that_would_cost_us_time_are_weak() -> None:
    with pytest.raises(WeakKey, match="8200"):
        load_public_key(pem_of(65537, (1 << 8199) + 1))
    assert load_public_key(pem_of(65537, (1 << 8191) + 1))


@pytest.mark.parametrize("exponent", [3, 17, 65535, (1 << 32) + 1, (1 << 255) + 1])
def test_odd_exponents_outside_the_bounds_are_weak(exponent: int) -> None:
    modulus = rsa_key().public_key().public_numbers().n
    with pytest.raises(WeakKey, match="exponent"):
        load_public_key(pem_of(exponent, modulus))


@pytest.mark.parametrize("exponent", [0, 1, 2, 65536, 65538])
def test_exponents_that_make_no_key_are_refused(exponent: int) -> None:
    modulus = rsa_key().public_key().public_numbers().n
    with pytest.raises(KeyRefused):
        load_public_key(pem_of(exponent, modulus))


def test_a_larger_odd_exponent_is_fine() -> None:
    modulus = rsa_key().public_key().public_numbers().n
    assert load_public_key(pem_of(65539, modulus))


@pytest.mark.parametrize("make", [rsa_key, ed25519_key])
def test_a_published_private_key_is_no_public_key(make: Callable[[], PrivateKey]) -> None:
    secret = private_pem(make())
    public = public_pem(make())
    for pem in (secret, public + secret, secret + public):
        with pytest.raises(MalformedKey, match="private") as caught:
            load_public_key(pem)
        assert secret.splitlines()[1] not in str(caught.value)


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "junk",
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\u00fc\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n" + "A" * 100_000 + "\n-----END PUBLIC KEY-----\n",
        "\ud800",
        "\x00",
    ],
)
def test_junk_is_malformed(pem: str) -> None:
    with pytest.raises(MalformedKey):
        load_public_key(pem)
    with pytest.raises(MalformedKey):
        load_private_key(pem)


def test_a_key_in_a_long_text_is_malformed() -> None:
    pem = public_pem(rsa_key())
    assert load_public_key(pem + "\n" * 1000)
    with pytest.raises(MalformedKey):
        load_public_key(pem + "\n" * 10_000)


def test_two_keys_are_not_one() -> None:
    with pytest.raises(MalformedKey):
        load_public_key(public_pem(rsa_key()) + public_pem(ed25519_key()))


def test_keys_of_other_kinds_are_malformed() -> None:
    elliptic = ec.generate_private_key(ec.SECP256R1())
    for key in (elliptic.public_key(), x25519.X25519PrivateKey.generate().public_key()):
        with pytest.raises(MalformedKey, match="kind"):
            load_public_key(spki(key))
    with pytest.raises(MalformedKey, match="kind"):
        load_private_key(private_pem(elliptic))  # type: ignore[arg-type]  # the wrong kind is the test


def test_a_public_or_an_encrypted_key_is_no_private_key() -> None:
    locked = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")).decode()
    for pem in (public_pem(rsa_key()), locked):
        with pytest.raises(MalformedKey):
            load_private_key(pem)
