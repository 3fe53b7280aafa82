"""Findings as people read them: place, rule, message, the line with a caret."""

from collections.abc import Iterator, Sequence

from sim.lint.finding import Finding, Severity

_WIDE = 140
_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.INFO: "\x1b[1;36m"}
_OFF, _BOLD = "\x1b[0m", "\x1b[1m"


def text_lines(findings: Sequence[Finding], *, colour: bool = False) -> Iterator[str]:
    """Each finding with its excerpt; no more than that of a long line is shown."""
    for one in findings:
        start, word = (_COLOURS[one.severity], f"{one.severity.word}{_OFF}") if colour else ("", one.severity.word)
        place = f"{printable(one.file)}:{one.line}:{one.column}"
        mark = " [*]" if one.fix else ""
        yield f"{_BOLD + place + _OFF if colour else place}: {start}{word} {one.rule}{mark}: {printable(one.message)}"
        shown, caret = _excerpt(one)
        if shown.strip():
            margin = " " * len(str(one.line))
            yield f"  {one.line} | {shown}"
            yield f"  {margin} | {start}{caret}{_OFF if colour else ''}"


def _excerpt(one: Finding) -> tuple[str, str]:
    begin = max(0, one.column - 1 - _WIDE // 2) if len(one.excerpt) > _WIDE else 0
    shown = one.excerpt[begin : begin + _WIDE]
    at = one.column - 1 - begin
    lead = "".join("\t" if char == "\t" else " " for char in shown[:at])
    width = max(1, min(one.end_column - one.column, len(shown) - at))
    return printable(shown, keep="\t"), lead + "^" * width


def printable(text: str, keep: str = "") -> str:
    """What a terminal cannot take for an order."""
    return "".join(char if char.isprintable() or char in keep else "?" for char in text)


def summary_line(findings: Sequence[Finding], n_files: int) -> str:
    """How many there are of what, and what --fix would do."""
    open_ = [one for one in findings if one.suppressed is None]
    files = f"{n_files:,} file{'s' * (n_files != 1)}"
    silenced = len(findings) - len(open_)
    tail = f"; {silenced} suppressed" if silenced else ""
    if not open_:
        return f"nothing found in {files}{tail}"
    counts = [(sum(one.severity == severity for one in open_), severity.word) for severity in reversed(Severity)]
    parts = ", ".join(f"{count} {word}{'s' * (count != 1 and word != 'info')}" for count, word in counts if count)
    fixable = sum(bool(one.fix) for one in open_)
    tail += f"; {fixable} [*] can be fixed with --fix" if fixable else ""
    return f"{parts} in {files}{tail}"
