"""Descriptors against RLIMIT_NOFILE."""

from models.kernel.files import Files
from models.kernel.sysctl import KernelConfig


def test_the_limit_refuses_and_a_close_makes_room() -> None:
    files = Files(KernelConfig(nofile=2))

    opened = [files.open(), files.open(), files.open()]
    files.close()

    assert opened == [True, True, False]
    assert files.open()
    assert files.is_open == 2


def test_zero_sets_no_limit() -> None:
    files = Files(KernelConfig(nofile=0))

    assert all(files.open() for _ in range(5000))
