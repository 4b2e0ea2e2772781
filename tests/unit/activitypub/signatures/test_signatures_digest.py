import pytest

from activitypub.signatures.digest import digest_header, verify_digest
from activitypub.signatures.results import Reason

# draft-cavage-http-signatures-12, appendix C
BODY = b'{"hello": "world"}'
DIGEST = "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="
OTHER = "SHA-512=" + "A" * 86 + "=="


def test_the_header_is_the_one_of_the_draft() -> None:
    assert digest_header(BODY) == DIGEST


def test_an_empty_body_has_a_digest_too() -> None:
    assert digest_header(b"") == "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "header",
    [
        DIGEST,
        DIGEST.replace("SHA", "sha"),
        DIGEST.replace("SHA", "Sha"),
        f"{OTHER},{DIGEST}",
        f"{DIGEST}, {OTHER}",
        f"{DIGEST} ,\t{OTHER}",
        f"md5=1B2M2Y8AsgTpgAmY7PhCfg==,{DIGEST},unixsum=30637",
    ],
)
def test_the_right_digest_is_accepted(header: str) -> None:
    assert verify_digest([header], BODY) is None


@pytest.mark.parametrize("headers", [[], [DIGEST, DIGEST], [DIGEST, OTHER], [OTHER, DIGEST]])
def test_there_is_exactly_one_header(headers: list[str]) -> None:
    assert verify_digest(headers, BODY) is Reason.DIGEST_NOT_ONCE


@pytest.mark.parametrize("header", [OTHER, f"{DIGEST},{DIGEST}", f"sha-256=AAAA,{DIGEST}", f"{DIGEST},sha-256=AAAA"])
def test_there_is_exactly_one_sha256(header: str) -> None:
    assert verify_digest([header], BODY) is Reason.DIGEST_WITHOUT_SHA256


@pytest.mark.parametrize("body", [b"", b'{"hello": "world"}\n', b'{"hello": "World"}', b'{"hello":"world"}'])
def test_another_body_is_noticed(body: bytes) -> None:
    assert verify_digest([DIGEST], body) is Reason.DIGEST_WRONG


@pytest.mark.parametrize(
    "value",
    [
        "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE",  # no padding
        "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPF=",  # the same 32 bytes to a lenient decoder
        "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE==",
        "5f8f04f6a3a892aaabbddb6cf27389449377396\x30d4a325b105fee46eef4304f1",  # hexadecimal
        "AAAA",
    ],
)
def test_bad_base64_is_refused(value: str) -> None:
    assert verify_digest([f"SHA-256={value}"], BODY) is Reason.DIGEST_WRONG


@pytest.mark.parametrize(
    "header",
    [
        "",
        "junk",
        "SHA-256",
        "SHA-256=",
        "=abc",
        f"{DIGEST},",
        f",{DIGEST}",
        f"{DIGEST};q=1",
        "SHA-256=\u00fc",
        f"{DIGEST}\n x",
    ],
)
def test_what_is_no_digest_header_is_refused(header: str) -> None:
    assert verify_digest([header], BODY) is Reason.DIGEST_MALFORMED


def test_every_refusal_is_a_401() -> None:
    assert {reason.status for reason in Reason if reason.name.startswith("DIGEST")} == {401}
