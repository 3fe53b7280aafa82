"""Builders for tests of scripts: a case from a few steps, played."""

from collections.abc import Mapping
from typing import Any

from models.script.case import Case
from models.script.play import play
from sim.scenario import Loader

ONE_HOST = {"h1": {"kind": "http"}}


def a_case(*steps: Mapping[str, Any], **parts: Any) -> Case:
    """A case with one plain HTTP host, h1, unless told otherwise."""
    tree = {"server": ONE_HOST, "settle": "100ms"} | parts | {"script": list(steps)}
    case: Case = Loader(Case).load_tree(tree, "case")
    return case


def seen_of(*steps: Mapping[str, Any], version: str = "1.27.3", **parts: Any) -> Mapping[str, Any]:
    """What is seen of the case of these steps."""
    return play(a_case(*steps, **parts), version)


def ask(req: str, t: str, /, **options: Any) -> dict[str, Any]:
    """A step that starts a request."""
    return {"t": t, "req": req, "host": "h1"} | options


def snapshot(t: str, label: str = "now") -> dict[str, Any]:
    """A step that takes the state."""
    return {"t": t, "snapshot": label}
