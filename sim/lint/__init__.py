"""Lint: configuration judged by rules before it runs. Texts in, findings out; what a rule may know of the world is handed in."""

from sim.lint.check import Facts, Linter
from sim.lint.finding import Finding, Severity
from sim.lint.rule import Rule, read_rules

__all__ = ["Facts", "Finding", "Linter", "Rule", "Severity", "read_rules"]
