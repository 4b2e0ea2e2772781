"""A whole server with two addresses more: a static JSON of any size, and how many statements it has run for readers.

`python -m bench.reading_server CONFIG`: what reading costs is measured beside what the same server does without it.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

from quart import Response
from sqlalchemy import event

import fediverse_kommune.serve
from fediverse_kommune.app import Kommune, create_app
from fediverse_kommune.config import Config, load_config


def create_measured_app(config: Config) -> Kommune:
    """Return the app as it is served, with the two addresses."""
    app = create_app(config)
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(app.server.db._reading, "before_cursor_execute", count)  # noqa: SLF001 (measured from outside on purpose)

    @app.get("/bench/static/<int:size>")
    async def unchanging(size: int) -> Response:
        return Response(_body(size), content_type="application/json; charset=utf-8")

    @app.get("/bench/statements")
    async def counted() -> Response:
        return Response(str(statements).encode(), content_type="text/plain")

    return app


@cache
def _body(size: int) -> bytes:
    return b'"' + b"x" * (size - 2) + b'"'


if __name__ == "__main__":
    fediverse_kommune.serve.create_app = create_measured_app
    fediverse_kommune.serve.serve(load_config(Path(sys.argv[1])))
