"""https://docs.joinmastodon.org/methods/profile/, and what the older way to change a profile shares with it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub.models import Actor, Follow
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import credential_account_entity, profile_entity
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.media.sizes import Purpose
from fediverse_kommune.models import Standing, User
from fediverse_kommune.services import accounts, groups
from fediverse_kommune.services.accounts import Picture
from fediverse_kommune.services.preferences import preference_of
from fediverse_kommune.services.refusals import Refusal

routes = Routes()

PURPOSES = {Picture.AVATAR: Purpose.AVATAR, Picture.HEADER: Purpose.HEADER}


@routes.get("/api/v1/profile", scope=("profile", "read:accounts"))
async def show(call: Call) -> Entity:
    """Return what this actor can change of itself, as it was typed."""
    return await call.read(_profile, call.me.actor.id, call.reader)


@routes.patch("/api/v1/profile", scope="write:accounts", standing=Standing.EDITOR, upload=True)
async def update(call: Call) -> Entity:
    """Change how this actor describes itself."""
    await change_profile(call)
    return await call.read(_profile, call.me.actor.id, call.reader)


@routes.delete("/api/v1/profile/avatar", scope="write:accounts", standing=Standing.EDITOR)
async def remove_avatar(call: Call) -> Entity:
    """Take the face away."""
    return await _remove(call, Picture.AVATAR)


@routes.delete("/api/v1/profile/header", scope="write:accounts", standing=Standing.EDITOR)
async def remove_header(call: Call) -> Entity:
    """Take the banner away."""
    return await _remove(call, Picture.HEADER)


async def change_profile(call: Call) -> None:
    """Change what was sent of a profile and of how its actor posts, pictures included."""
    pictures = await _pictures(call)
    former = {Picture.AVATAR: call.me.actor.avatar_key, Picture.HEADER: call.me.actor.header_key}
    try:
        form, defaults = _profile_form(call.params, pictures), _defaults_form(call.params)
        await call.write(_change, call.me.actor.id, form, defaults, _group_form(call.params))
    except Refusal:
        await call.server.studio.remove(*pictures.values())
        raise
    await call.server.studio.remove(*(former[picture] for picture in pictures))


def own_account(session: Session, actor_id: int, user_id: int, reader: Reader) -> Entity:
    """Return an actor to the person who acts as it."""
    actor, user = session.get_one(Actor, actor_id), session.get_one(User, user_id)
    waiting = select(func.count()).where(Follow.followed_id == actor_id, Follow.accepted_at.is_(None))
    requests = session.scalar(waiting) or 0
    return credential_account_entity(actor, user, preference_of(session, actor_id), reader.instance, requests=requests)


async def _remove(call: Call, picture: Picture) -> Entity:
    key = await call.write(accounts.remove_picture, call.me.actor.id, picture)
    await call.server.studio.remove(key)
    return await call.read(own_account, call.me.actor.id, call.me.user_id, call.reader)


async def _pictures(call: Call) -> dict[Picture, str]:
    """Store an uploaded face and banner; return their keys."""
    keys: dict[Picture, str] = {}
    for picture, purpose in PURPOSES.items():
        file = call.params.file(picture)
        if file is not None:
            drawn = await call.server.studio.draw(file, purpose)
            await call.server.studio.remove(drawn.thumbnail_key)
            keys[picture] = drawn.key
    return keys


def _profile_form(params: Params, pictures: dict[Picture, str]) -> accounts.ProfileForm:
    entries = params.entries("fields_attributes")
    return accounts.ProfileForm(
        name=params.text("display_name"),
        note=params.text("note"),
        bot=params.boolean("bot"),
        locked=params.boolean("locked"),
        discoverable=params.boolean("discoverable"),
        indexable=params.boolean("indexable"),
        hides_network=params.boolean("hide_collections"),
        shows_media=params.boolean("show_media"),
        shows_media_replies=params.boolean("show_media_replies"),
        shows_featured=params.boolean("show_featured"),
        fields=None if entries is None else [_field(item) for item in entries],
        attribution_domains=params.many("attribution_domains"),
        avatar_key=pictures.get(Picture.AVATAR),
        header_key=pictures.get(Picture.HEADER),
        avatar_description=params.text("avatar_description"),
        header_description=params.text("header_description"),
    )


def _field(item: Params) -> accounts.Field:
    return accounts.Field(item.text("name") or "", item.text("value") or "")


def _defaults_form(params: Params) -> accounts.DefaultsForm:
    source = params.nested("source")
    return accounts.DefaultsForm(
        privacy=source.text("privacy"),
        sensitive=source.boolean("sensitive"),
        language=source.text("language"),
        quote_policy=source.text("quote_policy"),
        email_subscriptions=params.boolean("email_subscriptions"),
    )


def _group_form(params: Params) -> groups.GroupForm:
    """Return how a group is to work: words of ours, as Mastodon knows no groups."""
    group = params.nested("group")
    return groups.GroupForm(posting=group.text("posting"), local_only=group.boolean("local_only"))


def _change(
    unit: Unit, actor_id: int, form: accounts.ProfileForm, defaults: accounts.DefaultsForm, group: groups.GroupForm
) -> None:
    groups.update_group(unit, actor_id, group)
    accounts.update_profile(unit, actor_id, form)
    accounts.update_defaults(unit, actor_id, defaults)


def _profile(session: Session, actor_id: int, reader: Reader) -> Entity:
    return profile_entity(session.get_one(Actor, actor_id), reader.instance)
