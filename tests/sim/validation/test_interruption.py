"""Signals that end us: when they count."""

import os
import signal

import pytest

from sim.validation.interruption import ENDING, interrupted_only_waiting, waiting


@pytest.mark.parametrize("number", ENDING)
def test_every_ending_signal_is_taken_for_ctrl_c_while_we_wait(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), interrupted_only_waiting(), waiting():
        os.kill(os.getpid(), number)


def test_a_signal_is_held_back_until_the_next_wait() -> None:
    done: list[str] = []

    def make_and_wait() -> None:
        with interrupted_only_waiting():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("made")
            with waiting():
                done.append("waited")

    with pytest.raises(KeyboardInterrupt):
        make_and_wait()

    assert done == ["made"]


def test_a_signal_that_met_no_wait_counts_at_the_end() -> None:
    done: list[str] = []

    def make() -> None:
        with interrupted_only_waiting():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("made")

    with pytest.raises(KeyboardInterrupt):
        make()

    assert done == ["made"]


def test_a_second_signal_leaves_what_is_tidied_away_in_peace() -> None:
    tidied: list[str] = []

    def wait_and_tidy() -> None:
        with interrupted_only_waiting():
            try:
                with waiting():
                    os.kill(os.getpid(), signal.SIGINT)
            finally:
                os.kill(os.getpid(), signal.SIGINT)
                tidied.append("all")

    with pytest.raises(KeyboardInterrupt):
        wait_and_tidy()

    assert tidied == ["all"]


def test_nothing_of_it_is_left_afterwards() -> None:
    before = [signal.getsignal(number) for number in ENDING]

    with pytest.raises(KeyboardInterrupt), interrupted_only_waiting(), waiting():
        os.kill(os.getpid(), signal.SIGTERM)
    with interrupted_only_waiting(), waiting():
        pass

    assert [signal.getsignal(number) for number in ENDING] == before
