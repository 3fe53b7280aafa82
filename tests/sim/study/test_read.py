from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sim.study.plan import plan
from sim.study.read import ByContents, Resolver, read_study
from sim.study.trial import Model, Trial
from sim.units import SECOND, Duration, FileName, InputError

STUDY = """
question: does it last?
base: scenario.yaml
arms: {short: {set: {wait: 1s}}, long: {set: {wait: 60s}}}
axes: {grid: {depth: [1, 2]}}
constraints: [depth < 9]
replications: {until: {m: 5%}, max: 8}
slo: [{metric: m, op: "<", value: 300ms}]
claims:
  - {id: C1, statement: it lasts, metric: m, arm: long, at: {depth: 2}, op: ">", value: 1m, expect: SUPPORTED}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    wait: Duration = 90 * SECOND
    depth: int = 1


def runs_nothing(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> dict[str, Any]:
    return {"summary": {}}


def a_folder(at: Path, study: str = STUDY, scenario: str = "depth: 3\n") -> Path:
    folder = at / "lasting"
    folder.mkdir()
    (folder / "study.yaml").write_text(study)
    (folder / "scenario.yaml").write_text(scenario)
    return folder


def test_a_folder_stands_for_its_study_and_names_it(tmp_path: Path) -> None:
    study = read_study(a_folder(tmp_path))

    assert (study.name, study.base, study.replications.max) == ("lasting", {"depth": 3}, 8)
    assert study.claims[0].expect == "SUPPORTED"


def test_a_wrong_value_of_an_axis_is_told_without_an_option_that_nobody_wrote(tmp_path: Path) -> None:
    study = read_study(a_folder(tmp_path, "base: scenario.yaml\naxes: {grid: {wait: [5/s]}}\n"))

    with pytest.raises(InputError, match=r"^lasting: axes: wait: 5/s is not a duration"):
        plan(study, Model(run=runs_nothing, resolve=Resolver(Wait)))


def test_a_bare_number_of_replications_will_do(tmp_path: Path) -> None:
    study = read_study(a_folder(tmp_path, "base: {depth: 4}\nreplications: 6\n"), ["seed=9"])

    assert (study.replications.number, study.seed, study.base) == (6, 9, {"depth": 4})


def test_a_resolved_trial_states_every_default_in_one_spelling(tmp_path: Path) -> None:
    model = Model(run=runs_nothing, resolve=Resolver(Wait))

    trials = plan(read_study(a_folder(tmp_path)), model)

    assert trials[-1].scenario == {"wait": "1m", "depth": 2}


WITH_FILES = """
base: ../base
arms: {other: {set: {log: arm.log}}}
axes: {grid: {depth: [1]}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    depth: int = 1
    log: FileName
    old: FileName


def a_study_with_files(at: Path) -> Path:
    (at / "base").mkdir()
    (at / "base" / "scenario.yaml").write_text("{log: base.log, old: base.log}\n")
    (at / "base" / "base.log").write_text("of the base")
    folder = a_folder(at, WITH_FILES)
    (folder / "arm.log").write_text("of the arm")
    return folder


def planned(folder: Path) -> Trial:
    model = Model(run=runs_nothing, resolve=Resolver(Logged, folder), identify=ByContents(Logged))
    (trial,) = plan(read_study(folder, (), Logged), model)
    return trial


def test_files_lie_beside_the_base_or_the_study_that_names_them(tmp_path: Path) -> None:
    folder = a_study_with_files(tmp_path)

    trial = planned(folder)

    assert trial.scenario["log"] == str(folder / "arm.log")
    assert Path(trial.scenario["old"]).resolve() == tmp_path / "base" / "base.log"


def test_a_key_goes_by_what_is_in_a_file_and_not_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    here, there = a_study_with_files(tmp_path / "a"), a_study_with_files(tmp_path / "b")
    assert planned(here).key == planned(there).key

    (there / "arm.log").write_text("of another day")

    assert planned(here).key != planned(there).key


def test_a_missing_file_of_the_base_is_named_by_the_bases_line(tmp_path: Path) -> None:
    folder = a_study_with_files(tmp_path)
    (tmp_path / "base" / "base.log").unlink()

    with pytest.raises(InputError, match=r"base/scenario.yaml:1:2: log: base.log: no such file in"):
        planned(folder)


def test_a_missing_file_of_an_arm_is_named_by_the_arm(tmp_path: Path) -> None:
    folder = a_study_with_files(tmp_path)
    (folder / "arm.log").unlink()

    with pytest.raises(InputError, match=r"lasting: arms.other: log: arm.log: no such file in"):
        planned(folder)


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ("base: {}\nclaim: []\n", r"study.yaml:2:1: claim: unknown key; did you mean claims\?"),
        ("base: {}\nreplications: 0\n", "study.yaml:2:1: replications: 0 should be greater than or equal to 1"),
        ("base: {}\nreplications: {until: {m: 0%}}\n", "study.yaml:2:.*never reached"),
        ("base: {}\nreplications: {until: {m: 5%, max: 9}, max: 8}\n", "study.yaml:2:.*max: stands in until as well"),
        ("base: {}\naxes: {grid: {a: []}}\n", "study.yaml:2:8: axes.grid: a lists no values"),
        ("base: 3\n", "study.yaml:1:1: base: is neither a path nor a scenario"),
        ("base: {}\npictures: [{chart: timeline, metric: m}]\n", "keep: a timeline needs samples"),
        ("base: {}\nconstraints: [speed > 2]\n", r"study.yaml:2:15: constraints\[?.?0\]?: speed is not an axis"),
        ("base: {}\nconstraints: [1 > 2]\n", "study.yaml:2:1: constraints: no point is left; loosen them"),
        ("base: {}\nslo:\n- {metric: m, op: <, value: 1, arm: x}\n", "study.yaml:3:32: slo.*arm: no arm is called x"),
        ("base: elsewhere.yaml\n", "elsewhere.yaml: no such file"),
    ],
)
def test_a_wrong_study_gets_one_line_with_its_place(tmp_path: Path, study: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_study(a_folder(tmp_path, study))


def test_a_wrong_override_names_the_arm(tmp_path: Path) -> None:
    study = read_study(a_folder(tmp_path, "base: {}\narms: {a: {set: {dept: 1}}}\n"))

    with pytest.raises(InputError, match=r"lasting: arms.a: .*did you mean depth\?"):
        plan(study, Model(run=runs_nothing, resolve=Resolver(Wait)))


def test_a_study_as_the_design_writes_it_is_read(tmp_path: Path) -> None:
    study = read_study(
        a_folder(
            tmp_path,
            """
name: port-exhaustion
base: {clients: {gateway: {kernel: {}}}, workloads: {checkout: {arrivals: {poisson: {rate: 1/s}}}}}
arms: {reuse_off: {set: {clients.gateway.kernel.reuse: 0}}, reuse_on: {set: {clients.gateway.kernel.reuse: 1}}}
axes: {grid: {workloads.checkout.arrivals.poisson.rate: [100/s, 200/s, 400/s, 800/s]}}
constraints: []
replications: {until: {lat_p99: 5%, max: 64}}
slo: [{metric: lat_p99, op: "<", value: 300ms}]
claims: [{id: C04, statement: "...", metric: t, arm: reuse_off, at: {rate: 800/s}, op: "<", value: 60s}]
""",
        )
    )

    assert study.replications.until == {"lat_p99": "5%"}
    assert study.replications.max == 64
    assert study.claims[0].at == {"rate": "800/s"}
