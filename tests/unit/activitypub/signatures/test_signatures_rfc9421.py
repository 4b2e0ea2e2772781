"""RFC 9421 with an implementation on the other end that we did not write: it takes what we sign, we what it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, algorithms
from http_message_signatures.resolvers import MappingKeyResolver

from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason, Rejected
from activitypub.signatures.rfc9421 import sign_message
from activitypub.signatures.verify import parse, verify
from tests.unit.activitypub.signatures.signed_requests import (
    BODY,
    HOST,
    KEY_ID,
    NOW,
    ed25519_key,
    outcome,
    rsa_key,
)

CONTENT_TYPE = {"Content-Type": "application/activity+json"}
KEYS: dict[str, tuple[RSAPrivateKey | Ed25519PrivateKey, Any]] = {
    "rsa": (rsa_key(), algorithms.RSA_V1_5_SHA256),
    "ed25519": (ed25519_key(), algorithms.ED25519),
}
REQUESTS = [
    ("POST", "/inbox", BODY),
    ("POST", "/inbox?a=b&c=%20", b""),
    ("GET", "/users/rathaus", None),
    ("GET", "/users/rathaus/outbox?page=true", None),
]


@dataclass
class Request:
    """A request as that library reads and writes it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    def received(self, target: str, body: bytes | None) -> SignedMessage:
        lines = tuple((name.lower(), value) for name, value in self.headers.items())
        return SignedMessage(self.method, target, lines, body or b"")


def resolver(key: RSAPrivateKey | Ed25519PrivateKey) -> MappingKeyResolver:
    return MappingKeyResolver(public_keys={KEY_ID: key.public_key()}, private_keys={KEY_ID: key})


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize(("method", "target", "body"), REQUESTS)
def test_what_we_sign_is_accepted(method: str, target: str, body: bytes | None, kind: str) -> None:
    (key, algorithm), url = KEYS[kind], f"https://{HOST}{target}"
    headers = sign_message(method, url, CONTENT_TYPE, body, key_id=KEY_ID, private_key=key, now=NOW)
    ours = Request(method, url, {"Host": HOST, **headers})
    verifier = HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=resolver(key))
    (found,) = verifier.verify(ours, max_age=None)
    covered = {name.strip('"') for name in found.covered_components}
    assert {"@method", "@target-uri"} <= covered
    assert ("content-digest" in covered) is (body is not None)
    assert outcome(ours.received(target, body), key=key.public_key()) is None
    assert outcome(ours.received(f"{target}x", body), key=key.public_key()) is Reason.SIGNATURE_WRONG


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize(("method", "target", "body"), REQUESTS)
def test_what_others_sign_is_accepted(method: str, target: str, body: bytes | None, kind: str) -> None:
    key, algorithm = KEYS[kind]
    theirs = Request(method, f"https://{HOST}{target}", {"Host": HOST})
    signer = HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=resolver(key))
    covered = ("@method", "@target-uri", "@authority", "host")
    signer.sign(theirs, key_id=KEY_ID, created=NOW, covered_component_ids=covered, label="fedify", body=body)
    assert outcome(theirs.received(target, body), key=key.public_key()) is None
    other = KEYS["rsa" if kind == "ed25519" else "ed25519"][0]
    assert outcome(theirs.received(target, body), key=other.public_key()) is Reason.SIGNATURE_WRONG


def test_the_scheme_is_ours() -> None:
    """Behind a proxy the request itself does not say how the sender reached us."""
    key = rsa_key()
    headers = sign_message("GET", f"http://{HOST}/actor", {}, None, key_id=KEY_ID, private_key=key, now=NOW)
    request = Request("GET", "", headers).received("/actor", None)
    for scheme, is_believed in (("http", True), ("https", False)):
        result = verify(request, public_key=key.public_key(), host=HOST, now=NOW, scheme=scheme)
        assert isinstance(result, Rejected) is not is_believed


@pytest.mark.parametrize(
    ("signature_input", "detail"),
    [
        ('sig1=("@method";req);created=1;keyid="x"', "different names without parameters"),
        ('sig1=("date" "date");created=1;keyid="x"', "different names without parameters"),
        ("sig1=(date);created=1", "different names without parameters"),
        ('sig1=("@status");created=1', "@status is no component"),
        ('sig1=("a b");created=1', "a b is no component"),
        ('sig1=("@method");created="1"', "created is not of its type"),
        ('sig1=("@method");created=1;keyid=1', "keyid is not of its type"),
        ('sig1=("@method");created=1;expires=?1', "expires is not of its type"),
        ('sig1=("@method");created=1, sig2=("@method")', "Signature-Input holds 2 signatures"),
        ('sig1=("@method"), sig1=("@path")', "names sig1 twice"),
        ('other=("@method")', "one and the same signature"),
        ("sig1=7", "one and the same signature"),
        ("sig1=(", "no dictionary"),
        ("", "holds 0 signatures"),
        ("ü", "not ASCII"),
        ("x" * 9_000, "longer than"),
    ],
)
def test_what_cannot_be_read_in_one_way(signature_input: str, detail: str) -> None:
    headers: Mapping[str, str] = {"host": HOST, "signature-input": signature_input, "signature": "sig1=:AAAA:"}
    result = parse(SignedMessage("GET", "/actor", tuple(headers.items())), host=HOST, now=NOW)
    assert isinstance(result, Rejected)
    assert result.reason is Reason.INPUT_MALFORMED
    assert detail in result.message
