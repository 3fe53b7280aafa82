"""Machine: the table is the whole truth, and its drawing says no more and no less."""

import subprocess
import sys
from enum import IntEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.machine import IllegalEvent, Machine, Table, ignore, main, mermaid

ROOT = Path(__file__).parents[3]


class Door(IntEnum):
    OPEN, SHUT, GONE = range(3)


class On(IntEnum):
    PUSHED, PULLED, BURNT = range(3)


def slam(door: "OurDoor", arg: object) -> None:
    """Write down the state that the action sees, and what it was fed."""
    door.log.append((door.state, arg))


def slam_and_pull(door: "OurDoor", arg: object) -> None:
    slam(door, arg)
    door.feed(On.PULLED, "from inside")


TABLE: Table = {
    Door.OPEN: {On.PUSHED: (Door.SHUT, slam), On.BURNT: (Door.GONE, slam)},
    Door.SHUT: {On.PULLED: (Door.OPEN, slam), On.PUSHED: (Door.SHUT, ignore), On.BURNT: (Door.GONE, slam)},
    Door.GONE: {},
}


class OurDoor(Machine, table=TABLE):
    __slots__ = ("log",)

    def __init__(self, state: IntEnum = Door.OPEN) -> None:
        self.state = state
        self.log: list[tuple[IntEnum, object]] = []


class Bouncing(OurDoor, table={**TABLE, Door.OPEN: {On.PUSHED: (Door.SHUT, slam_and_pull)}}):
    __slots__ = ()


@pytest.mark.parametrize("event", On)
@pytest.mark.parametrize("state", Door)
def test_each_pair_reaches_the_tables_target_or_raises_and_changes_nothing(state: Door, event: On) -> None:
    door, step = OurDoor(state), TABLE[state].get(event)

    if step is None:
        with pytest.raises(IllegalEvent, match=f"OurDoor in {state.name} was fed {event.name}"):
            door.feed(event)
        assert (door.state, door.log) == (state, [])
    else:
        door.feed(event)
        assert door.state is step[0]


@given(st.lists(st.sampled_from(On), max_size=30))
def test_illegal_events_among_others_make_no_difference(events: list[On]) -> None:
    mixed, legal = OurDoor(), OurDoor()

    for event in events:
        if event in TABLE[Door(legal.state)]:
            legal.feed(event, event)
            mixed.feed(event, event)
        else:
            with pytest.raises(IllegalEvent):
                mixed.feed(event, event)

    assert (mixed.state, mixed.log) == (legal.state, legal.log)


def test_an_action_sees_the_new_state_and_its_argument() -> None:
    door = OurDoor()

    door.feed(On.PUSHED, "hard")

    assert door.log == [(Door.SHUT, "hard")]


def test_an_action_may_feed_again() -> None:
    door = Bouncing()

    with pytest.raises(IllegalEvent):
        door.feed(On.BURNT)
    door.feed(On.PUSHED, "hard")

    assert (door.state, door.log) == (Door.OPEN, [(Door.SHUT, "hard"), (Door.OPEN, "from inside")])


def test_a_state_without_a_row_fails_when_the_class_is_defined() -> None:
    with pytest.raises(TypeError, match="no row for GONE"):
        type("Hole", (Machine,), {}, table={Door.OPEN: TABLE[Door.OPEN], Door.SHUT: TABLE[Door.SHUT]})


def test_states_not_numbered_from_0_fail_when_the_class_is_defined() -> None:
    class Odd(IntEnum):
        ONE, TWO = 1, 2

    with pytest.raises(TypeError, match="Odd are not numbered from 0"):
        type("Hole", (Machine,), {}, table={Odd.ONE: {On.PUSHED: (Odd.TWO, ignore)}, Odd.TWO: {}})


def test_the_drawing_has_each_step_the_beginning_and_the_ends() -> None:
    assert mermaid(OurDoor).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> OPEN",
        "    OPEN --> SHUT: PUSHED / slam",
        "    OPEN --> GONE: BURNT / slam",
        "    SHUT --> OPEN: PULLED / slam",
        "    SHUT --> SHUT: PUSHED / ignore",
        "    SHUT --> GONE: BURNT / slam",
        "    GONE --> [*]",
    ]


def test_events_with_one_target_and_one_action_share_an_arrow() -> None:
    class StiffDoor(
        OurDoor, table=OurDoor.table | {Door.OPEN: {On.PUSHED: (Door.SHUT, slam), On.PULLED: (Door.SHUT, slam)}}
    ):
        """Whatever one does, it shuts."""

    assert "    OPEN --> SHUT: PUSHED, PULLED / slam" in mermaid(StiffDoor).splitlines()


def test_the_drawing_is_printed_for_a_name(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "doors", sys.modules[__name__])

    assert main(["doors:OurDoor"]) == 0

    assert capsys.readouterr().out == mermaid(OurDoor)


@pytest.mark.parametrize("arguments", [[], ["doors"], ["a:B", "c:D"]])
def test_anything_else_gets_the_usage(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "sim.engine.machine", *arguments]

    finished = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)

    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.startswith("usage:")
