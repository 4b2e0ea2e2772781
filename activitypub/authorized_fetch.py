"""Who is asking? The viewer behind a GET: a remote actor that signed it, or nobody.

With `secure_mode` nobody gets nothing: every document but the instance actor's needs a signature.
Source: https://docs.joinmastodon.org/admin/config/#authorized_fetch
"""

from msgspec import Struct

from activitypub.domain_blocks import DomainBlocks
from activitypub.fetch import FetchError
from activitypub.models import Actor
from activitypub.resolver import Resolver
from activitypub.signatures.message import SignedMessage
from activitypub.signatures.results import Reason, Rejected
from activitypub.signatures.verify import check, parse
from activitypub.uris import host_of


class Unwelcome(Struct, frozen=True):
    """The request is not answered: 401 without a believable signature where one is needed, 403 shut out."""

    status: int
    message: str


class ViewerFinder:
    """Finds the actor behind a GET for an ActivityPub document."""

    def __init__(self, resolver: Resolver, blocks: DomainBlocks) -> None:
        self._resolver = resolver
        self._blocks = blocks

    async def viewer(self, message: SignedMessage, *, unless_unknown: bool = False) -> Actor | Unwelcome | None:
        """Return the signer, None for nobody, or why this request is not answered at all.

        A signature that does not hold counts as none: it is refused in secure mode and ignored otherwise. Then, and
        with `unless_unknown`, who asks need not be known: nobody's key is fetched. That is for what everybody may read
        but those whom somebody here has shut out, and they are known.
        """
        instance = self._resolver.ctx.instance
        signature = parse(message, host=instance.host, scheme=instance.scheme, now=self._resolver.ctx.clock())
        if isinstance(signature, Rejected):
            if signature.reason is Reason.NO_SIGNATURE and not instance.secure_mode:
                return None
            return self._nobody(signature.message)
        if instance.owns(signature.key_id):
            return self._nobody("The keyId is one of ours.")
        if await self._blocks.is_suspended(host_of(signature.key_id)):
            return Unwelcome(403, "This server does not answer yours.")
        if unless_unknown and not instance.secure_mode:
            known = await self._resolver.known_signer(signature.key_id)
            if known is None or not check(signature, known[0].public_key):
                return None
            return self._unless_suspended(known[1])
        try:
            key = await self._resolver.key(signature.key_id)
            if not check(signature, key.public_key):
                key = await self._resolver.key(signature.key_id, refresh=True)
            if not check(signature, key.public_key):
                return self._nobody("The signature does not belong to this request and this key.")
            actor = await self._resolver.actor(key.actor_uri)
        except FetchError:
            return self._nobody("The key the signature names is not confirmed by its owner.")
        return self._unless_suspended(actor)

    def _unless_suspended(self, actor: Actor) -> Actor | Unwelcome:
        return actor if actor.suspended_at is None else Unwelcome(403, "This actor is not welcome here.")

    def _nobody(self, message: str) -> Unwelcome | None:
        return Unwelcome(401, message) if self._resolver.ctx.instance.secure_mode else None
