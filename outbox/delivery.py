"""One attempt: sign, POST, and decide what the answer means.

Delivered   the inbox has it
RetryAt     not now: the server is away, overloaded or confused
GiveUp      never: the inbox is gone, refuses it, or is an address that nobody here may contact
"""

import asyncio
import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from random import random

from msgspec import Struct, field

from activitypub.backoff import Dice, pause, retry_after
from activitypub.context import Clock
from activitypub.http import Egress, EgressError, Response, Unreachable
from activitypub.signatures.forms import SIGN, Form, KnownForms
from activitypub.signatures.keys import load_private_key
from activitypub.signed import in_its_form

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/activity+json"
UNAUTHORIZED_TRIES = 5  # a 401 may pass: the other side could not read our key at this moment
EXCERPT = 200  # characters of an answer that are kept for the administrators

# Asked to come back later; 501 is the one 5xx that will say the same tomorrow (Mastodon gives up on it as
# well).
PASSING = frozenset({408, 425, 429})
LASTING = frozenset({501})
# What a proxy says for a server that it cannot reach.
ABSENT = frozenset({502, 504})


class Delivered(Struct, frozen=True):
    """The inbox has it."""


class RetryAt(Struct, frozen=True):
    """Not now. `turned_down` says that the server took the request, and that it may be what it stumbled over."""

    when: datetime
    reason: str
    turned_down: bool


class GiveUp(Struct, frozen=True):
    """Never."""

    reason: str


Outcome = Delivered | RetryAt | GiveUp


class Letter(Struct, frozen=True):
    """An encoded activity with the key that signs it: the same for all the inboxes it goes to."""

    activity_id: int
    object_uri: str
    body: bytes
    key_uri: str | None
    private_pem: str | None
    actor_id: int = 0
    followers_only: bool = False

    def __repr__(self) -> str:
        """Name the activity alone: a key has no place in a log."""
        return f"Letter({self.activity_id}, {self.object_uri!r})"


class Parcel(Struct, frozen=True):
    """A delivery in hand, tried `attempts` times before. `headers` go with it, signed."""

    id: int
    inbox_uri: str
    attempts: int
    letter: Letter
    headers: Mapping[str, str] = field(default_factory=dict)


def classify(
    answer: Response | EgressError, *, attempts: int, failures: int, now: datetime, dice: Dice = random
) -> Outcome:
    """Return what an answer, or its absence, means for a delivery.

    `attempts` are those of this delivery before, `failures` those in a row of its lane: they set the pause.
    A server's Retry-After can only make it longer, or one that says "1 second" for ever would be asked for
    ever.
    """
    if isinstance(answer, Response) and 200 <= answer.status < 300:
        return Delivered()
    later = now + pause(failures + 1, dice=dice)
    if isinstance(answer, Unreachable):
        return RetryAt(later, str(answer), turned_down=False)
    if isinstance(answer, EgressError):
        return GiveUp(str(answer))
    reason = _said(answer)
    if answer.status in {429, 503}:
        asked = retry_after(answer.headers.get("Retry-After"), now)
        return RetryAt(max(later, asked) if asked else later, reason, turned_down=False)
    if _passes(answer.status) or (answer.status == 401 and attempts + 1 < UNAUTHORIZED_TRIES):
        return RetryAt(later, reason, turned_down=answer.status not in ABSENT)
    return GiveUp(reason)


def _passes(status: int) -> bool:
    """Whether this status may be another tomorrow. A redirect of a POST is how maintenance looks."""
    return status in PASSING or 300 <= status < 400 or (status >= 500 and status not in LASTING)


def _said(answer: Response) -> str:
    """Return status and beginning of an answer as one line that every database can store."""
    text = answer.body[: 4 * EXCERPT].decode("utf-8", "replace")
    line = "".join(character if character.isprintable() else " " for character in text)
    return f"{answer.status} {line}"[:EXCERPT].strip()


class Sender:
    """Signs and posts. Signatures are made in threads: RSA frees the interpreter, so the loop never waits."""

    def __init__(self, http: Egress, forms: KnownForms, clock: Clock) -> None:
        self._http = http
        self._forms = forms
        self._clock = clock
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="signer")

    async def attempt(self, parcel: Parcel, *, failures: int) -> Outcome:
        """Try to deliver once and return what came of it. Raises nothing but cancellation."""
        if parcel.letter.key_uri is None or parcel.letter.private_pem is None:
            return GiveUp("the actor has no key to sign with")
        key_uri, private_pem = parcel.letter.key_uri, parcel.letter.private_pem

        async def post(form: Form) -> Response:
            sign_as = partial(self._sign, form, parcel.headers, key_uri, private_pem)
            return await self._http.post(parcel.inbox_uri, parcel.letter.body, content_type=CONTENT_TYPE, sign=sign_as)

        answer: Response | EgressError
        try:
            answer = await in_its_form(self._forms, parcel.inbox_uri, post)
        except EgressError as error:
            answer = error
        except Exception as error:
            # Our own fault: neither the receiver nor what stands behind it in the lane should lose by it.
            log.exception("delivering to %s failed in an unforeseen way", parcel.inbox_uri)
            answer = Unreachable(f"{type(error).__name__}: {error}")
        return classify(answer, attempts=parcel.attempts, failures=failures, now=self._clock())

    async def _sign(
        self,
        form: Form,
        headers: Mapping[str, str],
        key_uri: str,
        private_pem: str,
        method: str,
        url: str,
        body: bytes | None,
    ) -> Mapping[str, str]:
        def signed() -> dict[str, str]:
            key = load_private_key(private_pem)  # remembers the keys it has read
            return SIGN[form](method, url, headers, body, key_id=key_uri, private_key=key, now=self._clock())

        return await asyncio.get_running_loop().run_in_executor(self._threads, signed)
