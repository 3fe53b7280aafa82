import pytest

from sim.search.suggest import Suggester, rounded
from sim.study.span import spans_of

pytest.importorskip("optuna")

SPANS = spans_of({"size": [1, 64], "wait": ["100ms", "900ms"], "kind": [["a"], ["b", "c"], None]}, ["size"])


def suggested(seed: int, batches: int = 6) -> list[dict]:
    suggester, found = Suggester(SPANS, seed), []
    for _ in range(batches):
        asked = suggester.ask(3)
        for i, settings in enumerate(asked):
            suggester.tell(i, None if settings["kind"] is None else float(settings["size"]), [settings["size"] - 32])
        found += asked
    return found


def test_equal_seeds_suggest_equal_settings() -> None:
    assert suggested(1) == suggested(1)
    assert suggested(1) != suggested(2)


def test_settings_lie_within_their_spans_in_their_units() -> None:
    found = suggested(3)

    assert all(1 <= one["size"] <= 64 and isinstance(one["size"], int) for one in found)
    assert all(one["wait"].endswith("ms") and 100 <= float(one["wait"][:-2]) <= 900 for one in found)
    assert {repr(one["kind"]) for one in found} == {"['a']", "['b', 'c']", "None"}


def test_a_setting_is_written_with_three_digits() -> None:
    assert [rounded(value) for value in ("12.3456s", 0.123456, "100/s")] == ["12.3s", 0.123, "100/s"]
