"""Which inputs a study varies, how many there are, and which it leaves as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from cjsim.experiment.designs.parameters import Factor, factor_of_value, factors_of
from cjsim.scenarios.scenario import ResolvedScenario, baseline_of
from cjsim.schema.base import Duration, Probability, Sourced
from cjsim.schema.files import KeyPath, dotted
from cjsim.schema.model import Model
from cjsim.schema.odds import OddsFactor
from cjsim.schema.parameter_paths import Changeable, sourced_values
from cjsim.storage.plain import PlainTable

EFFECTS: Final = "effect sizes"
"""What the odds factors are called in text: how strongly one thing acts on another."""

_PEOPLE: Final = ("pools", "advocates", "lists")


@dataclass(frozen=True)
class Inputs:
    """How many inputs have a range, how many of them a study varies, and what it leaves out.

    `varied` were given all replications and `tried` one only, in which they moved nothing as far as
    those that are varied. `left_out` counts the others of the model and of the scenarios, by kind.
    """

    varied: int
    with_range: int
    tried: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> PlainTable:
        """The counts as plain values."""
        return asdict(self)

    @staticmethod
    def from_json(told: object) -> Inputs | None:
        """The counts that a study tells of itself; None where it tells none."""
        if not isinstance(told, Mapping):
            return None
        try:
            left_out = {str(kind): int(count) for kind, count in told["left_out"].items()}
            return Inputs(
                int(told["varied"]), int(told["with_range"]), int(told["tried"]), left_out
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    @property
    def lines(self) -> list[str]:
        """What was varied and what was not, in sentences."""
        told = [
            f"Varied over their ranges: {self.varied} of the {self.with_range} inputs with one."
        ]
        if self.tried:
            told.append(
                f"Tried in one replication only: {self.tried} more, which moved the answer no "
                "further than chance does, or less than those shown."
            )
        if self.left_out:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self.left_out.items())
            told.append(f"Not varied, so that nothing is known of them here: {kinds}.")
        return told


def effect_sizes_of(model: Model, without: Collection[str]) -> list[Factor]:
    """The model's odds factors over their ranges, but for some paths."""
    levers = [
        factor_of_value(at, value)
        for at, value in sourced_values(model)
        if isinstance(value, OddsFactor) and dotted(at) not in without
    ]
    return [lever for lever in levers if lever is not None]


def inputs_of(
    scenarios: Mapping[str, ResolvedScenario], levers: Sequence[Factor], tried: int = 0
) -> Inputs:
    """What is varied with some levers, of all that has a range in the model and the scenarios."""
    base = baseline_of(scenarios).model
    known: dict[tuple[str | None, str], str] = {}
    for at, value in sourced_values(base):
        if value.range is not None and value.range[0] < value.range[1]:
            known[None, dotted(at)] = input_kind(at, value)
    for name, scenario in scenarios.items():
        for lever in factors_of(scenario)[0]:
            known[name, lever.path] = "settings of scenarios"
    varied = {(lever.scenario, lever.path) for lever in levers}
    missing = Counter(kind for key, kind in known.items() if key not in varied)
    if tried:
        missing[EFFECTS] -= tried
    left_out = {kind: count for kind, count in sorted(missing.items()) if count > 0}
    return Inputs(len(varied), len({*known, *varied}), tried, left_out)


def input_kind(at: KeyPath, value: Sourced) -> str:
    """What kind of number a value of the model is, in the plural."""
    if at[0] == "costs":
        return "prices"
    if isinstance(value, OddsFactor):
        return EFFECTS
    if isinstance(value, Probability):
        return "chances"
    if isinstance(value, Duration):
        return "lengths of time"
    if not isinstance(value, Changeable) or factor_of_value(at, value) is None:
        return "shares, weights and tables that cannot be scaled"
    return "numbers of staff, cells and courtrooms" if at[0] in _PEOPLE else "other numbers"
