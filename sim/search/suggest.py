"""Settings to try next, by Optuna's tree-structured Parzen estimator. It knows neither trials nor stores."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from sim.quantity.ends import number_and_unit
from sim.study.span import Span
from sim.units import InputError

_VIOLATIONS = "violations"


class Suggester:
    """Asked for settings and told what they cost; equal seeds, asked and told in one order, suggest the same.

    References
    ----------
    J. Bergstra et al., Algorithms for Hyper-Parameter Optimization, NeurIPS 24 (2011); for constraints
    S. Watanabe and F. Hutter, c-TPE, IJCAI 2023. Of a batch, those still out count as bad (constant liar).
    """

    def __init__(self, spans: Mapping[str, Span], seed: int) -> None:
        optuna = _optuna()
        self._spans = spans
        self._out: list[Any] = []
        with warnings.catch_warnings():
            # the other way to state constraints is missing from versions that this one still takes
            warnings.simplefilter("ignore")
            sampler = optuna.samplers.TPESampler(
                seed=seed, multivariate=True, constant_liar=True, constraints_func=_violations
            )
        self._study = optuna.create_study(sampler=sampler)
        self._failed = optuna.trial.TrialState.FAIL

    def ask(self, n: int) -> list[dict[str, Any]]:
        """The next n settings, by path, as one would write them."""
        self._out = [self._study.ask() for _ in range(n)]
        return [{path: _drawn(trial, path, span) for path, span in self._spans.items()} for trial in self._out]

    def tell(self, i: int, cost: float | None, violations: Sequence[float]) -> None:
        """What the i-th of those asked for cost, and by how much it broke each objective (0 or less: kept).

        A cost of None is a setting that could not be tried.
        """
        trial = self._out[i]
        if cost is None:
            self._study.tell(trial, state=self._failed)
            return
        trial.set_user_attr(_VIOLATIONS, list(violations))
        self._study.tell(trial, cost)


def _violations(trial: Any) -> Sequence[float]:
    found: Sequence[float] = trial.user_attrs.get(_VIOLATIONS, ())
    return found


def _drawn(trial: Any, path: str, span: Span) -> Any:
    """Choices by their number: Optuna would compare lists and texts with one another."""
    if not span.is_range:
        return span.values[trial.suggest_categorical(path, list(range(len(span.values))))]
    if span.is_whole:
        return trial.suggest_int(path, span.values[0], span.values[1], log=span.is_log)
    return rounded(span.at(trial.suggest_float(path, 0.0, 1.0)))


def rounded(value: Any) -> Any:
    """Three digits: a setting that somebody will write into a configuration."""
    number, unit = number_and_unit(value)
    short = float(f"{number:.3g}")
    return f"{short:.12g}{unit}" if unit else short


def _optuna() -> Any:
    """Optuna, which takes a second to import and is an extra."""
    try:
        import optuna
    except ImportError:
        raise InputError("sim tune needs Optuna; install it: pip install 'transport-sim[tune]'") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
