"""When something is not there or goes wrong: a page that says so in plain words, or JSON for whoever is no browser.

One page per status, and not per reason: what does not exist and what nobody may know of look alike (row H04).
"""

import logging

from quart import Blueprint, Request, Response, render_template, request
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, ServiceUnavailable, UnprocessableEntity

from activitypub.caps import CAPS
from activitypub.unit import StorageUnavailable
from fediverse_kommune.api.errors import error_response
from fediverse_kommune.services import refusals

log = logging.getLogger(__name__)

EXPLAINED = frozenset({403, 404, 410, 500, 503})
"""The statuses that the template has words for; all others get the general ones."""

_AS_HTTP: tuple[tuple[type[Exception], type[HTTPException]], ...] = (
    (refusals.NotFound, NotFound),
    (refusals.Forbidden, Forbidden),
    (refusals.Refusal, UnprocessableEntity),
    (StorageUnavailable, ServiceUnavailable),
)


def install(routes: Blueprint) -> None:
    """Let the whole app answer with these pages, but for what the client API answers itself."""

    @routes.app_errorhandler(HTTPException)
    @routes.app_errorhandler(refusals.Refusal)
    @routes.app_errorhandler(StorageUnavailable)
    async def show(failure: Exception) -> Response:
        if isinstance(failure, StorageUnavailable):
            log.error("the database does not answer: %s", failure)
        if not _is_browser(request):
            return error_response(failure)
        return await error_page(_as_http(failure))


async def error_page(failure: HTTPException) -> Response:
    """Return the page for a failure. Nothing of the failure's own text is in it."""
    status = failure.code or 500
    body = await render_template("error.html", status=status if status in EXPLAINED else None)
    response = Response(body, status)
    response.headers["Cache-Control"] = "private, no-store"
    for name, value in failure.get_headers():
        if name == "Allow":
            response.headers[name] = value
    if status == 503:
        response.headers["Retry-After"] = str(CAPS.retry_after_seconds)
    return response


def _as_http(failure: Exception) -> HTTPException:
    if isinstance(failure, HTTPException):
        return failure
    return next(http() for kind, http in _AS_HTTP if isinstance(failure, kind))


def _is_browser(asked: Request) -> bool:
    return "text/html" in asked.headers.get("Accept", "") and not asked.path.startswith("/api/")
