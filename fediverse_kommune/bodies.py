"""How long a request's body may be, judged while it arrives, before anybody has looked at it (row E14)."""

import re
from typing import Any

from quart import Request, current_app
from quart.formparser import FormDataParser
from quart.wrappers.request import Body
from werkzeug.exceptions import RequestEntityTooLarge

from activitypub.caps import CAPS

UPLOADS = frozenset(
    {
        "/api/v1/media",
        "/api/v2/media",
        "/api/v1/media/<media_id>",
        "/api/v1/accounts/update_credentials",
        "/api/v1/profile",
    }
)
"""The addresses that take files. A test compares them with what the routes declare."""

UPLOAD_SECONDS = 600
"""How long a file may take to arrive: a film over a slow line. Every other body has Quart's minute."""

STREAM_FACTORY = "UPLOAD_STREAM_FACTORY"
"""The key of the app's configuration that says where the files of a form are written."""

_UPLOADS = re.compile("|".join(re.sub("<[^<>]+>", "[0-9]+", path) + "/?" for path in sorted(UPLOADS)))


class CountedBody(Body):
    """A body that counts all that arrived. Quart's own counts what nobody has taken yet, so a slow flood would pass."""

    def __init__(self, expected_content_length: int | None, max_content_length: int | None) -> None:
        super().__init__(expected_content_length, max_content_length)
        self._arrived = 0

    def append(self, data: bytes) -> None:
        """Take a piece, and none beyond the limit."""
        self._arrived += len(data)
        if self._max_content_length is not None and self._arrived > self._max_content_length:
            self._must_raise = self._must_raise or RequestEntityTooLarge()
            self.set_complete()
            return
        super().append(data)


class BoundedRequest(Request):
    """A request that refuses more bytes than its address takes, also when it does not say how many will come.

    `MAX_CONTENT_LENGTH` of the app is for `UPLOADS`; everywhere else it is `Caps.body_bytes`.
    """

    body_class = CountedBody

    def __init__(
        self, method: str, scheme: str, path: str, *rest: Any, max_content_length: int | None = None, **more: Any
    ) -> None:
        is_upload = _UPLOADS.fullmatch(path) is not None
        limit = max_content_length if is_upload else CAPS.body_bytes
        super().__init__(method, scheme, path, *rest, max_content_length=limit, **more)
        if is_upload:
            self.body_timeout = UPLOAD_SECONDS

    def make_form_data_parser(self) -> FormDataParser:
        """Return Quart's parser, with files written to the disk where they are kept, not to the system's folder."""
        parser = super().make_form_data_parser()
        parser.stream_factory = current_app.config[STREAM_FACTORY]
        return parser
