"""Exit codes: what a shell learns from a command. A verdict is a value; only the last three are faults."""

from enum import IntEnum


class Exit(IntEnum):
    """What every command ends with."""

    FINE = 0
    """The command did what it was asked."""
    NO = 1
    """The answer is no: an unexpected verdict, a missed threshold, a lint error, a case out of tolerance."""
    INPUT_IS_WRONG = 2
    """A file, a key or an option: one line says where, what and the way out."""
    PROGRAM_IS_WRONG = 3
    """A fault of ours: a traceback, and a line that asks for the command."""
    INTERRUPTED = 130
    """Ctrl-C, as shells say it: 128 and SIGINT's number 2."""
