"""Scenarios, runs and studies as a notebook uses them."""

from sim.notebook.found import Found
from sim.notebook.result import Result
from sim.notebook.swept import Sweep
from sim.notebook.tuning import Tuning
from sim.notebook.verbs import change, find, load, recall, run, sweep, tune

__all__ = ["Found", "Result", "Sweep", "Tuning", "change", "find", "load", "recall", "run", "sweep", "tune"]
