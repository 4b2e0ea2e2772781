"""Object integrity proofs: an activity that carries its author's signature, so that others can pass it on (FEP-8b32).

Only `eddsa-jcs-2022` is made and read. What cannot be read as a proof is none, and a proof that does not hold is as if
there were none: the request's own signature decides then. https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from activitypub.caps import CAPS, Caps
from activitypub.jcs import NotCanonical, canonical
from activitypub.jsonld import DATA_INTEGRITY
from activitypub.multikey import base58_bytes, base58_text
from activitypub.properties import Document, instant, items
from activitypub.signatures.keys import PublicKey

_SIGNATURE_BYTES = 64
_LONGEST = 96  # "z" and 64 bytes in base 58
# What a proof does not cover: the proof itself, and an older embedded signature, which is made after it.
_UNPROVED = frozenset({"proof", "signature"})
_SAID = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod"}
MOST_PROOFS = 4
# What is made to be passed on. Whatever else somebody says is said to whom it concerns.
PROVABLE = frozenset({"Create", "Update", "Delete", "Announce", "Like", "EmojiReact", "Undo"})


def prove(document: Document, key: Ed25519PrivateKey, *, key_uri: str, now: datetime) -> dict[str, Any]:
    """Return a document with the proof that the owner of the key says it as it is (section 3.3.1).

    The proof repeats the whole `@context`: Fedify counts it in whether it stands there or not, and Mitra and Mastodon
    take no other one. Raises `NotCanonical` for what cannot be signed.
    """
    context = items(document, "@context")
    said = {**document, "@context": context if DATA_INTEGRITY in context else [*context, DATA_INTEGRITY]}
    options = {
        "@context": said["@context"],
        **_SAID,
        "verificationMethod": key_uri,
        "created": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return {**said, "proof": {**options, "proofValue": base58_text(key.sign(_message(options, said)))}}


class Proof(Struct, frozen=True):
    """A proof as it stands in a document; nothing of it is believed yet. `options` is all of it but the signature."""

    key_uri: str
    signature: bytes
    created: datetime
    options: Mapping[str, Any]


def read_proof(document: Document) -> Proof | None:
    """Return the first proof of the kind that is read here; None if there is none."""
    for entry in items(document, "proof", MOST_PROOFS):
        if isinstance(entry, dict) and (proof := _read(entry)):
            return proof
    return None


def _read(entry: dict[str, Any]) -> Proof | None:
    if any(entry.get(name) != value for name, value in _SAID.items()):
        return None
    key_uri, value, created = entry.get("verificationMethod"), entry.get("proofValue"), instant(entry, "created")
    if not isinstance(key_uri, str) or not isinstance(value, str) or created is None:
        return None
    signature = base58_bytes(value, longest=_LONGEST)
    if signature is None or len(signature) != _SIGNATURE_BYTES:
        return None
    return Proof(key_uri, signature, created, {name: part for name, part in entry.items() if name != "proofValue"})


def is_fresh(proof: Proof, now: datetime, caps: Caps = CAPS) -> bool:
    """True for a proof made not long ago: else what was said once could be said again for ever (row B03).

    Within this time a repeat is known by its id (`inbox.worker.KEEP_DONE`).
    """
    ends = instant(proof.options, "expires")
    in_time = now - caps.signature_ceiling - caps.signature_skew <= proof.created <= now + caps.signature_skew
    return in_time and (ends is None or now <= ends + caps.signature_skew)


def holds(document: Document, proof: Proof, key: PublicKey) -> bool:
    """True if the owner of the key signed the document as it is (section 3.3.2): all of it but its signatures."""
    if not isinstance(key, Ed25519PublicKey):
        return False
    said = {name: value for name, value in document.items() if name not in _UNPROVED}
    if "@context" in proof.options:
        context = items(proof.options, "@context")
        if items(document, "@context")[: len(context)] != context:
            return False
        said["@context"] = proof.options["@context"]
    try:
        key.verify(proof.signature, _message(dict(proof.options), said))
    except (NotCanonical, InvalidSignature):
        return False
    return True


def _message(options: dict[str, Any], said: dict[str, Any]) -> bytes:
    """Return what is signed (section 3.3.4): how it is signed, and what is said, each as a hash."""
    return sha256(canonical(options)).digest() + sha256(canonical(said)).digest()
