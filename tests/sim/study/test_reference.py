"""Values that follow from others: what they come to, in which cell, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.arm import Arm
from sim.study.axis import Axes
from sim.study.claim import Claim
from sim.study.plan import cells_of
from sim.study.reference import References, is_reference
from sim.study.study import Study
from sim.study.trial import Model
from sim.units import InputError


def never(*_: Any) -> Any:
    raise AssertionError("nothing is run here")


MODEL = Model(run=never)
BASE = {"load": {"rate": "100/s", "hold": "50ms", "sizes": ["1KiB", "4KiB"]}, "pool": {"kept": 2, "of-all": 8}}


def cells(**changes: Any) -> Any:
    return cells_of(Study(**{"name": "s", "base": BASE} | changes), MODEL)


def value_of(written: Any) -> Any:
    (cell,) = cells(arms={"a": Arm(set={"pool.most": written})})
    return cell.scenario["pool"]["most"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${kept * 4}", 8),
        ("${pool.kept}", 2),
        ("${load.rate * load.hold}", 5),
        ("${rate * 2}", "200/s"),
        ("${hold + '25ms'}", "75ms"),
        ("${hold / '10ms'}", 5),
        ("${1 / hold}", "20/s"),
        ("${load.sizes[1] * 2}", "8KiB"),
        ("${pool['of-all'] - 1}", 7),
        ("${ceil(rate * '21ms')}", 3),
        ("${floor(rate * '29ms')}", 2),
        ("${min(kept, 7) + max(1, rate * hold)}", 7),
        ("${load.sizes}", ["1KiB", "4KiB"]),
        (["${kept}", {"low": "${kept / 4}"}], [2, {"low": 0.5}]),
        ("plain $text", "plain $text"),
    ],
)
def test_a_reference_is_worked_out_with_its_units(written: Any, value: Any) -> None:
    assert value_of(written) == value


def test_an_arm_follows_an_axis_and_an_axis_another() -> None:
    found = cells(
        arms={"a": Arm(set={"pool.most": "${kept * 4}"}), "b": Arm()},
        axes=Axes(grid={"load.rate": ("100/s", "200/s")}, zip={"pool.kept": ("${rate * hold}",)}),
    )

    assert [dict(cell.point) for cell in found[:2]] == [
        {"rate": "100/s", "kept": 5}, {"rate": "200/s", "kept": 10},
    ]  # fmt: skip
    assert [cell.scenario["pool"].get("most") for cell in found] == [20, 40, None, None]


def test_the_key_is_that_of_the_resolved_scenario() -> None:
    referring, plain = cells(
        arms={"a": Arm(set={"pool.most": "${kept * 4}"}), "b": Arm(set={"pool.most": 8})},
    )

    assert referring.trial(0).key == plain.trial(0).key


def test_constraints_and_claims_see_what_a_reference_between_axes_comes_to() -> None:
    claim = Claim(id="C", statement="", metric="m", arm="base", at={"kept": 4}, op="<", value=1)

    (cell,) = cells(
        axes=Axes(grid={"load.rate": ("100/s", "200/s"), "pool.kept": ("${rate * '20ms'}",)}),
        constraints=("kept > 3",),
        claims=(claim,),
    )

    assert dict(cell.point) == {"rate": "200/s", "kept": 4}


def test_a_claim_at_a_point_that_no_reference_gives_is_refused_before_anything_runs() -> None:
    claim = Claim(id="C", statement="", metric="m", at={"kept": 7}, op="<", value=1)

    with pytest.raises(InputError, match=r"claims\.0\.at: no point has kept: 7; points here: kept: 5"):
        cells(axes=Axes(grid={"pool.kept": ("${load.rate * hold}",)}), claims=(claim,))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("${kep * 4}", "arms.a: pool.most: nothing is called kep; did you mean kept?"),
        ("${load.rte}", "nothing is called load.rte; did you mean load.rate?"),
        ("${most + 1}", "the references go in a circle, pool.most -> pool.most; give one of them a value"),
        ("${rate + hold}", "rate + hold cannot be worked out: a rate cannot be added to a duration"),
        ("${rate * rate}", "comes out as 10000 in s^-2 B^0, which is no value"),
        ("${kept / 0}", "division by zero"),
        ("${kept ** 2}", "kept ** 2 is not allowed; use names, numbers"),
        ("${open('x')}", "is not allowed"),
        ("${kept} * 4", "${kept} * 4 is half a reference; write all of it inside: ${kept * 4}"),
        ("${sizes * 2}", "sizes: ['1KiB', '4KiB'] is not a quantity"),
        ("${", "${ is half a reference"),
        ("${}", "'' is not a formula"),
    ],
)
def test_a_wrong_reference_is_one_line(written: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        value_of(written)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_constraint_on_what_follows_from_the_scenario_is_refused() -> None:
    with pytest.raises(ValueError, match=r"constraints\.0: kept follows from the scenario; constraints see the axes"):
        cells(axes=Axes(grid={"pool.kept": ("${load.rate * hold}",)}), constraints=("kept < 3",))


def test_a_circle_of_two_names_both() -> None:
    with pytest.raises(InputError, match=r"pool\.a -> pool\.b -> pool\.a"):
        cells(arms={"a": Arm(set={"pool.a": "${pool.b}", "pool.b": "${pool.a}"})})


def test_a_name_that_may_be_two_things_is_refused() -> None:
    with pytest.raises(InputError, match=r"kept may be other\.kept or pool\.kept; write more of the path"):
        cells(arms={"a": Arm(set={"other.kept": 1, "pool.most": "${kept}"})})


def test_text_without_a_reference_is_none() -> None:
    assert not is_reference({"a": ["$x", 1, {"b": None}]})
    assert is_reference({"a": [{"b": "${x}"}]})


@given(st.integers(1, 10**6), st.integers(1, 1000))
def test_scaling_a_duration_down_again_gives_it_back(milliseconds: int, times: int) -> None:
    values = {"a": f"{milliseconds}ms", "b": f"${{a * {times}}}", "c": f"${{b / {times}}}"}

    found = References(values, {}, {}).values()

    assert found["c"] in {f"{milliseconds}ms", f"{milliseconds // 1000}s", *_spellings(milliseconds)}


def _spellings(milliseconds: int) -> set[str]:
    minutes, hours = divmod(milliseconds, 60_000), divmod(milliseconds, 3_600_000)
    return {f"{n}{unit}" for (n, left), unit in ((minutes, "m"), (hours, "h")) if not left}
