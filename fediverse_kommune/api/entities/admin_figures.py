"""Admin::Measure, Admin::Dimension and Admin::Cohort. https://docs.joinmastodon.org/entities/Admin_Measure/"""

from collections.abc import Sequence
from datetime import date

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.services.dimensions import Line, readable
from fediverse_kommune.services.measures import Figures, Measure
from fediverse_kommune.services.periods import Period
from fediverse_kommune.services.retention import Cohort


def measure_entity(key: str, measure: Measure, period: Period, figures: Figures, previous: Figures | None) -> Entity:
    """Return a measure, day by day, and in all."""
    entity: Entity = {"key": key, "unit": measure.unit, "total": str(figures.total)}
    if measure.unit == "bytes":
        entity["human_value"] = readable(figures.total)
    if previous is not None:
        entity["previous_total"] = str(previous.total)
    days = [{"date": _midnight(day), "value": str(figures.days.get(day, 0))} for day in period.days]
    return entity | {"data": days}


def dimension_entity(key: str, lines: Sequence[Line]) -> Entity:
    """Return a table of what there is most of."""
    return {"key": key, "data": [_line(line) for line in lines]}


def _line(line: Line) -> Entity:
    entity = {"key": line.key, "human_key": line.name, "value": line.value}
    extras = {"unit": line.unit, "human_value": line.shown}
    return entity | {name: value for name, value in extras.items() if value is not None}


def cohort_entity(cohort: Cohort, frequency: str) -> Entity:
    """Return how many of a cohort stayed."""
    return {
        "period": _midnight(cohort.begin),
        "frequency": frequency,
        "data": [
            {"date": _midnight(day), "rate": stayed / cohort.joined if cohort.joined else 0.0, "value": str(stayed)}
            for day, stayed in cohort.stayed
        ],
    }


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00.000Z"
