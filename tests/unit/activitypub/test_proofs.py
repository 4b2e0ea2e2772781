"""Object integrity proofs (FEP-8b32) and the canonical JSON that they sign (RFC 8785)."""

import json
import string
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activitypub.jcs import NotCanonical, canonical
from activitypub.multikey import base58_bytes, base58_text, ed25519_pem, multikey
from activitypub.proofs import Proof, holds, is_fresh, prove, read_proof
from activitypub.signatures.keys import generate_rsa_key, load_public_key
from tests.specimens import specimens

# The pair of keys of the examples of W3C's vc-di-eddsa, which FEP-8b32 uses as well.
MULTIKEY, SECRET = (
    "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq",
)
PEM = ed25519_pem(MULTIKEY)
MADE = datetime(2023, 2, 24, 23, 36, 38, 999_999, tzinfo=UTC)
OF_THE_PROPOSAL: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v1"],
    "type": "Create",
    "actor": "https://server.example/users/alice",
    "object": {"type": "Note", "content": "Hello world"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": "https://server.example/users/alice#ed25519-key",
        "proofPurpose": "assertionMethod",
        "proofValue": "z3sXaxjKs4M3BRicwWA9peyNPJvJqxtGsDmpt1jjoHCjgeUf71TRFz56osPSfDErszyLp5Ks1EhYSgpDaNM977Rg2",
        "created": "2023-02-24T23:36:38Z",
    },
}
_TERMS = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"]
# The proposal's other example, of 2026 (fep-8b32.feature), which has a fraction and repeats the context in the proof.
OF_THE_NEWER_PROPOSAL: dict[str, Any] = {
    "@context": _TERMS,
    "id": "https://server.example/activities/1",
    "type": "Create",
    "actor": "https://server.example/users/alice",
    "object": {
        "id": "https://server.example/objects/1",
        "type": "Note",
        "attributedTo": "https://server.example/users/alice",
        "content": "Hello world",
        "location": {"type": "Place", "longitude": -71.184902, "latitude": 25.273962},
    },
    "proof": {
        "@context": _TERMS,
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": "https://server.example/users/alice#ed25519-key",
        "proofPurpose": "assertionMethod",
        "proofValue": "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL",
        "created": "2023-02-24T23:36:38Z",
    },
}
_CREDENTIALS = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
OF_THE_STANDARD: dict[str, Any] = {
    "@context": _CREDENTIALS,
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
        "#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "proofPurpose": "assertionMethod",
        "@context": _CREDENTIALS,
        "proofValue": "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX",
    },
}


def secret_key() -> Ed25519PrivateKey:
    raw = base58_bytes(SECRET, longest=60)
    assert raw is not None
    return Ed25519PrivateKey.from_private_bytes(raw[2:])


def proof_of(document: dict[str, Any]) -> Proof:
    proof = read_proof(document)
    assert proof is not None
    return proof


@pytest.mark.parametrize("document", [OF_THE_PROPOSAL, OF_THE_NEWER_PROPOSAL, OF_THE_STANDARD])
def test_the_examples_hold_and_no_other_document_does(document: dict[str, Any]) -> None:
    assert PEM is not None
    key, proof = load_public_key(PEM), proof_of(document)
    assert holds(document, proof, key)
    assert holds({**document, "proof": ["odd", {"type": "Other"}, document["proof"]]}, proof, key)
    assert holds({**document, "signature": {"type": "RsaSignature2017"}}, proof, key)
    assert not holds({**document, "type": "Update"}, proof, key)
    assert not holds({**document, "more": 1}, proof, key)
    assert not holds({**document, "@context": ["https://www.w3.org/ns/other"]}, proof, key)
    assert not holds(document, proof_of({"proof": {**document["proof"], "nonce": "x"}}), key)
    assert not holds(document, proof, generate_rsa_key().public_key())


