"""The key that signs for the whole server: every GET we send carries its signature."""

import asyncio
from collections.abc import Mapping
from functools import partial

from activitypub.context import Clock
from activitypub.graph.actors import create_local_actor
from activitypub.http import Signer
from activitypub.models import ActorKey
from activitypub.routes import local_instance_actor
from activitypub.signatures.forms import SIGN, Form
from activitypub.signatures.keys import PrivateKey, load_private_key
from activitypub.unit import Unit, UnitsOfWork


class InstanceSigner:
    """Signs requests as the instance actor, once `load` has been awaited: in a form it is an egress' `Signer`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key: tuple[str, PrivateKey] | None = None

    async def load(self, db: UnitsOfWork) -> None:
        """Read the instance actor's key, making the actor at the very first start."""
        row = await db.write(ensure_instance_actor)
        self._key = (row.uri, load_private_key(row.private_pem or ""))

    def __call__(self, form: Form) -> Signer:
        """Return what signs in this form."""
        return partial(self._sign, form)

    async def _sign(self, form: Form, method: str, url: str, body: bytes | None) -> Mapping[str, str]:
        """Return the headers that sign exactly this request. Signing runs in a thread: it frees the interpreter."""
        if self._key is None:
            raise RuntimeError("the instance key is not loaded yet: await load() at start")
        key_id, private_key = self._key
        work = partial(SIGN[form], method, url, {}, body, key_id=key_id, private_key=private_key, now=self._clock())
        return await asyncio.to_thread(work)


def ensure_instance_actor(unit: Unit) -> ActorKey:
    """Return the key of the instance actor; the actor is made if it does not exist (FEP-2677)."""
    actor = local_instance_actor(unit, unit.instance)
    if actor is None:
        create_local_actor(unit, unit.instance.actor_username, kind="Application", name=unit.instance.name)
        actor = local_instance_actor(unit, unit.instance)
    if actor is None or not actor.keys:
        raise RuntimeError("the instance actor has no key")
    return actor.keys[0]
