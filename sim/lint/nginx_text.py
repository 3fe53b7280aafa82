"""nginx files to documents, by crossplane's parser (the fork ngxparse), which knows lines; columns are found here.

A block is a mapping from each directive's name to the list of its occurrences: {args: [...], block: {...}}.
"""

import re
from collections.abc import Iterator
from typing import Any

from sim.lint.document import Broken, Document
from sim.lint.text import Path, Spot, Text

MAX_DEPTH = 50
MOST_CHARACTERS, MOST_DIRECTIVES = 250_000, 10_000
"""Which takes the parser a second or two."""
_REACH = 20_000
"""Characters in which the next word of a directive is looked for: comments may lie between."""
_COMMENT_OR_QUOTE = re.compile(r"#[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\$\{[^}\n]{0,200}\}|[{}]", re.DOTALL)
_HTTP = re.compile(r"^[ \t]*(?:http|stream|events)\s{0,9}\{", re.MULTILINE)
_SERVER = re.compile(r"^[ \t]*(?:server|upstream\s{1,9}\S{1,200})\s{0,9}\{", re.MULTILINE)
_LIKE = re.compile(
    r"^[ \t]*(?:(?:http|events|server|upstream[ \t]{1,9}\S{1,200}|location[ \t]{1,9}[^{;\n]{1,200})\s{0,9}\{"
    r"|(?:proxy_\w{1,40}|keepalive\w{0,20}|listen|worker_\w{1,40})[ \t][^;{\n]{0,200};)",
    re.MULTILINE,
)


def is_nginx(content: str) -> bool:
    """Whether a text looks like nginx's configuration."""
    return _LIKE.search(content[:50_000]) is not None and ";" in content


def read_nginx(text: Text) -> Iterator[Document | Broken]:
    """One document, or why there is none; includes are not followed."""
    n_directives = text.content.count(";") + text.content.count("{")
    if len(text.content) > MOST_CHARACTERS or n_directives > MOST_DIRECTIVES:
        yield Broken(0, f"has {len(text.content):,} characters and {n_directives:,} directives; split the file")
        return
    deep = _too_deep(text.content)
    if deep is not None:
        yield deep
        return
    import crossplane  # half of the start is its regular expressions; most files are none of nginx's

    try:
        payload = crossplane.parse_string(text.content, text.name, single=True, check_ctx=False, check_args=False)
        faults = payload["errors"] or _arguments(text.content)
    except (ValueError, LookupError, TypeError, RecursionError, StopIteration, RuntimeError) as error:
        yield Broken(0, f"is not nginx configuration that can be read ({str(error)[:80]})")
        return
    for fault in faults:
        line = fault.get("line") or 1
        yield Broken(_first_in_line(text, line), re.sub(r" in \S*:\d+$", "", str(fault["error"])))
        return
    document = Document(text, None, {(): Spot(0, 0, len(text.content))}, "nginx", kind="nginx")
    document.tree = _Places(document).block(payload["config"][0]["parsed"], ())
    yield document


def _arguments(content: str) -> list[Any]:
    """Wrong numbers of arguments: the parser knows them by context, so a part of a file is put where it belongs."""
    import crossplane

    around = "" if _HTTP.search(content) else "http {" if _SERVER.search(content) else "http { server {"
    whole = around + content + "\n" + "}" * around.count("{")
    found = crossplane.parse_string(whole, single=True, check_ctx=True, check_args=True)["errors"]
    return [one for one in found if "number of arguments" in str(one["error"]) or "invalid value" in str(one["error"])]


def _too_deep(content: str) -> Broken | None:
    """Nesting is watched before the parser, which recurses."""
    depth = 0
    for found in _COMMENT_OR_QUOTE.finditer(content):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth > MAX_DEPTH:
            return Broken(found.start(), f"is nested too deeply; {MAX_DEPTH} levels are read")
    return None


def _first_in_line(text: Text, line: int) -> int:
    line = min(line, text.n_lines)
    return text.offset(line, len(text.line(line)) - len(text.line(line).lstrip()) + 1)


class _Places:
    """One way through the directives in their order, on which the place of each word is looked up."""

    def __init__(self, document: Document) -> None:
        self.document, self.at = document, 0

    def block(self, directives: list[Any], path: Path) -> dict[str, Any]:
        held: dict[str, list[Any]] = {}
        for directive in directives:
            name = directive["directive"]
            here = (*path, name, len(held.setdefault(name, [])))
            held[name].append(self._directive(directive, name, here))
        return held

    def _directive(self, directive: Any, name: str, here: Path) -> dict[str, Any]:
        spots, content = self.document.spots, self.document.text.content
        self.at = max(self.at, self.document.text.offset(directive["line"]))
        start = self._find(name)
        taken: dict[str, Any] = {"args": list(directive["args"])}
        first, last = self.at, self.at
        for i, word in enumerate(directive["args"]):
            begins = self._find(word)
            spots[*here, "args", i] = Spot(start, begins, self.at)
            first, last = (begins if i == 0 else first), self.at
        spots[*here, "args"] = Spot(start, first, last)
        if "block" in directive:
            opens = content.find("{", self.at)
            self.at = max(self.at, opens + 1)
            spots[*here, "block"] = Spot(start, self.at, self.at)
            taken["block"] = self.block(directive["block"], (*here, "block"))
        spots[here] = Spot(start, start, self.at)
        spots.setdefault(here[:-1], spots[here])
        return taken

    def _find(self, word: str) -> int:
        found = self.document.text.content.find(word, self.at, self.at + len(word) + _REACH) if word else -1
        if found < 0:
            return self.at
        self.at = found + len(word)
        return found
