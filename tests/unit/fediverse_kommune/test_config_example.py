"""`config.example.toml` shows every key that there is, with the default that it has, and can be used as it stands."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from fediverse_kommune.config import Config, load_config

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
SECTIONS = [(field.name, field.type) for field in msgspec.structs.fields(Config)]


def test_it_is_a_configuration() -> None:
    assert load_config(EXAMPLE).instance.name == "Musterstadt"


@pytest.mark.parametrize(("section", "struct"), SECTIONS, ids=[name for name, _ in SECTIONS])
def test_it_shows_every_key_with_its_default(section: str, struct: type[msgspec.Struct]) -> None:
    text = EXAMPLE.read_text()
    fields = msgspec.structs.fields(struct)
    shown = tomllib.loads(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))[section]
    assert shown.keys() == {field.encode_name for field in fields}

    values = msgspec.convert(tomllib.loads(text)[section], struct)
    defaults = {field.name: field.default for field in fields if not field.required}
    assert {name: getattr(values, name) for name in defaults} == defaults
