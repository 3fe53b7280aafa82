"""Reading files, and places."""

from pathlib import Path

import pytest

from sim.scenario.shape import snake
from sim.scenario.source import read, read_text
from sim.units import InputError
from tests.sim.scenario.sample import TEXT, Sample


def test_every_value_has_the_place_of_its_key() -> None:
    places = read(TEXT, "g.yaml", Sample).places

    assert places["clients", "gateway", "timeout"].text == "g.yaml:7:5"
    assert places["clients", "gateway", "transport", "max_idle_conns_per_host"].text == "g.yaml:5:41"
    assert places["timeline", 0, "pause", "for_"].text == "g.yaml:19:35"


@pytest.mark.parametrize(
    ("go", "ours"),
    [
        ("MaxIdleConnsPerHost", "max_idle_conns_per_host"),
        ("TLSHandshakeTimeout", "tls_handshake_timeout"),
        ("ForceAttemptHTTP2", "force_attempt_http2"),
        ("DisableKeepAlives", "disable_keep_alives"),
        ("timeout", "timeout"),
    ],
)
def test_gos_spelling_becomes_snake_case(go: str, ours: str) -> None:
    assert snake(go) == ours


def test_a_file_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: \xc3\xa4")

    assert read_text(path) == "name: ä"


def test_the_place_of_a_byte_that_is_not_utf_8_counts_characters(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfname: a\n# \xc3\xa9t\xe9\n")

    with pytest.raises(InputError, match=r"a\.yaml:2:5: the byte 0xE9 is not UTF-8"):
        read_text(tmp_path / "a.yaml")


def test_a_file_that_is_missing_or_binary_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"a\xff")

    with pytest.raises(InputError, match="no such file or directory"):
        read_text(tmp_path / "a")
    with pytest.raises(InputError, match="b:1:2: the byte 0xFF is not UTF-8; save the file as UTF-8"):
        read_text(tmp_path / "b")
    with pytest.raises(InputError, match="is a directory"):
        read_text(tmp_path)
