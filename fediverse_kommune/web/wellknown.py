"""What machines ask of a web site before anything else: robots.txt and security.txt."""

from datetime import datetime, timedelta
from urllib.parse import quote

from activitypub.instance import LocalInstance
from fediverse_kommune.catalogues import LANGUAGES

NOTHING_TO_FIND = ("/api/", "/oauth/", "/login", "/logout", "/authorize_interaction", "/inbox", "/users/")
VALID_FOR = timedelta(days=180)  # RFC 9116 recommends less than a year


def robots_txt() -> str:
    """Return what search engines leave alone (RFC 9309). Profiles that do not want to be found say so themselves."""
    return "\n".join(["User-agent: *", *(f"Disallow: {path}" for path in NOTHING_TO_FIND), ""])


def security_txt(instance: LocalInstance, contact_email: str, now: datetime) -> str:
    """Return whom to tell of a hole in this server (RFC 9116): by mail, or as the page about this instance says."""
    contact = f"mailto:{quote(contact_email, safe='@')}" if contact_email else f"{instance.origin}/about"
    expires = (now + VALID_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {instance.origin}/.well-known/security.txt",
    )
    return "\n".join([*lines, ""])
