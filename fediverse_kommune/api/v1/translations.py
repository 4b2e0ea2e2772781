"""https://docs.joinmastodon.org/methods/statuses/#translate"""

import logging

from sqlalchemy.orm import Session

from activitypub.models import Status
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.translation import translation_entity
from fediverse_kommune.api.errors import ApiError
from fediverse_kommune.api.preload import Reader, load_statuses
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services import translations
from fediverse_kommune.services.interactions import find_readable
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.translation import PROVIDER, TranslatorFailed

log = logging.getLogger(__name__)
routes = Routes()


@routes.post("/api/v1/statuses/<status_id>/translate", scope="read:statuses")
async def translate(call: Call, status_id: int) -> Entity:
    """Return an open post in another language; 404 where there is no translator, as for a post that is not there."""
    status = await call.read(_load, call.reader, status_id)
    translator = call.server.translator
    if not translator.is_there:
        raise NotFound
    target = (call.params.text("lang") or call.me.locale).partition("-")[0]
    try:
        source = translations.check_translatable(status, target, await translator.languages())
        texts, spoken = await translator.translate(translations.texts_of(status), source, target)
    except TranslatorFailed as error:
        log.warning("post %s could not be translated: %s", status_id, error)
        raise ApiError(503, "The translator does not answer. Please try again later.") from error
    made = translations.translated(status, texts)
    return translation_entity(status, made, source=spoken, target=target, provider=PROVIDER)


def _load(session: Session, reader: Reader, status_id: int) -> Status:
    found = find_readable(session, reader.actor, status_id)
    return load_statuses(session, reader, [found.id])[found.id]
