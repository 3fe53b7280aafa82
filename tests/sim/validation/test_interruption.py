"""Signals that end us: when they count."""

import os
import signal

import pytest

from sim.validation.interruption import ENDING, interruptible, undisturbed


@pytest.mark.parametrize("number", ENDING)
def test_every_ending_signal_is_taken_for_ctrl_c(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        os.kill(os.getpid(), number)


def test_a_signal_waits_until_things_are_tidied_away() -> None:
    done: list[str] = []

    def tidy() -> None:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("tidied")

    with pytest.raises(KeyboardInterrupt):
        tidy()

    assert done == ["tidied"]


def test_handlers_are_as_they_were_afterwards() -> None:
    before = [signal.getsignal(number) for number in ENDING]

    with interruptible(), undisturbed():
        pass

    assert [signal.getsignal(number) for number in ENDING] == before
