"""Actors: the processes of a recording, which begin together and end by themselves, or are ended."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select

from sim.units import InputError
from sim.validation.interruption import waiting

READY_WITHIN_S = 30.0
END_WITHIN_S = 5.0


class Actor:
    """One process: it says that it is ready, is told T0, plays its part and ends."""

    def __init__(self, role: str, command: Sequence[str], log: Path) -> None:
        self.role = role
        self._log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                start_new_session=True,  # Ctrl-C is for us; we end them
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def wait_ready(self) -> None:
        """Wait until it is ready.

        Raises
        ------
        InputError
            It ended, or was not ready in time.
        """
        out = self.process.stdout
        assert out is not None
        with waiting():
            said = select([out], [], [], READY_WITHIN_S)[0]
        if not said:
            raise InputError(f"record: the {self.role} was not ready within {READY_WITHIN_S:g} s; nothing was written")
        if out.readline() != b"ready\n":
            raise self._failed()

    def begin(self, t0_ns: int) -> None:
        """Tell it T0, in nanoseconds of the Unix clock."""
        pipe = self.process.stdin
        assert pipe is not None
        try:
            pipe.write(f"T0 {t0_ns}\n".encode())
            pipe.flush()
        except OSError:
            raise self._failed() from None

    def refuse_failure(self) -> None:
        """Raise InputError if it has ended in an error."""
        if self.process.poll():
            raise self._failed()

    def wait(self, seconds: float) -> None:
        """Wait for its end.

        Raises
        ------
        InputError
            It does not end, or ended in an error.
        """
        try:
            with waiting():
                status = self.process.wait(timeout=max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            raise InputError(f"record: the {self.role} did not end in time; nothing was written") from None
        if status:
            raise self._failed()

    def dismiss(self) -> None:
        """Tell it that nobody needs it any more; it ends by itself."""
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()

    def end(self) -> None:
        """End it, if it still runs; stopped processes included."""
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _failed(self) -> InputError:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=END_WITHIN_S)
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit status {self.process.returncode}"
        return InputError(f"record: the {self.role} failed ({reason}); nothing was written")


@contextmanager
def stage() -> Iterator[list[Actor]]:
    """A list of actors, all of which are ended at the end."""
    actors: list[Actor] = []
    try:
        yield actors
    finally:
        for actor in reversed(actors):
            actor.end()


def sleep_until(at_ns: int) -> None:
    """Wait until an instant of the Unix clock."""
    with waiting():
        time.sleep(max(0.0, (at_ns - time.time_ns()) / 1e9))
