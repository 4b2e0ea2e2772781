"""Errors of the client API: JSON with one sentence, whatever went wrong and wherever.

https://docs.joinmastodon.org/entities/Error/
"""

import logging
from collections.abc import Mapping, Sequence

import msgspec
from quart import Response
from werkzeug.exceptions import HTTPException

from activitypub.caps import CAPS
from activitypub.unit import StorageUnavailable
from fediverse_kommune.services.refusals import Conflict, Forbidden, Invalid, NotFound, Problem, Refusal, Repeated

log = logging.getLogger(__name__)

STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Invalid, 422),
    (Repeated, 409),
    (Conflict, 409),
)

SENTENCES: Mapping[int, str] = {
    400: "The request cannot be read.",
    404: "Record not found",
    405: "This address does not take this method.",
    408: "The request took too long to arrive.",
    413: "The request is too large.",
    415: "This content type is not understood here.",
}


class ApiError(Exception):
    """An answer that is no success: its status, its sentence, and what else an OAuth client wants to read."""

    def __init__(
        self, status: int, error: str, *, description: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description
        self.headers = headers or {}


def error_response(failure: Exception) -> Response:
    """Return the answer for whatever a route raised. What nobody expected is logged and says nothing of itself."""
    match failure:
        case ApiError():
            return _answer(failure.status, failure.error, failure.description, failure.headers)
        case Invalid():
            return _answer(422, failure.message, details=failure.details)
        case Refusal():
            return _answer(next(status for kind, status in STATUSES if isinstance(failure, kind)), failure.message)
        case HTTPException():
            status = failure.code or 500
            return _answer(status, SENTENCES.get(status, failure.name))
        case StorageUnavailable():
            log.error("the database does not answer: %s", failure)
            retry = {"Retry-After": str(CAPS.retry_after_seconds)}
            return _answer(503, "This server cannot read or store anything just now. Please try again.", None, retry)
        case _:
            log.error("a route failed", exc_info=failure)
            return _answer(500, "Something went wrong on this server, and its log says what.")


def _answer(
    status: int,
    error: str,
    description: str | None = None,
    headers: Mapping[str, str] | None = None,
    details: Mapping[str, Sequence[Problem]] | None = None,
) -> Response:
    body: dict[str, object] = {"error": error}
    if description:
        body["error_description"] = description
    if status == 422:
        body["details"] = (
            details or {}
        )  # by field, where known: https://docs.joinmastodon.org/entities/ValidationError/
    response = Response(msgspec.json.encode(body), status, content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers.update(headers or {})
    return response
