"""Which activities of ours carry their author's proof: those that everybody may read and may pass on (FEP-8b32).

What is for some people only carries none: a proof convinces whoever gets to see it, also those whom it was not for
(docs/decisions/0026-proofs-of-what-is-public.md).
"""

import logging
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Select, bindparam, select

from activitypub.actor_documents import proof_key_uri
from activitypub.documents import Document
from activitypub.jcs import NotCanonical
from activitypub.models import Actor, ProofKey
from activitypub.proofs import PROVABLE, prove
from activitypub.signatures.keys import load_private_key
from activitypub.unit import Unit
from activitypub.vocabulary import PUBLIC

log = logging.getLogger(__name__)


def proved(unit: Unit, activity: Document, by: Actor) -> Document:
    """Return an activity with its author's proof if it is addressed to everybody, else as it is."""
    is_public = PUBLIC in activity.get("to", ()) or PUBLIC in activity.get("cc", ())
    return proved_openly(unit, activity, by) if is_public else activity


def proved_openly(unit: Unit, activity: Document, by: Actor) -> Document:
    """Return an activity with its author's proof, whomever it is addressed to: it is about something open.

    What somebody else says, or what carries a proof already, stays as it is; so does what has no canonical form, which
    can only be part of what we pass on for others.
    """
    if activity["type"] not in PROVABLE or activity["actor"] != by.uri or "proof" in activity:
        return activity
    key = load_private_key(unit.connection().execute(_select_key(), {"actor": by.id}).scalar_one())
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"the proof key of {by.uri} is none of Ed25519")
    try:
        return prove(activity, key, key_uri=proof_key_uri(by), now=unit.now)
    except NotCanonical as error:
        log.warning("%s carries no proof: %s", activity["id"], error)
        return activity


@cache
def _select_key() -> Select[str]:
    return select(ProofKey.private_pem).where(ProofKey.actor_id == bindparam("actor"))
