"""What the documents say about the repository is true."""

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parent.parent
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])

# Of the text without spacing, once compared word by word with the EUPL 1.2 in the SPDX licence list.
EUPL_DIGEST = "493f7a51fdd3d9c548ba1ab1d3115d586563f516ee7b506d0350179bbc7c0d78"


def _project() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))


def test_the_readme_lists_the_packages_of_the_tree_in_the_order_of_the_arrow() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "README.md").read_text(), re.MULTILINE)
    in_the_tree = {init.parent.name for init in REPOSITORY.glob("*/__init__.py")} - {
        "tests",
        "bench",
        "faults",
    }
    assert set(listed) == in_the_tree
    assert listed == _project()["tool"]["importlinter"]["contracts"][0]["layers"]


def test_the_wheel_carries_the_packages_of_the_readme() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "README.md").read_text(), re.MULTILINE)
    wheel = _project()["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["only-include"] == [*listed, "templates"]


def test_the_readme_begins_with_the_two_commands_and_ci_runs_the_second() -> None:
    first_block = re.search(r"```\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    assert first_block is not None
    assert [line.partition("#")[0].strip() for line in first_block[1].splitlines()] == [
        "make run",
        "make test",
    ]
    assert (REPOSITORY / ".ci" / "run").read_text().splitlines()[-1] == "exec make test"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(REPOSITORY)))
def test_commands_and_links_in_the_documents_exist(document: Path) -> None:
    text = document.read_text()
    commands = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert commands - _targets() == set()
    links = {link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link}
    assert {link for link in links if not (document.parent / link).exists()} == set()


def test_every_command_explains_itself() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    before_the_steps = makefile.partition("# --- ")[0]
    commands = re.findall(r"^([a-z]+):(?!=)(.*)$", before_the_steps, re.MULTILINE)
    assert [name for name, rest in commands if " ## " not in rest] == []
    assert {name for name, _ in commands} >= {"install", "run", "test", "check", "bench", "faults", "demo"}


def test_the_licence_is_the_eupl_in_full() -> None:
    text = (REPOSITORY / "LICENSE").read_text()
    assert hashlib.sha256(re.sub(r"\s", "", text).encode()).hexdigest() == EUPL_DIGEST


def test_decisions_are_numbered_in_order_and_have_their_three_sections() -> None:
    pages = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {int(page.name[:4])}. "), page.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], page.name


def test_publiccode_describes_this_version_as_the_standard_wants_it() -> None:
    entry = yaml.safe_load((REPOSITORY / "publiccode.yml").read_text())
    project = _project()["project"]
    assert entry["publiccodeYmlVersion"] == "0.4"
    assert entry["softwareVersion"] == project["version"]
    assert entry["legal"]["license"] == project["license"]
    assert entry["url"].removesuffix(".git") == project["urls"]["Repository"]
    assert set(entry["description"]) == {"de", "en"}
    for description in entry["description"].values():
        assert len(description["shortDescription"]) <= 150
        assert 150 <= len(description["longDescription"]) <= 10_000
        assert description["features"]
