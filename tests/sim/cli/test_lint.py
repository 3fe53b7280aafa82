"""`sim lint` as its user meets it: what is printed, what is written, which exit code."""

import io
import json
from pathlib import Path

import pytest

from sim.cli.main import main

BAD = "routes:\n- path: /a\n  timeout: 0s\n"
GOOD = "routes:\n- path: /a\n  timeout: 5s\n"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.yaml"
    path.write_text(BAD, "utf-8")
    return path


def test_a_finding_has_its_place_its_line_and_a_caret(bad: Path, capsys: Capture) -> None:
    assert main(["lint", str(bad)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{bad}:3:3: error TR001 [*]: /a: no timeout")
    assert lines[1:3] == ["  3 |   timeout: 0s", "    |   ^^^^^^^^^^^"]
    assert lines[3] == "1 error in 1 file; 1 [*] can be fixed with --fix"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--select", "PO"], 0),
        (["--ignore", "TR001"], 0),
        (["--fail-on", "info"], 1),
        (["--fail-on", "fatal"], 2),
        (["--select", "XX"], 2),
        (["--as", "nothing"], 2),
        (["--format", "xml"], 2),
        (["--load", "rato=5/s"], 2),
        (["--load", "rate=5"], 2),
        (["--simulate"], 2),
        (["--rules", "nowhere"], 2),
        (["--baseline", "nowhere"], 2),
        (["--explain", "PO00"], 2),
    ],
)
def test_exit_codes(bad: Path, options: list[str], code: int) -> None:
    assert main(["lint", str(bad), *options]) == code


def test_warnings_alone_are_fine_unless_asked_for(tmp_path: Path) -> None:
    (tmp_path / "s.conf").write_text("net.ipv4.tcp_syncookies = 0\n", "utf-8")
    assert main(["lint", str(tmp_path)]) == 0
    assert main(["lint", str(tmp_path), "--fail-on", "warning"]) == 1


def test_fix_writes_and_diff_only_shows(bad: Path, capsys: Capture) -> None:
    assert main(["lint", str(bad), "--diff"]) == 0
    assert "-  timeout: 0s\n+  timeout: 5s\n" in capsys.readouterr().out
    assert bad.read_text("utf-8") == BAD
    assert main(["lint", str(bad), "--fix"]) == 0
    assert bad.read_text("utf-8") == GOOD


def test_standard_input_is_judged_and_fixed_onto_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    assert main(["lint", "-"]) == 1
    assert capsys.readouterr().out.startswith("stdin:3:3: error TR001")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    main(["lint", "-", "--fix"])
    assert capsys.readouterr().out.startswith(GOOD)


def test_a_baseline_leaves_out_what_was_there_and_lines_may_move(bad: Path, tmp_path: Path) -> None:
    kept = tmp_path / "baseline.json"
    assert main(["lint", str(bad), "--write-baseline", str(kept)]) == 0
    bad.write_text("# a line more\n" + BAD, "utf-8")
    assert main(["lint", str(bad), "--baseline", str(kept)]) == 0
    bad.write_text(BAD + "- {path: /new, timeout: 0s}\n", "utf-8")
    assert main(["lint", str(bad), "--baseline", str(kept)]) == 1


def test_an_unknown_kind_is_a_line_and_the_others_are_judged(bad: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "x.yaml").write_text("foo: 1\n", "utf-8")
    assert main(["lint", str(bad), str(tmp_path / "x.yaml"), str(tmp_path / "gone")]) == 2
    said = capsys.readouterr()
    assert "error TR001" in said.out
    assert f"{tmp_path}/x.yaml: is of no kind that is known here; say it with --as envoy|" in said.err
    assert f"{tmp_path}/gone: no such file or directory" in said.err


def test_in_a_folder_what_is_of_no_kind_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("foo: 1\n", "utf-8")
    (tmp_path / "binary.json").write_bytes(b"{}")
    assert main(["lint", str(tmp_path)]) == 0


def test_broken_yaml_is_a_finding_and_each_document_is_judged(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "m.yaml").write_text(f"{BAD}---\nfoo: bar\n---\n{BAD}---\na: [\n", "utf-8")
    assert main(["lint", str(tmp_path)]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if ": error " in line]
    assert [line.split(": ")[1] for line in lines] == ["error TR001 [*]", "error TR001 [*]", "error parse"]


def test_own_rules_are_judged_tested_and_their_faults_are_exit_2(bad: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    rule = "rule: short\nseverity: WARN\nkind: gateway\nmatch: '$.routes[*]'\ncheck: 'size(value.path) > 5'\n"
    rule += "message: '{{value.path}} is short'\n"
    (folder / "a.yaml").write_text(rule, "utf-8")
    assert main(["lint", str(bad), "--rules", str(folder), "--select", "short"]) == 0
    assert "warning short: /a is short" in capsys.readouterr().out
    assert main(["lint", "--test-rules", str(folder)]) == 1
    assert "has no good and bad example" in capsys.readouterr().out
    examples = "examples: {bad: 'routes: [{path: /a}]', good: 'routes: [{path: /abcdef}]'}\n"
    (folder / "a.yaml").write_text(rule + examples, "utf-8")
    assert main(["lint", "--test-rules", str(folder)]) == 0
    (folder / "a.yaml").write_text(rule.replace("value.path) > 5", "value.timeout.x) > 5"), "utf-8")
    assert main(["lint", str(bad), "--rules", str(folder)]) == 2
    assert "rule short cannot judge $.routes[0]: " in capsys.readouterr().err


def test_a_regular_expression_that_backtracks_takes_no_time(tmp_path: Path) -> None:
    (tmp_path / "g.yaml").write_text(f"routes: [{{path: {'a' * 4000}b, timeout: 1s}}]\n", "utf-8")
    (tmp_path / "rules").mkdir()
    rules = "- {rule: one, severity: INFO, match: '$.routes[?match(@.path, \"(a+)+\")]', check: 'true', message: m}\n"
    rules += (
        "- {rule: two, severity: INFO, match: '$.routes[*]', check: '!value.path.matches(\"^(a+)+$\")', message: m}\n"
    )
    (tmp_path / "rules" / "r.yaml").write_text(rules, "utf-8")
    assert main(["lint", str(tmp_path / "g.yaml"), "--rules", str(tmp_path / "rules")]) == 0


def test_explain_says_all_of_a_rule(capsys: Capture) -> None:
    assert main(["lint", "--explain", "PO001"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# PO001: ports run out")
    assert "`--load rate=...`" in said
    assert "Wrong (rate = 1600, latency_ms = 20):" in said


def test_simulate_shows_the_effect_with_its_interval(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "t.go"
    path.write_text('package p\nimport "net/http"\nvar t = &http.Transport{MaxIdleConnsPerHost: 2}\n', "utf-8")
    load = ["--load", "rate=100/s", "--load", "latency=50ms"]
    assert main(["lint", str(path), "--select", "PO003", "--simulate", *load]) == 1
    said = capsys.readouterr().out
    assert "as it is, 2 idle: no request fails within 20 s at 100 req/s; " in said
    assert "with 12 idle: " in said


def test_many_files_are_judged_in_processes_with_the_same_result(tmp_path: Path, capsys: Capture) -> None:
    for i in range(160):
        (tmp_path / f"{i:03}.yaml").write_text(BAD, "utf-8")
    main(["lint", str(tmp_path), "--format", "json", "--jobs", "2"])
    both = json.loads(capsys.readouterr().out)
    main(["lint", str(tmp_path), "--format", "json", "--jobs", "1"])
    assert both == json.loads(capsys.readouterr().out)
    assert len(both["findings"]) == 160
