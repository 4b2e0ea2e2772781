"""The tables of `python -m faults guards` fit the source as it is: no guard is listed that is not there any more."""

from pathlib import Path

import pytest

from faults.guard_tables import GUARDS
from faults.guard_tables.guard import Edit, Guard
from faults.guards import changed

ROOT = Path(__file__).parents[2]
# The must-pass tests MP01 to MP16 and MP20.
ROWS = (
    "A01 A02 A15 A03 A04 F05 A05 A06 A07 A08 B12 A09 A10 A11 A12 A14 A16 A13 A19 A20 L01 L03 "
    "B01 B02 B04 B05 B06 B07 B08 B03 C01 C02 C03 C04 C05 C06 C07 C08 E16 D01 D02 D03 D04 "
    "D05 D06 D07 D08 D09 D10 D11 B13 E01 E02 E03 E04 E05 E06 E07 E08 G01 G02 G03 G04 G05 G06 G07"
)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: f"{guard.row}: {guard.what}")
def test_each_guard_can_be_taken_away(guard: Guard) -> None:
    texts = {edit.file: (ROOT / edit.file).read_text("utf-8") for edit in guard.edits}
    for edit in guard.edits:
        assert texts[edit.file].count(edit.old) == 1, f"{edit.file} has no such line, or several: {edit.old}"
    after = changed(texts, guard.edits)
    assert after is not None
    for file, text in after.items():
        compile(text, file, "exec")
    assert (ROOT / guard.test).is_file()
    assert guard.row.lower() in Path(guard.test).name or guard.row == "F05"


def test_every_row_of_the_must_pass_tests_has_a_guard() -> None:
    assert set(ROWS.split()) <= {guard.row for guard in GUARDS}


def test_a_change_that_does_not_fit_is_none() -> None:
    text = {"x.py": "a b a"}
    assert changed(text, [Edit("x.py", "b", "c")]) == {"x.py": "a c a"}
    assert changed(text, [Edit("x.py", "a", "c")]) is None
    assert changed(text, [Edit("x.py", "d", "c")]) is None
