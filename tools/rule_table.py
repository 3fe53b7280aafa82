"""The fields that a condition of a protocol rule may name, as a table, from what the models hand to it."""

from models.protection.rules.dialect import ALIASES
from models.protection.rules.end import FIELDS

_TYPES = {"INT": "whole number", "STRING": "text", "DURATION": "duration"}


def rule_fields() -> str:
    """One row per field: its spellings, its type in words, its meaning."""
    rows = ["| field | also | type | what it is |", "|---|---|---|---|"]
    for name, (kind, meaning) in FIELDS.items():
        aliases = ", ".join(f"`{alias}`" for alias, meant in ALIASES.items() if meant == name) or "–"
        rows.append(f"| `{name}` | {aliases} | {_TYPES[kind]} | {meaning} |")
    return "\n".join(rows)
