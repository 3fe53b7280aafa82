"""Explanation: all that a rule says of itself, for terminals and for pages."""

from collections.abc import Callable

from sim.lint.rule import FAMILIES, Example, Rule


def explanation(rule: Rule, option_of: Callable[[str], str]) -> str:
    """Markdown that reads well as plain text.

    Parameters
    ----------
    option_of : names the option that says a fact of the load.
    """
    lines = [f"# {rule.id}: {rule.name.replace('_', ' ')}", ""]
    facts = [
        f"{rule.severity.word}, {FAMILIES.get(rule.family, rule.family)}; for {', '.join(rule.kinds) or 'all kinds'}",
        "fixed by --fix" if rule.is_fixable else "to be fixed by hand",
    ]
    lines += [f"{'; '.join(facts)}.", ""]
    if rule.rationale:
        lines += [" ".join(rule.rationale.split()), ""]
    if rule.needs:
        lines += [f"Computed. It needs {', '.join(f'`{option_of(fact)}`' for fact in rule.needs)}.", ""]
    lines += ["Says:", "", f"    {rule.message}", ""]
    for title, examples in (("Wrong", rule.bad), ("Right", rule.good)):
        for example in examples:
            lines += [
                f"{title}{_under(example)}:",
                "",
                "```" + _LANGUAGES.get(example.kind, "yml"),
                example.text,
                "```",
                "",
            ]
    lines += ["Checked:", "", f"    {rule.query}", *_conditions(rule), ""]
    if rule.source:
        lines += [f"Source: {rule.source}."]
    return "\n".join(lines).rstrip() + "\n"


_LANGUAGES = {"go": "go", "nginx": "nginx", "sysctl": "ini"}


def _conditions(rule: Rule) -> list[str]:
    if rule.field_required:
        return [f"    has {rule.field_required}"]
    when = [f"    when {rule.when_text}"] if rule.when_text else []
    return [*when, f"    {rule.check_text}"]


def _under(example: Example) -> str:
    load = ", ".join(f"{name} = {value:g}" for name, value in example.load.items())
    return f" ({load})" if load else ""
