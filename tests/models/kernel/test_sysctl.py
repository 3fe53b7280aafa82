"""Settings and what is refused."""

import pytest

from models.kernel.sysctl import KernelConfig


def test_a_reversed_port_range_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"^ip_local_port_range: 60999 lies above 32768; write the lower bound first$"):
        KernelConfig(ip_local_port_range=(60999, 32768))


@pytest.mark.parametrize("written", ["40000-40003,40015", ("40000-40003", 40015), (40000, 40001, 40002, 40003, 40015)])
def test_reserved_ports_are_written_as_text_or_list(written: str | tuple[int | str, ...]) -> None:
    config = KernelConfig(ip_local_reserved_ports=written)

    assert config.reserved_ports() == {40000, 40001, 40002, 40003, 40015}


def test_no_port_is_reserved_unless_said() -> None:
    assert KernelConfig().reserved_ports() == frozenset()


@pytest.mark.parametrize("written", ["80-", "http", "9010-9000", "0", "1-65536"])
def test_a_span_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"^ip_local_reserved_ports: '.*' is no port or span; write such as"):
        KernelConfig(ip_local_reserved_ports=written)


@pytest.mark.parametrize("written", ["40000-40003", "39000-50000", (40003, 40001, "40000", 40002)])
def test_a_range_in_which_every_port_is_reserved_is_refused(written: str | tuple[int | str, ...]) -> None:
    with pytest.raises(ValueError, match=r"^ip_local_reserved_ports: reserves every port from 40000 to 40003, so none"):
        KernelConfig(ip_local_port_range=(40000, 40003), ip_local_reserved_ports=written)


def test_a_range_with_one_port_left_is_fine() -> None:
    config = KernelConfig(ip_local_port_range=(40000, 40003), ip_local_reserved_ports="40000-40002")

    assert config.reserved_ports() == {40000, 40001, 40002}


@pytest.mark.parametrize(("release", "linear"), [("6.18", 4), ("6.5", 4), ("6.1", 0), ("5.18", 0)])
def test_linear_syn_timeouts_came_with_6_5(release: str, linear: int) -> None:
    assert KernelConfig(release=release).syn_linear_timeouts == linear


def test_a_written_linear_timeout_wins_over_the_release() -> None:
    assert KernelConfig(release="6.1", tcp_syn_linear_timeouts=2).syn_linear_timeouts == 2


@pytest.mark.parametrize("release", ["5.4", "4.19", "new"])
def test_releases_whose_port_search_is_not_modelled_are_refused(release: str) -> None:
    with pytest.raises(ValueError, match=r"^release: "):
        KernelConfig(release=release)
