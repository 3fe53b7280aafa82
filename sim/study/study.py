"""A study file: a base scenario, what is varied, and what is claimed about the results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge

from sim.quantity.expression import is_true, names_in
from sim.study.arm import ONLY_ARM, Arm
from sim.study.axis import Axes, Point, short_names
from sim.study.cell import Cell
from sim.study.claim import Claim
from sim.study.design import kind_of
from sim.study.mentions import check_mentions
from sim.study.picture import Picture
from sim.study.precision import Replications
from sim.study.reference import among_axes, is_reference
from sim.study.results import Replicated, Results
from sim.study.shorthand import NumberOr
from sim.study.slo import Objective
from sim.study.stability import Stability, check_stability
from sim.study.tuning import Tuning
from sim.study.verdict import Comparisons
from sim.units import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What is run, what is varied and what is asked."""

    name: str = ""
    """By default the name of the file's folder."""
    question: str = ""
    """What the study answers, in a sentence."""
    base: Any
    """A scenario's path, relative to the study file, or the scenario itself."""
    arms: dict[str, Arm] = field(default_factory=dict)
    """Name to overrides; without any the base is the only arm, called base."""
    axes: Axes = Axes()
    """The points that every arm visits."""
    constraints: tuple[str, ...] = ()
    """Conditions over the axes' short names; a point for which one is false is dropped."""
    replications: Annotated[Replications, NumberOr("number")] = Replications()
    """A number, or {until: {metric: 5%}, max: 64}."""
    seed: Annotated[int, Ge(0)] = 1
    """Root seed of every trial: arms see the same random inputs."""
    keep: Literal["summary", "samples"] = "summary"
    """samples: keep each trial's levels over time too, as timelines need."""
    slo: tuple[Objective, ...] = ()
    """Objectives; a missed one makes the exit code 1."""
    tune: Tuning | None = None
    """What `sim tune` searches; `sim sweep` leaves it alone."""
    claims: tuple[Claim, ...] = ()
    """Statements with the verdict known to be right."""
    stability: Stability | None = None
    """Whether the system of each arm and point is stable, vulnerable or metastable, along the size of what happens."""
    comparisons: Comparisons = "holm"
    """holm: all claims together are wrong with 5 %; none: each is, so of twenty claims one may be."""
    pictures: tuple[Picture, ...] = ()
    """Charts of the report."""

    def __post_init__(self) -> None:
        if not isinstance(self.base, str | dict):
            raise ValueError("base: is neither a path nor a scenario")
        if self.keep != "samples" and any(picture.chart == "timeline" for picture in self.pictures):
            raise ValueError("keep: a timeline needs samples; write keep: samples")
        if self.constraints and (design := self.axes.design()) is not None:
            raise ValueError(f"constraints: a {kind_of(design)} sample is whole or tells nothing; narrow its ranges")
        try:
            self.check_names()
        except InputError as error:  # as of every class here: the loader adds the file and the line
            raise ValueError(str(error).removeprefix(f"{self.name}: ")) from None

    def all_arms(self) -> Mapping[str, Arm]:
        """The arms; the base alone where none is declared."""
        return self.arms or {ONLY_ARM: Arm()}

    def points(self) -> list[Point]:
        """The points that the constraints leave, by path, in the order written.

        Raises
        ------
        ValueError
            Where a constraint cannot be worked out, or none is left.
        """
        axes = {name: path for path, name in self.short_names().items()}
        try:
            points = [among_axes(point, axes) for point in self.axes.points()]
        except ValueError as error:
            raise ValueError(f"axes: {error}") from None
        points = [point for point in points if self._is_kept(self.named(point))]
        if not points:
            raise ValueError("constraints: no point is left; loosen them")
        return points

    def named(self, point: Point) -> Point:
        """The point under its axes' short names."""
        names = self.short_names()
        return {names[path]: value for path, value in point.items()}

    def short_names(self) -> Mapping[str, str]:
        """Each axis's path to the name that it goes by."""
        return short_names(self.axes.paths())

    def check_names(self, cells: Sequence[Cell] = ()) -> None:
        """Raise InputError where claims, objectives or pictures name an arm, an axis or a point that is not there.

        Without cells they are those of the study as written; where a point refers to the scenario, its plan has them.
        """
        points = [self.named(point) for point in self.points()]
        if not cells and any(is_reference(point) for point in points):
            return
        cells = cells or [
            Cell(arm=arm, point=point, scenario={}, seed=0, version="") for arm in self.all_arms() for point in points
        ]
        empty = Results(self.name, [Replicated(cell, ()) for cell in cells])
        if self.stability is not None:
            check_stability(self.stability, empty)
        check_mentions(empty, claims=self.claims, slo=self.slo, pictures=self.pictures)

    def _is_kept(self, point: Point) -> bool:
        for i, condition in enumerate(self.constraints):
            hidden = [name for name in names_in(condition) if is_reference(point.get(name))]
            if hidden:
                raise ValueError(
                    f"constraints.{i}: {hidden[0]} follows from the scenario; constraints see the axes alone"
                )
            try:
                if not is_true(condition, point):
                    return False
            except ValueError as error:
                raise ValueError(f"constraints.{i}: {error}") from None
        return True
