from sim.study.alias import with_keys
from sim.study.claim import Claim, Versus
from sim.study.picture import Picture
from sim.study.precision import Replications
from sim.study.slo import Objective
from sim.study.study import Study
from sim.study.vocabulary import Vocabulary

WORDS = Vocabulary(aliases={"p99": "lat_p99", "error_rate": "error_ratio"})


def test_every_place_of_a_study_may_say_a_short_name() -> None:
    study = Study(
        name="s", base={}, replications=Replications(until={"p99": "5%"}),
        claims=(Claim(id="C", statement="so", metric="p99", op="<", value=1, versus=Versus(metric="error_rate")),),
        slo=(Objective(metric="error_rate", op="<", value="1%"),), pictures=(Picture(chart="bars", metric="p99"),),
    )  # fmt: skip

    found = with_keys(study, WORDS)

    assert found.replications.until == {"lat_p99": "5%"}
    assert found.claims[0].metric == "lat_p99"
    assert found.claims[0].versus == Versus(metric="error_ratio")
    assert found.slo[0].metric == "error_ratio"
    assert found.pictures[0].metric == "lat_p99"


def test_a_model_without_short_names_leaves_the_study_as_it_is() -> None:
    study = Study(name="s", base={})

    assert with_keys(study, Vocabulary()) is study
