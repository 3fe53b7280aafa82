"""An instance back to the text it could have been read from, every default filled in, units written."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from sim.scenario.load import adapter_of
from sim.scenario.shape import unreserve


def resolve(instance: Any) -> dict[str, Any]:
    """Write a dataclass as a plain tree (JSON's types), every field stated: the manifest's `scenario`."""
    cls: Any = type(instance)
    tree: dict[str, Any] = unreserve(adapter_of(cls).dump_python(instance, mode="json"), cls)
    return tree


def dump(instance: Any) -> str:
    """Write a dataclass as YAML: ``load(dump(x)) == x``."""
    return to_yaml(resolve(instance))


def to_yaml(tree: Any, *, inline: bool = False) -> str:
    """Write a plain tree as YAML, in its own order and without aliases; `inline` on one line, without its end."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    yaml.default_flow_style = inline
    yaml.representer.ignore_aliases = lambda _: True
    yaml.representer.add_representer(
        type(None), lambda writer, _: writer.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    out = io.StringIO()
    yaml.dump(_compact(tree), out)
    return out.getvalue().removesuffix("...\n").rstrip("\n") if inline else out.getvalue()


def _compact(tree: Any) -> Any:
    """Lists of plain values stand on one line."""
    if isinstance(tree, dict):
        return {key: _compact(item) for key, item in tree.items()}
    if not isinstance(tree, list):
        return tree
    items = CommentedSeq(_compact(item) for item in tree)
    if not any(isinstance(item, dict | list) for item in tree):
        items.fa.set_flow_style()
    return items
