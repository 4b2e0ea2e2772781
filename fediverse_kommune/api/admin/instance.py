"""Rules and texts of the instance, as GoToSocial lets them be written: Mastodon has no method for it.

https://docs.gotosocial.org/en/latest/api/swagger/ (admin/instance/rules, PATCH instance)
"""

from typing import Any

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.instance_texts import rule_entity
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.api.v1 import instance
from fediverse_kommune.services import house_deeds, house_rules
from fediverse_kommune.services.house_deeds import InstanceForm, RuleForm
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.staff import Permission

routes = Routes()

MAY_SEE: dict[str, Any] = {"scope": "admin:read", "permission": Permission.MANAGE_RULES}
MAY_ACT: dict[str, Any] = {"scope": "admin:write", "permission": Permission.MANAGE_RULES}
ALL = "/api/v1/admin/instance/rules"
ONE = f"{ALL}/<rule_id>"

# What GoToSocial changes here and this server reads from config.toml alone.
CONFIGURED = ("title", "short_description", "contact_username", "contact_email")


@routes.get(ALL, **MAY_SEE)
async def show_rules(call: Call) -> list[Entity]:
    """Return the rules that hold."""
    return [rule_entity(rule) for rule in await call.read(house_rules.rules_of)]


@routes.get(ONE, **MAY_SEE)
async def show_rule(call: Call, rule_id: int) -> Entity:
    """Return one rule."""
    return rule_entity(await call.read(house_deeds.find_rule, rule_id))


@routes.post(ALL, **MAY_ACT)
async def create_rule(call: Call) -> Entity:
    """Let a rule hold from now on."""
    return rule_entity(await call.carry_out(house_deeds.create_rule, _rule(call.params)))


@routes.patch(ONE, **MAY_ACT)
async def update_rule(call: Call, rule_id: int) -> Entity:
    """Put a rule in other words."""
    return rule_entity(await call.carry_out(house_deeds.update_rule, rule_id, _rule(call.params)))


@routes.delete(ONE, **MAY_ACT)
async def delete_rule(call: Call, rule_id: int) -> Entity:
    """Let a rule hold no longer."""
    return rule_entity(await call.carry_out(house_deeds.withdraw_rule, rule_id))


@routes.patch("/api/v1/instance", scope="admin:write", permission=Permission.MANAGE_SETTINGS)
async def update(call: Call) -> Entity:
    """Write what the town says about itself, and return what it is."""
    configured = [name for name in CONFIGURED if name in call.params]
    if configured:
        raise Invalid(f"{configured[0]} stands in the configuration of this server ([instance] in config.toml).")
    form = InstanceForm(
        extended_description=call.params.text("description"),
        privacy_policy=call.params.text("privacy_policy"),
        terms=call.params.text("terms"),
    )
    await call.carry_out(house_deeds.write_texts, form)
    shown: Entity = await instance.show_v1(call)
    return shown


def _rule(params: Params) -> RuleForm:
    return RuleForm(params.text("text"), params.text("hint"))
