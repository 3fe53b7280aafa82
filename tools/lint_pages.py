"""The pages of docs/lint: one for each rule of `sim lint`, and a table of them all, from the rules themselves."""

from sim.cli.lint_load import WORDS, option_of
from sim.lint.explanation import explanation
from sim.lint.rule import BUILT_IN, FAMILIES, Rule, read_rules
from tools.markdown import code, table


def rules() -> list[Rule]:
    """The built-in rules by family and number."""
    return sorted(read_rules(BUILT_IN), key=lambda rule: (list(FAMILIES).index(rule.family), rule.id))


def lint_pages() -> dict[str, str]:
    """Each rule's page by the name of its file."""
    return {f"{rule.id}.md": explanation(rule, option_of) for rule in rules()}


def lint_table() -> str:
    """All rules, a row each."""
    rows = [
        (
            f"[{rule.id}]({rule.id}.md)", rule.name.replace("_", " "), rule.severity.word, ", ".join(rule.kinds),
            "yes" if rule.is_fixable else "", ", ".join(code(option_of(fact).removeprefix("--load ").partition("=")[0])
                                                        for fact in rule.needs),
        )
        for rule in rules()
    ]  # fmt: skip
    return table(("rule", "what it finds", "severity", "for", "fixed", "computed from"), rows)


def load_words() -> str:
    """What `--load` knows."""
    return table(("word", "what it is"), [(code(word), known.meaning) for word, known in WORDS.items()])
