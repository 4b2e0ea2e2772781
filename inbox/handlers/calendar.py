"""Events of the calendar: invitations to them. Source: FEP-8a8e."""

from activitypub.models import Actor
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored
from inbox.handlers import statuses


async def receive_invite(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """An event arrives as an invitation: Hubzilla sends its events so, where others send a Create."""
    if activity.object.uri is None or not same_origin(activity.object.uri, sender.uri):
        return Ignored("invites to something of another server")
    return await statuses.receive_create(ctx, activity, sender)