def test_what_we_make_is_what_the_proposal_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ed25519 gives the same signature each time, so the published example has to come out, letter by letter."""
    key_uri = "https://server.example/users/alice#ed25519-key"
    said = {name: value for name, value in OF_THE_NEWER_PROPOSAL.items() if name != "proof"}
    with monkeypatch.context() as patch:
        patch.setattr("activitypub.proofs.DATA_INTEGRITY", _TERMS[1])
        assert prove(said, secret_key(), key_uri=key_uri, now=MADE) == OF_THE_NEWER_PROPOSAL
    # Whose context does not explain the proof gets what does.
    short = prove({**said, "@context": _TERMS[0]}, secret_key(), key_uri=key_uri, now=MADE)
    assert short["@context"] == short["proof"]["@context"] == OF_THE_PROPOSAL["@context"]
    assert PEM is not None
    assert holds(short, proof_of(short), load_public_key(PEM))
    assert said["@context"] == _TERMS
    with pytest.raises(NotCanonical):
        prove({**said, "count": 2**60}, secret_key(), key_uri=key_uri, now=MADE)
    assert multikey(secret_key().public_key()) == MULTIKEY
    assert base58_text(b"\0\0\1") == "z112"


def test_what_is_no_proof_of_this_kind_is_none() -> None:
    proof = OF_THE_PROPOSAL["proof"]
    changes: list[dict[str, Any]] = [
        *({"type": "RsaSignature2017"}, {"cryptosuite": "eddsa-rdfc-2022"}, {"proofPurpose": "authentication"}),
        *({"created": "gestern"}, {"created": None}, {"verificationMethod": {}}, {"proofValue": "uAAAA"}),
    ]
    odd: list[Any] = [None, "x", [], {}, *({**proof, **change} for change in changes)]
    odd += [{**proof, "proofValue": value} for value in ("z", "z0", "z" + "1" * 63, proof["proofValue"] * 2, 7)]
    for entry in odd:
        assert read_proof({"proof": entry}) is None
    assert base58_bytes("z112", longest=9) == b"\0\0\1"


def test_a_proof_does_not_hold_for_ever() -> None:
    made = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
    proof = proof_of(OF_THE_PROPOSAL)
    for later, fresh in ((-2, False), (-0.9, True), (0, True), (12, True), (12.9, True), (13.1, False), (9_000, False)):
        assert is_fresh(proof, made + timedelta(hours=later)) is fresh
    ended = {**OF_THE_PROPOSAL["proof"], "expires": "2023-02-24T23:40:00Z"}
    assert not is_fresh(proof_of({"proof": ended}), made + timedelta(hours=2))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"), ("-0.0", "0"), ("1.0", "1"), ("-1.5", "-1.5"), ("333333333.33333329", "333333333.3333333"),
        ("1E30", "1e+30"), ("4.50", "4.5"), ("2e-3", "0.002"), ("0.000000000000000000000000001", "1e-27"),
        ("1e21", "1e+21"), ("1e20", "100000000000000000000"), ("0.000001", "0.000001"), ("1e-7", "1e-7"),
        ("123456789012.5", "123456789012.5"), ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("9007199254740992", "9007199254740992"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_javascript_does(number: str, text: str) -> None:
    assert canonical(json.loads(number)).decode() == text


def test_another_encoder_writes_our_documents_alike() -> None:
    """The standard library's, of which the scheme asks for little; odd numbers and names are tested by themselves."""
    odd = {"".join(map(chr, range(128))): string.printable + "\x7f\x80\u2028\ufeff\U0001f600"}
    for document in (odd, *specimens().values()):
        plain = json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        assert canonical(document).decode() == plain


def test_names_and_texts_are_written_as_the_standard_says() -> None:
    names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7}
    assert [int(part[-1]) for part in canonical(names).decode().strip("{}").split(",")] == [2, 4, 6, 7, 1, 5, 3]
    assert canonical({"b": [True, None, {}], "a": "\u20ac$\x0f\nA'B\"\\/"}).decode() == (
        '{"a":"\u20ac$\\u000f\\nA\'B\\"\\\\/","b":[true,null,{}]}'
    )
    for odd in (2**53 + 1, float("nan"), float("inf"), "\ud800", b"x"):
        with pytest.raises(NotCanonical):
            canonical([odd])
