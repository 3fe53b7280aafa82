"""Scenario texts: YAML to a frozen dataclass and back, with errors that point at the place."""

from sim.scenario.load import Loader
from sim.scenario.override import apply_overrides
from sim.scenario.resolve import dump, resolve
from sim.scenario.schema import json_schema, walk_keys
from sim.scenario.source import read_text
from sim.scenario.template import template

__all__ = ["Loader", "apply_overrides", "dump", "json_schema", "read_text", "resolve", "template", "walk_keys"]
