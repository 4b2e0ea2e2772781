"""Codes and tokens: made, exchanged once, taken back. The caller makes the secrets; what is stored are their hashes.

Refusals of an exchange are returned and not raised: a replayed code takes its tokens with it, and that has to be
committed (row J03).
"""

import base64
import hashlib
from datetime import timedelta
from hmac import compare_digest

from msgspec import Struct
from sqlalchemy import delete, select, update

from activitypub.unit import Unit
from fediverse_kommune.models import AccessToken, Application, AuthorizationCode
from fediverse_kommune.services.tokens import digest, store_token
from fediverse_kommune.streaming.signals import AccessChanged

CODE_LASTS = timedelta(minutes=10)
CODE_KEPT = timedelta(days=1)  # how long a used code is remembered, so that a replay is noticed


class Consent(Struct, frozen=True):
    """What a person has agreed to: this app may act as this actor, within these scopes."""

    application_id: int
    user_id: int
    actor_id: int
    redirect_uri: str
    scopes: str
    code_challenge: str | None


class Exchange(Struct, frozen=True):
    """What an app shows to get a token for a code."""

    application_id: int
    code: str
    redirect_uri: str
    code_verifier: str | None


class Refused(Struct, frozen=True):
    """Why there is no token (RFC 6749 section 5.2)."""

    error: str
    description: str


def issue_code(unit: Unit, consent: Consent, code: str) -> None:
    """Store a code for ten minutes, and forget those that nobody can replay usefully any more."""
    unit.execute(delete(AuthorizationCode).where(AuthorizationCode.created_at < unit.now - CODE_KEPT))
    unit.add(
        AuthorizationCode(
            code_hash=digest(code),
            application_id=consent.application_id,
            user_id=consent.user_id,
            actor_id=consent.actor_id,
            redirect_uri=consent.redirect_uri,
            scopes=consent.scopes,
            code_challenge=consent.code_challenge,
            created_at=unit.now,
        )
    )
    unit.flush()


def exchange_code(unit: Unit, shown: Exchange, token: str) -> AccessToken | Refused:
    """Give a token for a code: once, in time, to the app it was for, at the same address, with its verifier."""
    code = unit.get(AuthorizationCode, digest(shown.code))
    if code is None or code.application_id != shown.application_id:
        return Refused("invalid_grant", "The code is unknown, or was for another app.")
    if not _take(unit, code):
        unit.execute(delete(AccessToken).where(AccessToken.code_hash == code.code_hash))
        unit.publish(AccessChanged())
        return Refused("invalid_grant", "The code was used before; what it gave is taken back.")
    if unit.now - code.created_at > CODE_LASTS:
        return Refused("invalid_grant", "The code has expired.")
    if shown.redirect_uri != code.redirect_uri:
        return Refused("invalid_grant", "redirect_uri is another one than the code was sent to.")
    if not _proves(shown.code_verifier, code.code_challenge):
        return Refused("invalid_grant", "code_verifier does not belong to the code.")
    return store_token(
        unit,
        AccessToken(
            token_hash=digest(token),
            application_id=code.application_id,
            user_id=code.user_id,
            actor_id=code.actor_id,
            code_hash=code.code_hash,
            scopes=code.scopes,
        ),
    )


def issue_app_token(unit: Unit, application_id: int, scopes: str, token: str) -> AccessToken:
    """Give an app a token for itself alone (client credentials)."""
    row = AccessToken(token_hash=digest(token), application_id=application_id, scopes=scopes)
    return store_token(unit, row)


def revoke_token(unit: Unit, application: Application, token: str) -> bool:
    """Delete a token of this app; False if it is another app's. An unknown one is revoked already (RFC 7009)."""
    row = unit.scalar(select(AccessToken).where(AccessToken.token_hash == digest(token)))
    if row is None:
        return True
    if row.application_id != application.id:
        return False
    unit.delete(row)
    unit.flush()
    unit.publish(AccessChanged())
    return True


def _take(unit: Unit, code: AuthorizationCode) -> bool:
    """Mark the code as used; False if it was. The database decides, so two exchanges at once cannot both win."""
    taken = unit.scalar(
        update(AuthorizationCode)
        .where(AuthorizationCode.code_hash == code.code_hash, AuthorizationCode.used_at.is_(None))
        .values(used_at=unit.now)
        .returning(AuthorizationCode.code_hash)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def _proves(verifier: str | None, challenge: str | None) -> bool:
    """RFC 7636 section 4.6, S256 only. A verifier without a challenge is a downgrade that somebody tried."""
    if challenge is None:
        return verifier is None
    if verifier is None or not verifier.isascii():
        return False
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return compare_digest(hashed, challenge)
