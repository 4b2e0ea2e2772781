"""What an actor likes as a default. https://docs.joinmastodon.org/methods/preferences/"""

from sqlalchemy.orm import Session

from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import Preference, QuotePolicy

DEFAULTS = {
    "visibility": Visibility.PUBLIC,
    "sensitive": False,
    "language": None,
    "quote_policy": QuotePolicy.PUBLIC,
    "interaction_policies": {},
    "expand_media": "default",
    "expand_spoilers": False,
    "email_subscriptions": False,
    "filters_version": 0,
}


def preference_of(session: Session, actor_id: int) -> Preference:
    """Return the preferences of an actor: those stored, or the defaults in a row that is not."""
    return session.get(Preference, actor_id) or Preference(actor_id=actor_id, **DEFAULTS)


def stored_preference(unit: Unit, actor_id: int) -> Preference:
    """Return the row with the preferences of an actor, to change it; it is written at the first call."""
    row = unit.get(Preference, actor_id)
    if row is None:
        insert_new_row(unit, Preference, actor_id=actor_id, **DEFAULTS)
        row = unit.get_one(Preference, actor_id)
    return row
