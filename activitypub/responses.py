"""Between HTTP and documents: whether somebody wants one, who signed, and the answers that carry one or say no."""

from collections.abc import Mapping
from typing import Any

from quart import Request, Response, request

from activitypub.http import is_activity_type
from activitypub.signatures.message import SignedMessage
from activitypub.strict_json import write

CONTENT_TYPE = "application/activity+json; charset=utf-8"
SIGNED = ("Authorization", "Signature")  # the headers in which a signature comes


def signed_message(scope: Mapping[str, Any], body: bytes = b"") -> SignedMessage:
    """Return a request as it arrived: the target as it was written, every header line on its own.

    `scope` is that of ASGI, with the names of the headers in lower case.
    """
    target = scope["raw_path"].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return SignedMessage(
        method=scope["method"],
        target=f"{target}?{query}" if query else target,
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
        body=body,
    )


def activity_response(document: Mapping[str, Any], *, shared: bool, status: int = 200) -> Response:
    """Return a document as ActivityPub. `shared` says that every viewer gets the same, so caches may keep it.

    What somebody signed for is for them: who is shut out a moment later gets nothing of it from a cache (row H05).
    """
    return written_response(write(document), shared=shared, status=status)


def written_response(body: bytes, *, shared: bool, status: int = 200) -> Response:
    """Return the bytes of a document as ActivityPub, as `activity_response` does."""
    response = Response(body, status, content_type=CONTENT_TYPE)
    is_signed = any(name in request.headers for name in SIGNED)
    response.headers["Cache-Control"] = "public, max-age=60" if shared and not is_signed else "private, no-store"
    response.headers["Vary"] = ", ".join(("Accept", *SIGNED))
    return response


def wants_activity(request: Request) -> bool:
    """True unless the client asks for a page: what has an id answers as ActivityPub by default."""
    accept = request.headers.get("Accept", "")
    return "text/html" not in accept or any(is_activity_type(part) for part in accept.split(","))


def error_response(status: int, message: str) -> Response:
    """Return an error as JSON that no cache keeps."""
    response = Response(write({"error": message}), status, content_type="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    return response
