"""A pytest plug-in: whatever SimPy's own tests call ``simpy.Environment`` is our Engine."""

import pytest
import simpy

from sim.engine.environment import Engine

simpy.Environment = Engine  # type: ignore[assignment, misc]  # what the fixture `env` of the suite constructs


def pytest_runtest_call(item: pytest.Function) -> None:
    """Stop where the fixture is not ours: a suite that tests SimPy alone proves nothing."""
    env = item.funcargs.get("env")
    assert env is None or isinstance(env, Engine)
