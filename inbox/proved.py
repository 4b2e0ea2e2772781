"""Whose word an activity is that somebody else passes on: its author's, if it carries a proof that holds (FEP-8b32)."""

import asyncio

from activitypub.models import Actor
from activitypub.proofs import PROVABLE, holds, is_fresh, read_proof
from activitypub.resolver import Resolver, SigningKey
from activitypub.vocabulary import Activity


async def proved_author(resolver: Resolver, activity: Activity) -> tuple[SigningKey, Actor] | None:
    """Return the author that an activity proves to be of, with the key; None if that cannot be told here.

    Nothing is fetched for it: who is not known is not believed, and what is spoken of is read from its origin.
    """
    proof = read_proof(activity.document) if activity.type in PROVABLE else None
    if proof is None or not is_fresh(proof, resolver.ctx.clock()):
        return None
    known = await resolver.known_signer(proof.key_uri)
    if known is None or known[1].uri != activity.actor or known[1].suspended_at is not None:
        return None
    # In a thread: a document may have a megabyte.
    return known if await asyncio.to_thread(holds, activity.document, proof, known[0].public_key) else None
