"""https://docs.joinmastodon.org/methods/admin/dimensions/"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from fediverse_kommune.api.admin.measures import keys_of, subjects_of
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_figures import dimension_entity
from fediverse_kommune.api.pagination import read_limit
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services.dimensions import DIMENSIONS, OF_SERVER, OF_TAG, Line, Question, size_line
from fediverse_kommune.services.periods import parse_period
from fediverse_kommune.services.staff import Permission

routes = Routes()

DEFAULT, MOST = 10, 100


@routes.post("/api/v1/admin/dimensions", scope="admin:read", permission=Permission.VIEW_DASHBOARD)
async def show(call: Call) -> list[Entity]:
    """Return what there is most of. Nothing is changed by it."""
    params = call.params
    has_period = params.is_filled("start_at") or params.is_filled("end_at")
    period = parse_period(params.text("start_at"), params.text("end_at")) if has_period else None
    limit = read_limit(params, default=DEFAULT, most=MOST)
    subjects = subjects_of(call, OF_TAG, OF_SERVER)
    wanted = {key: Question(period, limit, subjects.get(key) or "") for key in keys_of(params, DIMENSIONS)}
    tables = await call.read(_tables, wanted)
    if "space_usage" in tables:
        size = await asyncio.to_thread(folder_size, Path(call.server.config.media.storage))
        tables["space_usage"].append(size_line("media", "Media storage", size))
    return [dimension_entity(key, lines) for key, lines in tables.items()]


def folder_size(folder: Path) -> int:
    """Return how many bytes the files below a folder take up. Looks at each of them: call it in a thread."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else 0


def _tables(session: Session, wanted: Mapping[str, Question]) -> dict[str, list[Line]]:
    return {key: list(DIMENSIONS[key](session, asked)) for key, asked in wanted.items()}
