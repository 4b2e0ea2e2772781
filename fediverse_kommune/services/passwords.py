"""Passwords: Argon2id hashes, and a check that takes as long for nobody as for somebody (rows J09 and J13).

Both functions work for tens of milliseconds on purpose: call them in a thread (`asyncio.to_thread`), never in a unit.

Source: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html (19 MiB, two passes, one lane)
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fediverse_kommune.services.refusals import Invalid

MIN_LENGTH = 8  # NIST SP 800-63B section 3.1.1.2: eight at least, and no rules about which characters
MAX_LENGTH = 1_024  # what is hashed must cost a bounded time

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """Return the hash to store. Raises `Invalid` for one that is too short or too long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise Invalid(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
    return _HASHER.hash(password)


def verify_password(stored_hash: str | None, password: str) -> bool:
    """True if `password` is the one that was hashed.

    An empty, missing or unreadable hash lets nobody in, whatever they type, and takes as long to say so.
    """
    try:
        return _HASHER.verify(stored_hash or "", password[:MAX_LENGTH])
    except InvalidHashError:
        _spend_the_same_time(password)
        return False
    except VerificationError:
        return False


def needs_rehash(stored_hash: str) -> bool:
    """True if the hash was made with weaker parameters than today's: hash the password anew at this login."""
    return _HASHER.check_needs_rehash(stored_hash)


def _spend_the_same_time(password: str) -> None:
    try:
        _HASHER.verify(_decoy(), password[:MAX_LENGTH])
    except VerificationError:
        return


@cache
def _decoy() -> str:
    return _HASHER.hash("nobody's password")
