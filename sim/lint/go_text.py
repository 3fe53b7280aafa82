"""Go sources to documents: composite literals of net/http, net and crypto/tls with what their fields come to.

tree-sitter reads the file, broken ones too; constants of time and of the file are evaluated. The tree is
{literals: [{type, function, in_loop, in_handler, fields: {Name: value}}]}; a literal within a field stands as its value
and in the list too. A value that only a run could tell is null.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from sim.lint.document import Broken, Document
from sim.lint.text import Path, Spot, Text

PACKAGES = {"net/http": "http", "net": "net", "crypto/tls": "tls", "time": "time", "golang.org/x/net/http2": "http2"}
TYPES = {
    "http.Transport", "http.Client", "http.Server", "net.Dialer", "tls.Config", "http.HTTP2Config", "http2.Transport",
    "net.ListenConfig", "net.KeepAliveConfig",
}  # fmt: skip
TIMES = {"Nanosecond": 1, "Microsecond": 10**3, "Millisecond": 10**6, "Second": 10**9, "Minute": 60 * 10**9,
         "Hour": 3600 * 10**9}  # fmt: skip
MAX_LITERALS = 500
MOST_CHARACTERS = 1_000_000
"""A longer source was generated."""
_DEEPEST = 40
_IS_GO = re.compile(
    r"\s*(?:(?://[^\n]*\n|/\*.*?\*/)\s*)*package\s+\w+\s*(?:;|//[^\n]*|/\*[^\n]*)?\s*(?:\n|$)", re.DOTALL
)
_HANDLER = re.compile(r"\bResponseWriter\b|\*\s*\w+\.Request\b|\bgin\.Context\b|\becho\.Context\b")


def is_go(content: str) -> bool:
    """Whether a text looks like a Go file."""
    return _IS_GO.match(content[:20_000]) is not None


@cache
def _parser() -> Any:
    import tree_sitter_go
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_go.language()))


def read_go(text: Text) -> Iterator[Document | Broken]:
    """One document; of a file that does not parse whole, what could be read of it."""
    if len(text.content) > MOST_CHARACTERS:
        yield Broken(0, f"has {len(text.content):,} characters; {MOST_CHARACTERS:,} are read")
        return
    source = text.content.encode()
    root = _parser().parse(source).root_node
    if root.has_error and not any(word in text.content for word in ("Transport", "Client", "Server", "Dialer")):
        yield Broken(0, "is not Go that can be read")
        return
    document = Document(text, {"literals": []}, {(): Spot(0, 0, len(text.content))}, "go", kind="go")
    _Reader(document, source).read(root)
    yield document


class Duration(int):
    """A value of type time.Duration, ns; `is_bare` if it was written without a unit."""

    is_bare = False


class _Reader:
    def __init__(self, document: Document, source: bytes) -> None:
        self.document, self.source = document, source
        self.is_ascii = len(source) == len(document.text.content)
        self.names: dict[str, str] = {}
        self.constants: dict[str, Any] = {}
        self.assigned: set[str] = set()

    def read(self, root: Any) -> None:
        """All literals of the file, after its imports, constants and assignments to fields."""
        found = []
        for node in _all(root):
            match node.type:
                case "import_spec":
                    self._import(node)
                case "const_spec":
                    self._constant(node)
                case "assignment_statement":
                    self._assignment(node)
                case "composite_literal":
                    found.append(node)
        for node in found[:MAX_LITERALS]:
            name = self._type(node)
            if name in TYPES:
                path = ("literals", len(self.document.tree["literals"]))
                self.document.tree["literals"].append(None)
                self.document.tree["literals"][path[1]] = self._literal(node, name, path, depth=0)

    def _text(self, node: Any) -> str:
        return str(self.source[node.start_byte : node.end_byte].decode("utf-8", "replace"))

    def _offset(self, byte: int) -> int:
        return byte if self.is_ascii else len(self.source[:byte].decode("utf-8", "replace"))

    def _import(self, node: Any) -> None:
        path = self._text(node.child_by_field_name("path")).strip('"`') if node.child_by_field_name("path") else ""
        if path in PACKAGES:
            name = node.child_by_field_name("name")
            self.names[PACKAGES[path] if name is None else self._text(name)] = PACKAGES[path]

    def _constant(self, node: Any) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and value is not None and value.named_child_count == 1:
            self.constants[self._text(name)] = self._value(value.named_children[0], (), _DEEPEST - 10)

    def _assignment(self, node: Any) -> None:
        """Fields that are set after the literal: `transport.MaxIdleConns = 10`; which literal's, nobody follows."""
        left = node.child_by_field_name("left")
        for one in left.named_children if left is not None else ():
            if one.type == "selector_expression":
                self.assigned.add(self._text(one.child_by_field_name("field")))

    def _type(self, node: Any) -> str:
        kind = node.child_by_field_name("type")
        if kind is None:
            return ""
        if kind.type == "qualified_type":
            package, _, name = self._text(kind).partition(".")
            return f"{self.names.get(package, '')}.{name}"
        return f"{self.names['.']}.{self._text(kind)}" if kind.type == "type_identifier" and "." in self.names else ""

    def _literal(self, node: Any, name: str, path: Path, *, depth: int) -> dict[str, Any]:
        body = node.child_by_field_name("body")
        self._mark(path, node, node)
        fields: dict[str, Any] = {}
        start, end = self._offset(body.start_byte) + 1, self._offset(body.end_byte) - 1
        self.document.spots[*path, "fields"] = Spot(self._offset(node.start_byte), start, end)
        for element in body.named_children:
            if element.type == "keyed_element" and element.named_child_count == 2:
                key, value = element.named_children
                at = (*path, "fields", self._text(key))
                self._mark(at, key, value)
                inner = value.named_children[0] if value.type == "literal_element" else value
                fields[self._text(key)] = self._value(inner, at, depth + 1)
        function, in_loop, in_handler = self._around(node)
        unknown = sorted(self.assigned - set(fields))
        return {"type": name, "function": function, "in_loop": in_loop, "in_handler": in_handler, "fields": fields,
                "assigned": unknown}  # fmt: skip

    def _mark(self, path: Path, key: Any, value: Any) -> None:
        if path:
            start = self._offset(key.start_byte)
            self.document.spots[path] = Spot(start, self._offset(value.start_byte), self._offset(value.end_byte))

    def _around(self, node: Any) -> tuple[str, bool, bool]:
        """The function that a literal stands in, whether in a loop of it, and whether it serves a request."""
        in_loop = False
        while node is not None:
            if node.type == "for_statement":
                in_loop = True
            if node.type in ("function_declaration", "method_declaration", "func_literal"):
                parameters, name = node.child_by_field_name("parameters"), node.child_by_field_name("name")
                serves = parameters is not None and _HANDLER.search(self._text(parameters)) is not None
                if serves or name is not None:
                    return (self._text(name) if name is not None else "func"), in_loop, serves
            node = node.parent
        return "", in_loop, False

    def _value(self, node: Any, at: Path, depth: int) -> Any:  # noqa: C901  one case per form of expression
        """What an expression comes to: a number, a Duration, a flag, text, a literal; None if only a run tells."""
        if depth > _DEEPEST:
            return None
        match node.type:
            case "int_literal":
                return _int(self._text(node))
            case "float_literal":
                return float(text) if re.fullmatch(r"[\d.]+", text := self._text(node)) and text != "." else None
            case "true" | "false":
                return node.type == "true"
            case "nil":
                return False
            case "interpreted_string_literal" | "raw_string_literal":
                return self._text(node)[1:-1]
            case "identifier":
                return self.constants.get(self._text(node))
            case "parenthesized_expression" if node.named_child_count == 1:
                return self._value(node.named_children[0], at, depth + 1)
            case "unary_expression":
                return self._unary(node, at, depth)
            case "binary_expression":
                return self._binary(node, depth)
            case "selector_expression":
                return self._selector(node, at, depth)
            case "call_expression":
                return self._call(node, depth)
            case "composite_literal":
                name = self._type(node)
                return self._literal(node, name, at, depth=depth) if name in TYPES and at else None
        return None

    def _unary(self, node: Any, at: Path, depth: int) -> Any:
        inner = self._value(node.child_by_field_name("operand"), at, depth + 1)
        if self._text(node).startswith("-"):
            return None if isinstance(inner, bool | str | dict) or inner is None else type(inner)(-inner)
        return inner if self._text(node)[0] == "&" else None

    def _binary(self, node: Any, depth: int) -> Any:
        left, right = (self._value(node.child_by_field_name(side), (), depth + 1) for side in ("left", "right"))
        if not (_is_number(left) and _is_number(right)):
            return None
        operator = self._text(node.child_by_field_name("operator"))
        if operator in {"/", "%"} and not right:
            return None
        both = Duration if isinstance(left, Duration) or isinstance(right, Duration) else lambda it: it
        match operator:
            case "*":
                value = left * right
            case "+":
                value = left + right
            case "-":
                value = left - right
            case "/":
                value = left / right if isinstance(left, float) or isinstance(right, float) else int(left) // int(right)
            case _:
                return None
        return both(value) if abs(value) < 1 << 63 else None

    def _selector(self, node: Any, at: Path, depth: int) -> Any:
        operand, name = node.child_by_field_name("operand"), self._text(node.child_by_field_name("field"))
        package = self.names.get(self._text(operand)) if operand.type == "identifier" else None
        if package == "time" and name in TIMES:
            return Duration(TIMES[name])
        if package == "tls":
            return name
        if package == "http" and name.startswith("Default"):
            return {"DefaultMaxIdleConnsPerHost": 2}.get(name)
        return self._value(operand, at, depth + 1) if name in {"DialContext", "Dial"} else None

    def _call(self, node: Any, depth: int) -> Any:
        """time.Duration(n), the one conversion that constants go through."""
        arguments = node.child_by_field_name("arguments")
        called = self._text(node.child_by_field_name("function")).split(".")
        if len(called) == 2 and self.names.get(called[0]) == "time" and called[1] == "Duration":
            value = self._value(arguments.named_children[0], (), depth + 1) if arguments.named_child_count else None
            return Duration(value) if isinstance(value, int | float) and _is_number(value) else None
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _int(written: str) -> int | None:
    plain = written.replace("_", "")
    if re.fullmatch(r"\d{1,19}", plain):
        return int(plain, 8 if len(plain) > 1 and plain[0] == "0" and set(plain) <= set("01234567") else 10)
    return int(plain, 0) if re.fullmatch(r"0[xXoObB][0-9a-fA-F]{1,16}", plain) else None


def _all(root: Any) -> Iterator[Any]:
    """Every node in order, without recursion: hostile sources nest as deep as they are long."""
    cursor = root.walk()
    while True:
        yield cursor.node
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while True:
            if not cursor.goto_parent():
                return
            if cursor.goto_next_sibling():
                break
