"""Reading a repetition: what is wrong with it is said with file and row, and the other cases go on."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from sim.evidence import LAYOUT, read_case
from sim.execution.execute import Inline
from sim.units import InputError
from sim.validation.reality import CaseVerdict, compare_cases
from sim.validation.recording import Layout, read_csv, read_repetition, read_table
from sim.validation.shipped import read_shipped

CASES = Path("experiments/reality/cases")
CASE = CASES / "E05-ict2"


class Jobs:
    table = "jobs"
    columns = {"n": "n", "t_end": "end", "word": "word"}
    stand_ins = {"start": "t_end"}
    texts = ("word",)
    flags = ()


class Requests:
    table = "requests"
    columns = {"id": "id"}
    stand_ins: dict[str, str] = {}
    texts: tuple[str, ...] = ()
    flags = ()


class Connections(Requests):
    table = "connections"


class Samples(Requests):
    table = "samples"
    columns = {"t": "t"}


SMALL_LAYOUT = Layout(
    files={"requests.csv": Requests(), "conns.csv": Connections(), "samples.csv": Samples()},
    server_samples="server.csv", counters="counters.csv", dials="dials.csv", summary="summary.json",
    by_backend="established_b", connects="connects",
)  # fmt: skip


def attempts(folder: Path, **files: str) -> float | None:
    """The connect attempts of a repetition of two requests, some of whose files are others."""
    usual = {
        "requests": "id,connects\n0,1\n1,2\n", "conns": "id\n0\n", "samples": "t\n0.1\n",
        "server": "t,goroutines\n0.1,3\n", "counters": "side,name,delta\nclient,TW,1\n",
    }  # fmt: skip
    for name, text in {**usual, **files}.items():
        (folder / f"{name}.csv").write_text(text)
    (folder / "summary.json").write_text("{}")
    run, _ = read_repetition(folder, SMALL_LAYOUT, {})
    assert run.counters["client.TW"] == 1
    return run.counters.get("connect_attempts")


def a_file(tmp_path: Path, text: str, name: str = "jobs.csv.gz") -> Path:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_columns_get_our_names_and_a_stand_in_serves_for_one_that_was_left_out(tmp_path: Path) -> None:
    found = read_table(a_file(tmp_path, "n,t_end,word\n1,0.5,\n2,0.75,x\n"), Jobs())

    assert found.to_dict(as_series=False) == {
        "n": [1, 2], "end": [0.5, 0.75], "word": ["", "x"], "start": [0.5, 0.75]
    }  # fmt: skip


def test_a_missing_column_is_named_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"jobs.csv.gz:1: no column t_end; the columns are n, word"):
        read_table(a_file(tmp_path, "n,word\n1,x\n"), Jobs())


def test_a_word_among_numbers_is_named_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"jobs.csv.gz:3: end=soon is not a number"):
        read_table(a_file(tmp_path, "n,t_end,word\n1,0.5,a\n2,soon,b\n"), Jobs())


def test_a_column_without_a_value_is_one_of_numbers(tmp_path: Path) -> None:
    assert read_table(a_file(tmp_path, "n,t_end,word\n1,,a\n"), Jobs())["end"].dtype.is_numeric()


def test_a_truncated_file_is_an_input_error(tmp_path: Path) -> None:
    path = a_file(tmp_path, "n,t_end,word\n1,0.5,a\n" * 100)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(InputError, match=r"damaged or truncated gzip file"):
        read_csv(path)


def test_a_shipped_case_of_another_form_is_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(CASE, tmp_path / "case")
    document = json.loads(gzip.decompress((folder / "measured.json.gz").read_bytes())) | {"form": 99}
    (folder / "measured.json.gz").write_bytes(gzip.compress(json.dumps(document).encode()))

    with pytest.raises(InputError, match=r"form 99 is not known here"):
        read_shipped(folder)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"repetitions": []}, "repetitions: there is none; ship the case again"),
        ({"repetitions": [{"figures": {"n_ok": "many"}, "curves": {}}]}, "n_ok=many is not a number"),
        ({"repetitions": [{"figures": {}}]}, "not what form 1 has"),
        ({"own_goroutines": None}, "not what form 1 has"),
    ],
)
def test_a_shipped_case_with_something_else_in_it_is_refused(
    damage: dict[str, object], said: str, tmp_path: Path
) -> None:
    folder = shutil.copytree(CASE, tmp_path / "case")
    document = json.loads(gzip.decompress((folder / "measured.json.gz").read_bytes())) | damage
    (folder / "measured.json.gz").write_bytes(gzip.compress(json.dumps(document).encode()))

    with pytest.raises(InputError, match=rf"measured\.json\.gz: .*{said}"):
        read_shipped(folder)


def a_repetition(folder: Path) -> Path:
    """A repetition of one row in every file."""
    for name, wanted in LAYOUT.files.items():
        columns = list(wanted.columns)
        a_file(folder, f"{','.join(columns)}\n{','.join('0' for _ in columns)}\n", name)
    a_file(folder, "t,goroutines\n0,9\n", LAYOUT.server_samples)
    a_file(folder, "side,name,delta\nclient,Tcp.InSegs,5\n", LAYOUT.counters)
    (folder / LAYOUT.summary).write_text("{}", encoding="utf-8")
    return folder


def test_a_repetition_is_read(tmp_path: Path) -> None:
    run, summary = read_repetition(a_repetition(tmp_path), LAYOUT, {})

    assert (summary, run.counters["client.Tcp.InSegs"]) == ({}, 5)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (LAYOUT.server_samples, "t,goroutines\n0,9\nlate,9\n", ":3: t=late is not a number"),
        (LAYOUT.server_samples, "t\n0\n", ":1: no column goroutines"),
        (LAYOUT.counters, "side,name,delta\nclient,Tcp.InSegs,many\n", ":2: delta=many is not a number"),
        (LAYOUT.counters, "side,delta\nclient,5\n", ":1: no column name"),
        (LAYOUT.summary, "", ": no JSON document"),
    ],
)
def test_what_is_wrong_with_a_repetition_is_named_with_file_and_row(
    name: str, text: str, said: str, tmp_path: Path
) -> None:
    folder = a_repetition(tmp_path)
    if name == LAYOUT.summary:
        (folder / name).write_text(text, encoding="utf-8")
    else:
        a_file(folder, text, name)

    with pytest.raises(InputError) as refused:
        read_repetition(folder, LAYOUT, {})

    assert f"{name}{said}" in str(refused.value)


def test_a_truth_that_is_neither_0_nor_1_is_named_with_its_row(tmp_path: Path) -> None:
    folder = a_repetition(tmp_path)
    (name, wanted), flag = next((each, each[1].flags[0]) for each in LAYOUT.files.items() if each[1].flags)
    own = next(column for column, ours in wanted.columns.items() if ours == flag)
    columns = list(wanted.columns)
    a_file(folder, f"{','.join(columns)}\n{','.join('7' if column == own else '0' for column in columns)}\n", name)

    with pytest.raises(InputError, match=rf":2: {flag}=7 is neither 0 nor 1"):
        read_repetition(folder, LAYOUT, {})


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    folder = a_repetition(tmp_path)
    (folder / LAYOUT.summary).unlink()
    (folder / LAYOUT.summary).mkdir()

    with pytest.raises(InputError, match=r"summary\.json: is a directory"):
        read_repetition(folder, LAYOUT, {})


def test_an_unknown_field_of_the_input_is_named_with_its_line(tmp_path: Path) -> None:
    folder = shutil.copytree(CASE, tmp_path / "case")
    (folder / "input.json").write_text((folder / "input.json").read_text().replace('"Duration"', '"Durration"'))

    with pytest.raises(InputError, match=r"input.json:\d+:\d+: Durration: unknown key; did you mean Duration|duration"):
        read_case(folder)


def test_a_case_that_cannot_be_read_does_not_end_the_others(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    (broken / "rep1").mkdir(parents=True)

    wrong, right = compare_cases([broken, CASE], read_case, Inline(), seeds=1)

    assert wrong.is_input_error
    assert "input.json" in wrong.error
    assert right.rows


def test_a_replay_of_a_shipped_case_gives_every_measured_quantity() -> None:
    (verdict,) = compare_cases([CASE], read_case, Inline(), seeds=2)

    assert isinstance(verdict, CaseVerdict)
    assert {"n_ok", "dials_ok", "idle_t6", "c_TW_last_t"} <= {row.quantity for row in verdict.rows}
    assert [row.quantity for row in verdict.rows if row.simulated is None] == []
    assert set(verdict.measured) == set(verdict.simulated)


def test_without_a_record_of_dials_the_requests_tell_how_often_they_connected(tmp_path: Path) -> None:
    assert attempts(tmp_path) == 3


def test_requests_that_never_connected_say_nothing_of_it(tmp_path: Path) -> None:
    none = attempts(tmp_path, requests="id,connects\n0,0\n1,0\n")

    assert none is None, "a DialContext of the client's own calls no hooks (E04-rr): its connects are not known to be 0"


def test_a_record_of_dials_goes_before_what_the_requests_say(tmp_path: Path) -> None:
    assert attempts(tmp_path, dials="t,err\n0.1,\n") == 1
    assert attempts(tmp_path, dials="t,err\n") == 0, "recorded, and none there"
