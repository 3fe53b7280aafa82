"""Findings for other programs: JSON, SARIF 2.1.0, GitHub's annotations, JUnit's XML."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sim.lint.finding import Finding, Severity
from sim.lint.rule import Rule
from sim.lint.text import Text

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_INFORMATION = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def json_document(findings: Sequence[Finding], files: Sequence[str], troubles: Iterable[str]) -> dict[str, Any]:
    """One document: every finding with its place, and what is suppressed with its reason."""
    return {
        "files": len(files),
        "findings": [
            {
                "rule": one.rule, "name": one.name, "severity": one.severity.word, "message": one.message,
                "file": one.file, "line": one.line, "column": one.column, "end_line": one.end_line,
                "end_column": one.end_column, "path": one.path, "fixable": bool(one.fix),
                "suppressed": one.suppressed, "fingerprint": one.fingerprint,
            }
            for one in findings
        ],
        "troubles": list(troubles),
    }  # fmt: skip


def sarif_document(
    findings: Sequence[Finding], rules: Sequence[Rule], texts: dict[str, Text], *, version: str
) -> dict[str, Any]:
    """SARIF 2.1.0, as GitHub's code scanning reads it; columns count code points."""
    used = [rule for rule in rules if any(one.rule == rule.id for one in findings)]
    index = {rule.id: i for i, rule in enumerate(used)}
    driver = {
        "name": "sim lint", "informationUri": _INFORMATION, "version": version,
        "rules": [_descriptor(rule) for rule in used],
    }  # fmt: skip
    results = [_result(one, index, texts.get(one.file)) for one in findings]
    return {
        "$schema": SARIF_SCHEMA, "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }  # fmt: skip


def _descriptor(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id, "name": "".join(word.title() for word in rule.name.split("_")),
        "shortDescription": {"text": rule.name.replace("_", " ")},
        "fullDescription": {"text": rule.rationale or rule.message},
        "help": {"text": f"{rule.rationale}\n\nSource: {rule.source}" if rule.rationale else rule.message},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }  # fmt: skip


def _result(one: Finding, index: dict[str, int], text: Text | None) -> dict[str, Any]:
    region = {"startLine": one.line, "startColumn": one.column, "endLine": one.end_line, "endColumn": one.end_column}
    artifact = {"uri": PurePath(one.file).as_posix()}
    result: dict[str, Any] = {
        "ruleId": one.rule, "level": _LEVELS[one.severity], "message": {"text": one.message},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "partialFingerprints": {"primaryLocationLineHash": one.fingerprint},
    }  # fmt: skip
    if one.rule in index:
        result["ruleIndex"] = index[one.rule]
    if one.suppressed is not None:
        kind = "external" if one.suppressed == "in the baseline" else "inSource"
        result["suppressions"] = [{"kind": kind, "justification": one.suppressed}]
    if one.fix and text is not None:
        replacements = []
        for edit in one.fix:
            (line, column), (end_line, end_column) = text.position(edit.start), text.position(edit.end)
            deleted = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
            replacements.append({"deletedRegion": deleted, "insertedContent": {"text": edit.text}})
        result["fixes"] = [{"artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}]}]
    return result


def github_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """A workflow command for each finding that is not suppressed."""
    for one in findings:
        if one.suppressed is None:
            where = {"title": one.rule, "file": one.file, "line": one.line, "col": one.column,
                     "endLine": one.end_line, "endColumn": one.end_column}  # fmt: skip
            said = ",".join(f"{key}={_property(str(value))}" for key, value in where.items())
            yield f"::{_GITHUB[one.severity]} {said}::{_data(one.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def junit_lines(findings: Sequence[Finding], files: Sequence[str]) -> Iterator[str]:
    """A suite for each file; one without findings is a case that passes."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield "<testsuites>"
    for file in files:
        found = [one for one in findings if one.file == file and one.suppressed is None]
        name = quoteattr(_xml(file))
        yield f'  <testsuite name={name} tests="{max(len(found), 1)}" failures="{len(found)}" errors="0" time="0">'
        if not found:
            yield f'    <testcase name="sim lint" classname={name} time="0"/>'
        for one in found:
            yield f'    <testcase name={quoteattr(one.rule)} classname={name} time="0">'
            said = escape(_xml(f"line {one.line}, col {one.column}, {one.severity.word}: {one.message}"))
            yield f"      <failure message={quoteattr(_xml(one.message))}>{said}</failure>"
            yield "    </testcase>"
        yield "  </testsuite>"
    yield "</testsuites>"


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 forbids."""
    return "".join(
        char
        for char in text
        if char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
    )
