"""GET of a file: as the picture it is and as nothing else, whatever a client says it would like (rows A04 and F05)."""

import asyncio
import re
from typing import Any

from quart import Blueprint, Request, Response, request, send_file

from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.media.store import MediaStore, media_type

_LAST_BYTES = re.compile(r"bytes=-([0-9]{1,18})")

CLOSED = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Content-Disposition": "inline",
    "Accept-Ranges": "bytes",
}


def blueprint(store: MediaStore) -> Blueprint:
    """Return the one route. A key says nothing about whose file it is, and cannot be guessed."""
    routes = Blueprint("media", __name__)

    @routes.get("/media/<key>")
    @declared(Declaration(Auth.NOBODY_ASKED, Cache.FOREVER))
    async def show(key: str) -> Any:
        path = await asyncio.to_thread(store.find, key)
        if path is None:
            return Response("There is no such file.", 404, {"Cache-Control": "no-store"}, content_type="text/plain")
        _spell_out_range(request, path.stat().st_size)
        response = await send_file(path, mimetype=media_type(key), conditional=True)
        response.headers.update(CLOSED)
        response.headers["Cache-Control"] = Cache.FOREVER
        response.headers.pop("Expires", None)  # Quart says twelve hours beside it
        return response

    return routes


def _spell_out_range(asked: Request, size: int) -> None:
    """Write "the last so many bytes" as a range with a beginning (RFC 9110 14.1.2): Quart fails at the other form."""
    if match := _LAST_BYTES.fullmatch(asked.headers.get("Range", "")):
        asked.headers["Range"] = f"bytes={max(0, size - int(match[1]))}-"
