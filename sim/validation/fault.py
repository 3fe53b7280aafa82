"""Fault: the models contradict themselves while a case is played. The case is lost, the others are not."""

from typing import Final

from sim.engine.machine import IllegalEvent

FAULTS: Final = (IllegalEvent, AssertionError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What models raise then; whatever else is raised ends the program."""


def say_fault(error: Exception) -> str:
    """What is told of it in place of a result."""
    return f"the models contradict themselves: {type(error).__name__}: {error}"
