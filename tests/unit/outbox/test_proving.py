"""Which activities carry their author's proof, and that somebody else's tools find it good."""

import json
from collections import Counter
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from activitypub.graph.interactions import announce, like
from activitypub.graph.relationships import block
from activitypub.models import PollVote, ProofKey
from activitypub.multikey import base58_bytes
from activitypub.unit import Unit
from activitypub.vocabulary import PUBLIC, Visibility
from fediverse_kommune.database import Database
from outbox import send
from outbox.groups import take_up, tell_followers
from outbox.publish import publish
from outbox.recipients import inboxes_of
from tests.unit.outbox.conftest import following, local, posted, queued, remote

KEY_URI = "https://stadt.example/users/anna#ed25519-key"


def is_proved(activity: dict[str, Any], multibase: str) -> bool:
    """Check a proof as the standard has it, with nothing of ours but the reader of base 58."""
    document = dict(activity)
    proof = document.pop("proof")
    signature = base58_bytes(proof.pop("proofValue"), longest=96)
    key = base58_bytes(multibase, longest=48)
    assert signature is not None
    assert key is not None
    assert proof == {
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": f"{activity['actor']}#ed25519-key",
        "proofPurpose": "assertionMethod",
        "created": "2026-11-23T12:00:00Z",
    }
    parts = (json.dumps(part, ensure_ascii=False, separators=(",", ":"), sort_keys=True) for part in (proof, document))
    message = b"".join(sha256(part.encode()).digest() for part in parts)
    Ed25519PublicKey.from_public_bytes(key[2:]).verify(signature, message)
    return True


def everything_said(unit: Unit) -> str:
    """Let Anna say and do all there is, about what everybody may read and what is for some; return her public key."""
    anna, nora = local(unit, "anna"), remote(unit, "nora", "nord.example")
    send.send_accept(unit, following(unit, nora, anna))
    for visibility in Visibility:
        status = posted(unit, anna, nora, visibility=visibility)
        send.send_status(unit, status)
        send.send_status_update(unit, status)
        send.send_status_delete(unit, posted(unit, anna, nora, visibility=visibility))
        liked = posted(unit, nora, anna, visibility=visibility)
        row = like(unit, anna, liked)
        send.send_like(unit, row, liked)
        send.send_unlike(unit, row, liked)
        passed_on = posted(unit, nora)
        shared = announce(unit, anna, passed_on, visibility=visibility)
        send.send_announce(unit, shared, passed_on)
        send.send_unannounce(unit, shared, passed_on)
    send.send_add_pinned(unit, anna, posted(unit, anna))
    send.send_actor_update(unit, anna)
    send.send_follow(unit, following(unit, anna, nora))
    send.send_block(unit, block(unit, anna, nora))
    send.send_votes(
        unit,
        [PollVote(uri=f"{anna.uri}#vote/1", actor=anna, actor_id=anna.id, choice=0, created_at=unit.now)],
        ["Ja"],
        liked,
    )
    return unit.scalars(select(ProofKey.multibase)).one()


async def test_what_everybody_may_read_carries_a_proof_and_nothing_else_does(db: Database) -> None:
    multibase = await db.write(everything_said)
    told = [entry.activity for entry in await db.read(queued)]
    proved = [activity for activity in told if "proof" in activity]
    of_open_ones = ["Create", "Update", "Delete", "Like", "Undo", "Announce", "Undo"]
    assert [activity["type"] for activity in proved] == [*of_open_ones, *of_open_ones, "Update"]
    assert all(is_proved(activity, multibase) for activity in proved)
    without = Counter(activity["type"] for activity in told if "proof" not in activity)
    assert without == {
        **dict.fromkeys(("Update", "Delete", "Like", "Announce"), 2),
        **dict.fromkeys(("Accept", "Follow", "Block", "Add"), 1),
        "Create": 3,
        "Undo": 4,
    }


async def test_nobody_proves_what_somebody_else_says(db: Database) -> None:
    """What is passed on goes as it came, and a group proves its own Announce around it."""
    said = {
        "id": "https://sued.example/1",
        "type": "Create",
        "actor": "https://sued.example/users/paul",
        "to": [PUBLIC],
    }
    odd = {**said, "count": 2**60}

    def act(unit: Unit) -> None:
        anna, nora = local(unit, "anna", type="Group"), remote(unit, "nora", "nord.example")
        following(unit, nora, anna)
        inboxes = inboxes_of(unit, actors=[nora.id])
        publish(unit, said, by=anna, object_uri=said["id"], inboxes=inboxes)
        for activity in (said, odd):
            tell_followers(unit, anna, activity, about=said["id"])

    await db.write(act)
    forwarded, announced, unprovable = [entry.activity for entry in await db.read(queued)]
    assert forwarded == said
    assert announced["object"] == said
    assert announced["proof"]["verificationMethod"] == KEY_URI
    assert (unprovable["object"], "proof" in unprovable) == (odd, False)


async def test_what_a_group_passes_on_carries_its_authors_proof_inside(db: Database) -> None:
    def act(unit: Unit) -> str:
        anna, group, nora = (
            local(unit, "anna"),
            local(unit, "verein", type="Group"),
            remote(unit, "nora", "nord.example"),
        )
        following(unit, nora, group)
        status = posted(unit, anna)
        take_up(unit, group, status)
        row = like(unit, anna, status)
        send.send_like(unit, row, status)
        send.send_unlike(unit, row, status)
        send.send_status_update(unit, status)
        send.send_status_delete(unit, status)
        return unit.scalars(select(ProofKey.multibase).where(ProofKey.actor_id == anna.id)).one()

    multibase = await db.write(act)
    inside = [entry.activity["object"] for entry in await db.read(queued)]
    assert [activity["type"] for activity in inside] == ["Create", "Like", "Undo", "Update", "Delete"]
    assert all(is_proved(activity, multibase) for activity in inside)
