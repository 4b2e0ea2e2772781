"""Which words match: whole words in any script, and nothing that anybody types is slow."""

from time import perf_counter

import pytest

from fediverse_kommune.services.filtering import Kept, Word, fold


def matches(keyword: str, text: str, *, whole: bool = True) -> bool:
    return Word(keyword, fold(keyword), whole).stands_in(fold(text))


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("Markt", "Heute ist Markt."),
        ("markt", "MARKT"),
        ("Straße", "Die STRASSE ist gesperrt"),
        ("Müll", "Mu\u0308ll im Park"),
        ("Müll", "Mü\u00adll, mit einem weichen Trennstrich"),
        ("Bahn", "Bahn-Ausfall"),
        ("böse Leute", "Das sind böse Leute!"),
        ("#stau", "#Stau auf der A1"),
        ("@nord.example", "von emil@nord.example"),
        ("選挙", "「選挙」"),
        ("a.b", "so a.b geht"),
    ],
)
def test_a_whole_word_is_found(keyword: str, text: str) -> None:
    assert matches(keyword, text)


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("Markt", "Der Weihnachtsmarkt"),
        ("Markt", "Marktplatz"),
        ("Bahn", "Straßenbahnhaltestelle"),
        ("mull", "Müll"),
        ("Mull", "Mu\u0308ll"),
        ("a.b", "axb"),
        ("an", "Anna und Bert_an"),
        ("1", "2010"),
    ],
)
def test_a_part_of_a_word_is_no_whole_word(keyword: str, text: str) -> None:
    assert not matches(keyword, text)


def test_without_borders_a_part_is_enough() -> None:
    assert matches("markt", "Der Weihnachtsmarkt", whole=False)
    assert matches("(.*)+$", "wörtlich (.*)+$ getippt", whole=False)
    assert not matches("(.*)+$", "irgendetwas", whole=False)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("keyword", "unit"), [("a" * 511 + "b", "a"), ("a " * 255 + "b", "a "), ("(a+)+$", "a"), ("ab" * 255 + "c", "ab")]
)
def test_hostile_keywords_take_time_in_proportion_to_the_text(keyword: str, unit: str, *, whole: bool) -> None:
    word = Word(keyword, fold(keyword), whole)

    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        times = []
        for _ in range(5):
            start = perf_counter()
            word.stands_in(text)
            times.append(perf_counter() - start)
        return min(times)

    assert seconds(400_000) < 40 * seconds(40_000) + 0.002


def test_what_nobody_asks_for_is_forgotten_first() -> None:
    kept: Kept[str, int] = Kept(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)
