"""How people and clubs come to be."""

import pytest

from activitypub.signatures.keys import private_pem
from activitypub.unit import Unit
from fediverse_kommune.models import Role
from fediverse_kommune.services.accounts import (
    NewUser,
    create_actor,
    create_user,
    find_login,
    folded_email,
)
from fediverse_kommune.services.passwords import hash_password
from fediverse_kommune.services.refusals import Invalid
from tests.client import password_hash
from tests.fediverse import shared_key
from tests.town import Town

PEM = private_pem(shared_key("resident"))


def create(unit: Unit, name: str, email: str) -> int:
    new = NewUser(name, email, password_hash(), role=Role.MODERATOR, confirmed=True)
    return create_user(unit, new, private_key_pem=PEM).id


async def test_a_person_is_an_actor_who_can_log_in(stadt: Town) -> None:
    user_id = await stadt.write(create, "Anna_1", "Anna@Post.Example")
    for name in ("anna@post.example", "ANNA_1"):
        login = await stadt.read(find_login, name)
        assert login is not None
        assert (login.user_id, login.active) == (user_id, True)
    assert await stadt.read(find_login, "niemand") is None


async def test_names_and_addresses_are_taken_once(stadt: Town, subtests: pytest.Subtests) -> None:
    await stadt.write(create, "anna", "anna@x.example")
    for name, email in [("anna", "b@x.example"), ("ANNA", "b@x.example"), ("b", "ANNA@x.example")]:
        with subtests.test(name=name, email=email), pytest.raises(Invalid):
            await stadt.write(create, name, email)


async def test_a_name_is_made_of_few_characters(stadt: Town, subtests: pytest.Subtests) -> None:
    for name in ["", "a b", "ä", "a-b", "a.b", "@a", "a/b", "x" * 31, "a\u200bb", "\u017f", "a\n"]:
        with subtests.test(name=name), pytest.raises(Invalid):
            await stadt.write(create_actor, name, private_key_pem=PEM)


async def test_nobody_is_an_application(stadt: Town) -> None:
    with pytest.raises(Invalid):
        await stadt.write(create_actor, "x", kind="Application", private_key_pem=PEM)


@pytest.mark.parametrize(
    "email", ["", "a", "a@b", "a@@b.example", "a b@c.example", "a@b\n.example", "<a@b.example>", "a,b@c.d"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Invalid):
        folded_email(email if email != "a@b\n.example" else "a@b\n.example")


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1_025])
def test_a_password_has_a_length(password: str) -> None:
    with pytest.raises(Invalid):
        hash_password(password)
