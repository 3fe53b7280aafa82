"""What holds for all tests: Hypothesis profiles (`ci` is the same on every run, `night` looks longer and elsewhere)."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("SIM_PURE", "1")  # doubles can stand in for sources alone; make test-accelerator says 0

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("night", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure() -> None:
    """Ctrl-C is heard although a shell that starts the tests in the background lets them ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tables are as wide in every shell: some export the width of their window."""
    os.environ.pop("COLUMNS", None)
