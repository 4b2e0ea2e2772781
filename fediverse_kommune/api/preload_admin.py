"""Loading what the lists of the admin API show, in sets: a page costs as many statements as one line."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import Actor, Report
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.admin_account import admin_account_entity
from fediverse_kommune.api.entities.admin_report import admin_report_entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing, Reader, reported_statuses
from fediverse_kommune.models import Rule, User
from fediverse_kommune.services.accounts_overview import Query


def load_admin_accounts(session: Session, reader: Reader, query: Query, page: Page) -> Listing:
    """Return a page of accounts. `query` selects actors and their users, if they have one."""
    rows = page.in_order(list(session.execute(page.select(query, Actor.id))))
    entities = [admin_account_entity(actor, user, reader.instance) for actor, user in rows]
    return Listing(entities, [actor.id for actor, _ in rows])


def admin_accounts(session: Session, reader: Reader, ids: Collection[int]) -> dict[int, Entity]:
    """Return accounts by id, in one statement."""
    if not ids:
        return {}
    rows = session.execute(
        select(Actor, User)
        .outerjoin(User, User.actor_id == Actor.id)
        .where(Actor.id.in_(ids))
        .execution_options(populate_existing=True)
    )
    return {actor.id: admin_account_entity(actor, user, reader.instance) for actor, user in rows}


def report_entities(session: Session, reader: Reader, reports: Sequence[Report]) -> list[Entity]:
    """Return reports with everybody and everything that they name."""
    named = {
        actor_id
        for report in reports
        for actor_id in (report.actor_id, report.target_id, report.assigned_to_id, report.resolved_by_id)
        if actor_id is not None
    }
    accounts = admin_accounts(session, reader, named)
    statuses = reported_statuses(session, reader, _all(report.status_ids for report in reports))
    rule_ids = _all(report.rule_ids for report in reports)
    rules = {row.id: row for row in session.scalars(select(Rule).where(Rule.id.in_(rule_ids)))} if rule_ids else {}
    return [admin_report_entity(report, accounts, statuses, rules) for report in reports]


def _all(lists: Iterable[Sequence[int]]) -> set[int]:
    return {number for numbers in lists for number in numbers}
