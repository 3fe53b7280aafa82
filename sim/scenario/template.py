"""A commented scenario to start from: a tree, and beside each key what the class says about it."""

import re
from typing import Any

from sim.scenario.resolve import to_yaml
from sim.scenario.schema import descriptions
from sim.scenario.shape import Shape, shape_of

_COLUMN = 44
_INDENT = "  "
_SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)\.\s+(?=[A-Z0-9])")


def template(cls: type, tree: dict[str, Any], name: str | None = None) -> str:
    """Write a tree as YAML, each key followed by the first sentence of its field's description.

    Parameters
    ----------
    cls
        The dataclass that the text will load as.
    tree
        What to write, as plain values; its order is kept.
    name
        Stands for the tree's own `name`, where given.
    """
    written = tree if name is None else {"name": name} | tree | {"name": name}
    return "\n".join(_lines(written, cls, "")) + "\n"


def _lines(tree: dict[str, Any], annotation: Any, indent: str) -> list[str]:
    shape = shape_of(annotation)
    lines: list[str] = []
    for key, value in tree.items():
        field = shape.spell(key)
        below, comment = shape.below(field), _comment(shape, field)
        head = f"{indent}{_inline(key)}:"
        if isinstance(value, dict) and value and not shape_of(below).kinds:
            lines += [_with(head, comment), *_lines(value, below, indent + _INDENT)]
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            lines += [_with(head, comment), *(f"{indent}{_INDENT}- {_inline(item)}" for item in value)]
        else:
            lines.append(_with(f"{head} {_inline(value)}", comment))
    return lines


def _comment(shape: Shape, field: str) -> str:
    """First sentence on a field, from the class that has it; a name of the user's has none."""
    if shape.kinds or field not in shape.keys:
        return ""
    told = (descriptions(cls).get(field, "") for cls in shape.classes)
    text = next(filter(None, told), "")
    return _SENTENCE_END.split(text, maxsplit=1)[0].rstrip(".")


def _with(line: str, comment: str) -> str:
    return f"{line:<{_COLUMN}} # {comment}" if comment else line


def _inline(value: Any) -> str:
    return to_yaml(value, inline=True)
