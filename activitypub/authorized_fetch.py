"""Who is asking? The viewer behind a GET: a remote actor that signed it, or nobody.

With `secure_mode` nobody gets nothing: every document but the instance actor's needs a signature.
Source: https://docs.joinmastodon.org/admin/config/#authorized_fetch
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from activitypub.domain_blocks import DomainBlocks
from activitypub.fetch import FetchError
from activitypub.models import Actor
from activitypub.resolver import Resolver
from activitypub.responses import signed_message
from activitypub.signatures.results import Reason, Rejected
from activitypub.signatures.rules import ParsedSignature
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

    async def viewer(self, scope: Mapping[str, Any], *, unless_unknown: bool = False) -> Actor | Unwelcome | None:
        """Return who signed a request (its ASGI scope), None for nobody, or why it is not answered at all.

        A signature that does not hold counts as none: it is refused in secure mode and ignored otherwise. Then, and
        with `unless_unknown`, who asks need not be known: nobody's key is fetched. That is for what everybody may read
        but those whom somebody here has shut out, and they are known. Nor is one fetched for a network that has named
        too many that could not be had (row B09).
        """
        ctx = self._resolver.ctx
        signature = parse(signed_message(scope), host=ctx.instance.host, scheme=ctx.instance.scheme, now=ctx.clock())
        if isinstance(signature, Rejected):
            if signature.reason is Reason.NO_SIGNATURE and not ctx.instance.secure_mode:
                return None
            return self._nobody(signature.message)
        if ctx.instance.owns(signature.key_id):
            return self._nobody("The keyId is one of ours.")
        if await self._blocks.is_suspended(host_of(signature.key_id)):
            return Unwelcome(403, "This server does not answer yours.")
        address = scope["client"][0] if scope["client"] else None
        may_fetch = self._resolver.dead_keys.may_ask(address) and (ctx.instance.secure_mode or not unless_unknown)
        signer = await (self._found(signature, address) if may_fetch else self._known(signature))
        if signer is None:
            return self._nobody("The signature does not hold, or its key is not confirmed by its owner.")
        return signer if signer.suspended_at is None else Unwelcome(403, "This actor is not welcome here.")

    async def _known(self, signature: ParsedSignature) -> Actor | None:
        """Return the signer if its key is stored here and the signature holds."""
        known = await self._resolver.known_signer(signature.key_id)
        return known[1] if known is not None and check(signature, known[0].public_key) else None

    async def _found(self, signature: ParsedSignature, address: str | None) -> Actor | None:
        """Return the signer if the signature holds; a key that is not here or does not fit is read anew."""
        try:
            key = await self._resolver.key(signature.key_id)
            if not check(signature, key.public_key):
                key = await self._resolver.key(signature.key_id, refresh=True)
            return await self._resolver.actor(key.actor_uri) if check(signature, key.public_key) else None
        except FetchError:
            self._resolver.dead_keys.note(address)
            return None

    def _nobody(self, message: str) -> Unwelcome | None:
        return Unwelcome(401, message) if self._resolver.ctx.instance.secure_mode else None
