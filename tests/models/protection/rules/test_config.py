"""Protocol rules in a scenario: both places, the article's own words, and what is refused."""

from pathlib import Path

import pytest

from models.protection.rules.action import AnnotateAction, BreakAction, ShedAction, ThrottleAction
from sim import wiring
from sim.cli.main import main
from sim.scenario.resolve import resolve
from sim.units import SECOND, InputError

ARTICLE = Path(__file__).parent / "data" / "article.yaml"
WORLD = """
services:
  orders: {{service_time: 20ms, workers: 2, queue: 4{service}}}
workloads:
  w: {{client: gw, service: orders, arrivals: {{poisson: {{rate: 300/s}}}}}}
duration: 20s
"""
RULE = """\
clients:
  gw:
    protocol_rules:
      - name: limit
        match: {match}
        action: {action}
"""
THROTTLE = '"throttle: bucket=1000, refill=50/s"'
LIMITED = ", grpc_codes: {503: RESOURCE_EXHAUSTED}, grpc_messages: {503: rate limit exceeded}"


def article(service: str = LIMITED) -> str:
    """The snippet, letter for letter, under a client."""
    snippet = ARTICLE.read_text("utf-8")
    return (
        "clients:\n  gw:\n" + "".join(f"    {line}\n" for line in snippet.splitlines()) + WORLD.format(service=service)
    )


def a_rule(match: str = "grpc-status == 8", action: str = THROTTLE) -> str:
    return RULE.format(match=match, action=action) + WORLD.format(service="")


def test_the_articles_snippet_loads_as_it_is_written() -> None:
    (rule,) = wiring.load(article()).clients["gw"].rules

    assert (rule.name, rule.match) == ("grpc-rate-limit", "grpc-status == 8 && grpc-message ~ 'rate limit'")
    assert rule.action == ThrottleAction(bucket=1000, refill=50.0)


def test_the_articles_snippet_runs_as_it_is_written() -> None:
    done = wiring.run(wiring.load(article()))

    counted = {key.rpartition(".")[2]: n for key, n in done.counters.items() if key.startswith("rule:")}
    assert done.warnings == ()
    assert counted["matched"] > 100
    assert counted["refused"] == counted["refused:rate"] == done.summary["err:throttled by rule grpc-rate-limit"]
    assert done.summary["calls_ok_per_s_last"] <= 51, "the bucket is empty by then, and 50 tokens come each second"


def test_of_a_service_that_says_nothing_a_503_is_unavailable_and_the_rule_never_acts() -> None:
    done = wiring.run(wiring.load(article(service="")))

    assert "rule:gw.grpc-rate-limit.matched" not in done.counters
    assert done.counters["rule:gw.grpc-rate-limit.asked"] == done.summary["n_calls"]


def test_both_places_are_the_same() -> None:
    under_transport = wiring.load(article())
    (rule,) = under_transport.clients["gw"].transport.protocol_rules
    text = RULE.format(match=f'"{rule.match}"', action=THROTTLE).replace("limit\n", "grpc-rate-limit\n", 1)
    under_client = wiring.load(text + WORLD.format(service=LIMITED))

    ran = [wiring.run(each).manifest["fingerprint"] for each in (under_transport, under_client)]

    assert ran[0] == ran[1]


@pytest.mark.parametrize(("action", "read"), [
    ("annotate", AnnotateAction()),
    ('"break: consecutive=3"', BreakAction(consecutive=3)),
    ("{shed: {for: 5s}}", ShedAction(for_=5 * SECOND)),
    ('"shed: for=5s"', ShedAction(for_=5 * SECOND)),
])  # fmt: skip
def test_an_action_is_a_name_a_text_or_a_mapping(action: str, read: object) -> None:
    assert wiring.load(a_rule(action=action)).clients["gw"].rules[0].action == read


def test_a_resolved_scenario_is_the_same_scenario() -> None:
    scenario = wiring.load(article())

    assert wiring.load_tree(resolve(scenario)) == scenario


RULES_AT = "clients.gw.protocol_rules"
TWO_NAMES = "[{name: a, match: 'true', action: shed}, {name: a, match: 'false', action: shed}]"
WRONG = [
    (a_rule("grpc-statsu == 8"), f"5:9: {RULES_AT}.0.match: column 1: unknown field grpc-statsu; did you"),
    (a_rule("grpc-status ="), f"5:9: {RULES_AT}.0.match: column 13: = compares nothing; write =="),
    (a_rule("3"), f"5:9: {RULES_AT}.0.match: 3 should be text"),
    (a_rule(action="{shed: {for: 0s}}"), f"6:25: {RULES_AT}.0.action.shed.for: 0s should be greater than 0s"),
    (a_rule(action='"shed: for=0s"'), f"6:9: {RULES_AT}.0.action: column 7: for: 0s should be greater than 0"),
    (a_rule(action="{throttle: {bucket: 0}}"), f"6:29: {RULES_AT}.0.action.throttle.bucket: 0 should be greater"),
    (a_rule(action="{throtle: {}}"), f"6:9: {RULES_AT}.0.action: unknown kind throtle; did you mean throttle?"),
    (a_rule(action="{shed: {fro: 1s}}"), f"6:25: {RULES_AT}.0.action.shed.fro: unknown key; did you mean for?"),
    (a_rule().replace("limit", '" "', 1), f'4:9: {RULES_AT}.0.name: " " names nothing; write a word such as rate-li'),
    (a_rule().replace("    match:", "    mach:"), f"5:9: {RULES_AT}.0.mach: unknown key; did you mean match?"),
    (article().replace("  gw:\n", "  gw:\n    protocol_rules: [{name: a, match: 'true', action: shed}]\n"),
     f"3:5: {RULES_AT}: stand under transport as well; keep them in one place"),
    (f"clients: {{gw: {{protocol_rules: {TWO_NAMES}}}}}" + WORLD.format(service=""),
     f"1:74: {RULES_AT}.1.name: a is the name of rule 0 too; give it its own"),
    (article(", grpc_codes: {503: RESOURCE}"), "10:67: services.orders.grpc_codes.503: RESOURCE is no gRPC status"),
    (article(", grpc_codes: {17: 8}"), "10:54: services.orders.grpc_codes.17: is no HTTP status; write one"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_one_line_with_the_place_and_exit_code_2(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("scenario.yaml").write_text(text, "utf-8")

    code = main(["run", "scenario.yaml"])

    line = capsys.readouterr().err.strip()
    assert code == 2
    assert f"scenario.yaml:{said}" in line
    assert "\n" not in line


def test_an_override_is_told_apart_from_the_file() -> None:
    with pytest.raises(InputError, match=r"--set clients\.gw\.protocol_rules\.0\.match=nope == 1: .*column 1: unknown"):
        wiring.load(a_rule(), ["clients.gw.protocol_rules.0.match=nope == 1"])
