"""Forms that only our own pages can send (row J04): the browser says where a request comes from, the form proves it.

Every form holds `form_token()`, a proof made from a secret in a cookie of its own, which other sites can neither read
nor set, and from the session, so that a form of somebody else's login is worth nothing.
"""

import secrets
from hmac import compare_digest, digest

from quart import Blueprint, Request, Response, g, request
from werkzeug.exceptions import Forbidden

from activitypub.instance import LocalInstance

FIELD = "form_token"
COOKIE_SECONDS = 90 * 24 * 3600


class FormGuard:
    """Gives tokens to forms and judges what comes back. `session_cookie` is the name of the login's cookie."""

    def __init__(self, instance: LocalInstance, session_cookie: str) -> None:
        self._origin = instance.origin
        self._secure = instance.origin.startswith("https://")
        self._session_cookie = session_cookie
        self._cookie = "__Host-form" if self._secure else "form"

    def install(self, blueprint: Blueprint) -> None:
        """Offer `form_token()` to every template of the app, and send the cookie along with the first form."""

        @blueprint.app_context_processor
        def offer() -> dict[str, object]:
            return {FIELD: self.token}

        @blueprint.after_app_request
        async def send_cookie(response: Response) -> Response:
            if "form_secret" in g:
                self._set_cookie(response, g.form_secret)
            return response

    def token(self) -> str:
        """Return the token for a form on the page that is being made."""
        secret = request.cookies.get(self._cookie)
        if not secret:
            if "form_secret" not in g:
                g.form_secret = secrets.token_urlsafe(32)
            secret = str(g.form_secret)
        return self._proof(secret, request)

    async def check(self) -> None:
        """Return if the form at hand was sent by one of our pages. Raises `Forbidden`."""
        if not self._is_from_here(request):
            raise Forbidden("Dieses Formular kam von einer anderen Seite. This form came from another site.")
        secret = request.cookies.get(self._cookie, "")
        shown = (await request.form).get(FIELD, "")
        if not secret or not compare_digest(self._proof(secret, request).encode(), shown.encode()):
            raise Forbidden(
                "Das Formular ist abgelaufen: bitte die Seite neu laden. The form has expired: please load it again."
            )

    def _is_from_here(self, asked: Request) -> bool:
        """Believe what the browser says of the sender. Programs that are none say nothing, and show the token."""
        site = asked.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site == "same-origin"
        origin = asked.headers.get("Origin")
        return origin is None or origin == self._origin

    def _proof(self, secret: str, asked: Request) -> str:
        session = asked.cookies.get(self._session_cookie, "")
        return digest(secret.encode(), session.encode(), "sha256").hex()

    def _set_cookie(self, response: Response, secret: str) -> None:
        response.set_cookie(
            self._cookie,
            secret,
            max_age=COOKIE_SECONDS,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )
