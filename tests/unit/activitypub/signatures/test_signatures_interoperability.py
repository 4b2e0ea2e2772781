"""With httpsig on the other end: its verifier takes what we sign, we take what its signer makes."""

import subprocess
import sys
from pathlib import Path

import pytest
from httpsig import HeaderSigner, HeaderVerifier
from httpsig.utils import parse_signature_header
from msgspec.structs import replace

from activitypub.signatures.cavage import parse_signature, sign
from activitypub.signatures.keys import private_pem, public_pem
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason
from tests.unit.activitypub.signatures.signed_requests import (
    BODY,
    FOR_GET,
    FOR_POST,
    HOST,
    KEY_ID,
    NOW,
    digest_of,
    get,
    http_date,
    outcome,
    post,
    rsa_key,
)

ROOT = Path(__file__).parents[4]
CONTENT_TYPE = {"Content-Type": "application/activity+json"}


def ours(method: str, target: str, body: bytes | None) -> dict[str, str]:
    return sign(method, f"https://{HOST}{target}", CONTENT_TYPE, body, key_id=KEY_ID, private_key=rsa_key(), now=NOW)


def accepted_by_httpsig(headers: dict[str, str], method: str, target: str, required: tuple[str, ...]) -> bool:
    verifier = HeaderVerifier(
        headers,
        public_pem(rsa_key()),
        required_headers=list(required),
        method=method,
        path=target,
        sign_header="signature",
    )
    return bool(verifier.verify())


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", "/inbox", BODY),
        ("POST", "/inbox?a=b&c=%20", BODY),
        ("POST", "/inbox", b""),
        ("GET", "/users/rathaus", None),
        ("GET", "/users/rathaus/outbox?page=true", None),
    ],
)
def test_what_we_sign_is_accepted(method: str, target: str, body: bytes | None) -> None:
    headers = ours(method, target, body)
    required = FOR_GET if body is None else FOR_POST
    assert accepted_by_httpsig(headers, method, target, (*required, "content-type"))
    assert not accepted_by_httpsig(headers, method, target + "x", required)
    received = SignedMessage(method, target, tuple((name.lower(), value) for name, value in headers.items()))
    assert outcome(replace(received, body=body or b"")) is None


@pytest.mark.parametrize("sign_header", ["signature", "authorization"])
@pytest.mark.parametrize("request_", [post(), get(), get("/users/rathaus/outbox?page=true")])
def test_what_httpsig_signs_is_accepted(request_: SignedMessage, sign_header: str) -> None:
    covered = FOR_POST if request_.body else FOR_GET
    signer = HeaderSigner(KEY_ID, private_pem(rsa_key()), "rsa-sha256", list(covered), sign_header)
    headers = signer.sign(dict(request_.headers), method=request_.method, path=request_.target)
    received = replace(request_, headers=tuple(headers.items()))
    assert outcome(received) is None
    assert outcome(replace(received, target="/inbox/")) is Reason.SIGNATURE_WRONG


def test_both_read_the_same_parameters() -> None:
    header = ours("POST", "/inbox", BODY)["Signature"]
    theirs = parse_signature_header(header)
    read = parse_signature(header)
    assert (theirs["keyid"], theirs["algorithm"]) == (read.key_id, read.algorithm)
    assert tuple(theirs["headers"].split(" ")) == read.headers


def test_hmac_by_httpsig_is_refused() -> None:
    signer = HeaderSigner(KEY_ID, public_pem(rsa_key()), "hmac-sha256", list(FOR_POST), "signature")
    headers = signer.sign(
        {"host": HOST, "date": http_date(NOW), "digest": digest_of(BODY)}, method="POST", path="/inbox"
    )
    assert outcome(SignedMessage("POST", "/inbox", tuple(headers.items()), BODY)) is Reason.ALGORITHM_REFUSED


def test_of_httpsig_only_the_one_module_is_loaded() -> None:
    """Its package wants pkg_resources, which new virtual environments lack, and pycryptodome's RSA."""
    code = (
        "import sys, activitypub.signatures.httpsig_alone\n"
        "loaded = {'httpsig', 'httpsig.sign', 'pkg_resources', 'Crypto.PublicKey'} & sys.modules.keys()\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
