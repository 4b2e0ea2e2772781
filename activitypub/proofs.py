"""Object integrity proofs: an activity that carries its author's signature, so that others can pass it on (FEP-8b32).

Only `eddsa-jcs-2022` is read. What cannot be read as a proof is none, and a proof that does not hold is as if there
were none: the request's own signature decides then. https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from activitypub.caps import CAPS, Caps
from activitypub.jcs import NotCanonical, canonical
from activitypub.multikey import base58_bytes
from activitypub.properties import Document, instant, items
from activitypub.signatures.keys import PublicKey

_SIGNATURE_BYTES = 64
_LONGEST = 96  # "z" and 64 bytes in base 58
_SAID = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod"}
MOST_PROOFS = 4


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
    """True if the owner of the key signed the document as it is (section 3.3.2): all of it but the proof itself."""
    if not isinstance(key, Ed25519PublicKey):
        return False
    said = {name: value for name, value in document.items() if name != "proof"}
    if "@context" in proof.options:
        context = items(proof.options, "@context")
        if items(document, "@context")[: len(context)] != context:
            return False
        said["@context"] = proof.options["@context"]
    try:
        message = sha256(canonical(dict(proof.options))).digest() + sha256(canonical(said)).digest()
        key.verify(proof.signature, message)
    except (NotCanonical, InvalidSignature):
        return False
    return True
