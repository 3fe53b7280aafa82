import pytest

from sim.study.override import with_values
from sim.units import InputError


def test_values_are_set_in_a_copy_and_missing_mappings_are_made() -> None:
    tree = {"a": {"b": 1}, "list": [{"x": 1}, 2]}

    changed = with_values(tree, {"a.b": 2, "c.d.e": 3, "list.0.x": 9, "list.1": 8})

    assert changed == {"a": {"b": 2}, "c": {"d": {"e": 3}}, "list": [{"x": 9}, 8]}
    assert tree == {"a": {"b": 1}, "list": [{"x": 1}, 2]}


@pytest.mark.parametrize("path", ["a.b.c", "a.b.c.d", "list.7", "list.x"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(InputError, match=path):
        with_values({"a": {"b": 1}, "list": [1]}, {path: 1})
