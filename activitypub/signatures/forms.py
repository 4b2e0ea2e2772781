"""The two forms of a signature that servers understand, and which of them a host was found to.

draft-cavage comes first: nearly everybody reads it, and those who read RFC 9421 alone say so by a 401. Who says in an
actor's document that it reads RFC 9421 (FEP-844e) gets that first. What a host
understands is remembered while the process runs: asking again after a restart costs one request a host.

Source: https://swicg.github.io/activitypub-http-signature/
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from activitypub.signatures.cavage import sign
from activitypub.signatures.keys import PrivateKey
from activitypub.signatures.rfc9421 import sign_message

Value = TypeVar("Value")

MOST_HOSTS = 10_000
REFUSED_SECONDS = 3_600.0  # how long a host that believed neither form is not asked in the other one


class Form(StrEnum):
    """How a request is signed."""

    CAVAGE = "draft-cavage"
    RFC9421 = "rfc9421"

    @property
    def other(self) -> "Form":
        """The form to try after this one."""
        return Form.RFC9421 if self is Form.CAVAGE else Form.CAVAGE


class Sign(Protocol):
    """Makes the headers of a signed request; see `cavage.sign`."""

    def __call__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        key_id: str,
        private_key: PrivateKey,
        now: datetime,
    ) -> dict[str, str]:
        """Return `headers` with those that are signed and the signature."""
        ...


SIGN: Mapping[Form, Sign] = {Form.CAVAGE: sign, Form.RFC9421: sign_message}


class KnownForms:
    """Which form each host understands, as far as it has been found out. Belongs to one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._forms: dict[str, Form] = {}
        self._refused_at: dict[str, float] = {}

    def of(self, host: str) -> Form:
        """Return the form in which a host is written to first."""
        return self._forms.get(host, Form.CAVAGE)

    def claimed(self, host: str) -> None:
        """Take a host at its word that it reads RFC 9421 (FEP-844e), unless it has been found out what it reads."""
        if host not in self._forms:
            _remember(self._forms, host, Form.RFC9421)

    def is_worth_another(self, host: str) -> bool:
        """True unless a host has lately believed neither form: then it is not the form that it minds."""
        refused_at = self._refused_at.get(host)
        return refused_at is None or self._clock() - refused_at > REFUSED_SECONDS

    def understood(self, host: str, form: Form) -> None:
        """Remember the form that a host did not refuse after it had refused the other."""
        self._refused_at.pop(host, None)
        _remember(self._forms, host, form)

    def refused(self, host: str) -> None:
        """Remember that a host believed neither."""
        _remember(self._refused_at, host, self._clock())


def _remember(known: dict[str, Value], host: str, value: Value) -> None:
    known.pop(host, None)
    known[host] = value
    if len(known) > MOST_HOSTS:
        del known[next(iter(known))]
