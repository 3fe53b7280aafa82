"""Hypothesis profiles: `ci` is the same on every run, `night` looks longer and elsewhere each time."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("night", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tables are as wide in every shell: some export the width of their window."""
    os.environ.pop("COLUMNS", None)
