"""Previews of pages: wanted as soon as somebody here sees a post that links to one."""

from activitypub.events import StatusAnnounced, StatusCreated, StatusEdited
from activitypub.unit import Unit
from fediverse_kommune.services import previews


def on_status_created(unit: Unit, event: StatusCreated) -> None:
    """Show the page that a post is about. After the timelines: what stands in none is seen by nobody."""
    previews.want_card(unit, event.status)


def on_status_announced(unit: Unit, event: StatusAnnounced) -> None:
    """Do the same for a post that comes into sight only because somebody passed it on."""
    previews.want_card(unit, event.status)


def on_status_edited(unit: Unit, event: StatusEdited) -> None:
    """Show the page that a post is about now."""
    previews.drop_card(unit, event.status)
    previews.want_card(unit, event.status)
