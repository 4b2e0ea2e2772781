"""How long a request's body may be, judged while it arrives, before anybody has looked at it (row E14)."""

from typing import Any

from quart import Request

from activitypub.caps import CAPS

UPLOADS = frozenset({"/api/v1/media", "/api/v2/media", "/api/v1/accounts/update_credentials"})
"""The addresses that take pictures. A test compares them with what the routes declare."""


class BoundedRequest(Request):
    """A request that refuses more bytes than its address takes, also when it does not say how many will come.

    `MAX_CONTENT_LENGTH` of the app is for `UPLOADS`; everywhere else it is `Caps.body_bytes`.
    """

    def __init__(
        self, method: str, scheme: str, path: str, *rest: Any, max_content_length: int | None = None, **more: Any
    ) -> None:
        limit = max_content_length if path.rstrip("/") in UPLOADS else CAPS.body_bytes
        super().__init__(method, scheme, path, *rest, max_content_length=limit, **more)
