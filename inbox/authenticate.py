"""From a request to a verified activity, or to the status that tells the sender what to do.

    400  the request cannot be understood, now or later
    401  it is understood and not believed: no signature, a wrong one, somebody else's name
    403  the sender's domain is shut out, or the activity oversteps its author's authority
    503  the key could not be fetched just now: send it again
    202  it is noted; or there is nothing to do, and asking again would not help

The cheap checks come first and the network last, so that a stranger's nonsense costs no fetch.
Source: https://swicg.github.io/activitypub-http-signature/
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from activitypub.domain_blocks import DomainBlocks
from activitypub.fetch import FetchError, Gone, Unavailable
from activitypub.graph.actors import known_actors
from activitypub.jsonld import NotPlain, plain
from activitypub.parse import Unreadable, parse_activity
from activitypub.resolver import Resolver, SigningKey
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason, Rejected
from activitypub.signatures.rules import ParsedSignature
from activitypub.signatures.verify import check, parse
from activitypub.strict_json import HostileJson, read_object
from activitypub.uris import host_of, same_origin
from activitypub.vocabulary import Activity
from inbox.authorize import NotAllowed, authorize
from inbox.gathered import Gathered
from inbox.proved import proved_author

log = logging.getLogger(__name__)

STRANGERS = 256  # how many actors are asked for by one statement

# What a sender adds to an activity that somebody else may pass on: an embedded signature of the author.
EMBEDDED_SIGNATURES = ("signature", "proof")

_WORDS = {
    Reason.NO_SIGNATURE: "unsigned",
    Reason.EXPIRED: "clock",
    Reason.FROM_THE_FUTURE: "clock",
    Reason.EXPIRES_TOO_EARLY: "clock",
    Reason.DATE_MALFORMED: "clock",
    Reason.HOST_WRONG: "other_host",
    Reason.DIGEST_WRONG: "other_body",
    Reason.CONTENT_DIGEST_WRONG: "other_body",
    Reason.SIGNATURE_WRONG: "wrong_signature",
}

NO_KEY = frozenset({"key_away", "key_gone", "key_unconfirmed"})
"""The reasons of refusals that say that a key could not be had."""


class VerifiedActivity(Struct, frozen=True):
    """An activity whose sender is known. The only thing `queue.enqueue` takes.

    `body` holds the very bytes that were verified; they, and nothing else, are processed (row A10).
    `hearsay` marks an activity that another actor passed on with its author's embedded signature. That gives no
    authority (row C01): what it speaks of is read from its origin. One that is only `forwarded` carries a proof that
    holds, and is its author's word (FEP-8b32); `signer` is then the author's key.
    """

    activity: Activity
    signer: SigningKey
    body: bytes
    hearsay: bool = False
    forwarded: bool = False

    @property
    def origin(self) -> str:
        """Whose word this is: the host that signed. Hearsay never shares a name space with first-hand word."""
        return f"~{self.signer.host}" if self.hearsay else self.signer.host


class Refusal(Struct, frozen=True):
    """Not accepted; `message` is a sentence for the sender.

    `reason` and `what` are words for the administrators here: why, and an activity of which type.
    """

    status: int
    message: str
    reason: str
    what: str = ""


class NothingToDo(Struct, frozen=True):
    """Accepted, and without any effect from the start; `reason` is for the log."""

    reason: str


Outcome = VerifiedActivity | Refusal | NothingToDo


class Authenticator:
    """Judges signed POSTs to any inbox of this instance."""

    def __init__(self, resolver: Resolver, blocks: DomainBlocks) -> None:
        self._resolver = resolver
        self._ctx = resolver.ctx
        self._blocks = blocks
        self._is_known = Gathered(self._which_are_known, STRANGERS)

    async def authenticate(self, message: SignedMessage, *, may_fetch: bool = True) -> Outcome:
        """Return who says what, or why that is not believed. Without `may_fetch` only keys that are stored count."""
        instance = self._ctx.instance
        signature = parse(message, host=instance.host, scheme=instance.scheme, now=self._ctx.clock())
        if isinstance(signature, Rejected):
            return Refusal(signature.status, signature.message, word_for(signature.reason))
        if instance.owns(signature.key_id):
            return Refusal(401, "The keyId is one of ours, and we do not write to ourselves.", "our_name")
        if await self._blocks.is_suspended(host_of(signature.key_id)):
            return Refusal(403, "This server does not accept activities from yours.", "suspended")
        activity = read_activity(message.body)
        if isinstance(activity, Refusal):
            return activity
        outcome = await self._judge(message, signature, activity, may_fetch=may_fetch)
        return replace(outcome, what=activity.type) if isinstance(outcome, Refusal) else outcome

    async def _judge(
        self, message: SignedMessage, signature: ParsedSignature, activity: Activity, *, may_fetch: bool
    ) -> Outcome:
        """Check the claims against the signature's key: first by their origins, then by its owner's own word."""
        hearsay = not same_origin(activity.actor, signature.key_id) and is_signed_by_its_author(activity.document)
        try:
            authorize(activity, self._ctx.instance, key_id=activity.actor if hearsay else signature.key_id)
        except NotAllowed as refusal:
            return Refusal(refusal.status, str(refusal), "authority")
        if await self._is_farewell_of_a_stranger(activity):
            return NothingToDo("an actor we never knew is gone")
        if may_fetch:
            key = await self._verified_key(message, signature, activity)
        else:
            key = await self._stored_key(signature)
        if isinstance(key, Refusal | NothingToDo):
            return key
        if key.actor_uri == activity.actor:
            return VerifiedActivity(activity, key, message.body)
        if is_signed_by_its_author(activity.document):
            author = await proved_author(self._resolver, activity)
            if author is not None:
                return VerifiedActivity(activity, author[0], message.body, forwarded=True)
            return VerifiedActivity(activity, key, message.body, hearsay=True)
        return Refusal(401, f"The key belongs to {key.actor_uri}, the activity to {activity.actor}.", "other_actor")

    async def _verified_key(
        self, message: SignedMessage, signature: ParsedSignature, activity: Activity
    ) -> SigningKey | Refusal | NothingToDo:
        """Return the key that made the signature; a key that does not fit is read from its origin once more."""
        try:
            key = await self._resolver.key(signature.key_id)
            if check(signature, key.public_key):
                return key
            key = await self._resolver.key(signature.key_id, refresh=True)
            if check(signature, key.public_key):
                return key
        except Unavailable as error:
            log.info("key %s is not to be had now: %s", signature.key_id, error)
            return Refusal(503, "Your key could not be fetched just now. Please send this again later.", "key_away")
        except Gone:
            # Its author is gone already, so this is all the proof a farewell can have.
            if activity.type == "Delete" and activity.object.uri == activity.actor:
                return NothingToDo("the actor is gone, and so is its key")
            return Refusal(401, "There is no key at the address the signature names.", "key_gone")
        except FetchError as error:
            log.info("key %s is not believed: %s", signature.key_id, error)
            return Refusal(401, "The key the signature names is not confirmed by its owner.", "key_unconfirmed")
        return Refusal(401, "The signature does not belong to this request and this key.", "wrong_signature")

    async def _stored_key(self, signature: ParsedSignature) -> SigningKey | Refusal:
        """Return the key that made the signature if it is known here, and ask nobody (row B09)."""
        known = await self._resolver.known_signer(signature.key_id)
        if known is None:
            return Refusal(503, "Too many keys from your network could not be fetched. Please try later.", "key_away")
        if check(signature, known[0].public_key):
            return known[0]
        return Refusal(401, "The signature does not belong to this request and this key.", "wrong_signature")

    async def _is_farewell_of_a_stranger(self, activity: Activity) -> bool:
        """True for the Delete of an actor that is not stored: no fetch, no write, however many come (row E10)."""
        if activity.type != "Delete" or activity.object.uri != activity.actor:
            return False
        return not await self._is_known(activity.actor)

    async def _which_are_known(self, actors: Sequence[str]) -> list[bool]:
        known = await self._ctx.db.read(known_actors, actors)
        return [actor in known for actor in actors]


def read_activity(body: bytes) -> Activity | Refusal:
    """Return the activity in a request body, or 400 with the reason it cannot be read."""
    try:
        document = read_object(body)
        plain(document)
        return parse_activity(document)
    except (HostileJson, NotPlain, Unreadable) as error:
        return Refusal(400, str(error), "unreadable")


def word_for(reason: Reason) -> str:
    """Return the word by which administrators are told of a ground for refusing a signature."""
    return _WORDS.get(reason, "signature_form")


def is_signed_by_its_author(document: Mapping[str, Any]) -> bool:
    """True for an activity that carries its author's signature along, so that others may pass it on."""
    return any(name in document for name in EMBEDDED_SIGNATURES)
