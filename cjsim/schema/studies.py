"""What an experiment file may say of studies: sweeps, sensitivity, and parameter uncertainty.

The paths are checked against the model when a study is run.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from cjsim.errors import Slip, did_you_mean
from cjsim.schema.base import Day, Flag, Name, Real, Spec
from cjsim.schema.messages import Problem

MOST_POINTS: Final = 2_000


class Axis(Spec):
    """One value that a sweep varies: at given values, or over a range in steps.

    `from` and `area` are those of a scenario's setting. A length of time is given by its median,
    mean or fixed length, as the model gives it. A table needs `factor` or `each`.
    """

    values: tuple[Real, ...] = Field(default=(), description="the values to take")
    low: Real | None = Field(default=None, description="the lowest value, in place of values")
    high: Real | None = Field(default=None, description="the highest value")
    steps: int = Field(
        default=5, ge=2, le=MOST_POINTS, strict=True, description="how many values from low to high"
    )
    whole: bool = Field(
        default=False, strict=True, description="whether only whole numbers make sense"
    )
    factor: Flag = Field(
        default=False, description="whether the values are factors on what stands there"
    )
    each: Flag = Field(default=False, description="whether every entry of a table gets the value")
    from_: Day | None = Field(
        default=None,
        alias="from",
        description="the day from which it holds; the first day if left out",
    )
    area: str | None = Field(default=None, description="the division it holds in; all if left out")

    @model_validator(mode="after")
    def _either_values_or_a_range(self) -> Self:
        if self.factor and self.each:
            raise Slip(
                "factor and each contradict one another.",
                "Keep factor to multiply all entries, each to replace all of them.",
            )
        ranged = self.low is not None and self.high is not None
        if bool(self.values) == ranged or (self.low is None) != (self.high is None):
            raise Slip(
                "values or a range are wanted here.",
                "Write values = [0.5, 0.7], or low = 0.5 and high = 0.7 with steps = 5.",
            )
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise Slip(
                f"the range from {self.low:g} to {self.high:g} is the wrong way round.",
                "Write the lower bound as low.",
            )
        if self.factor and self.bounds[0] <= 0:
            raise Slip("a factor must be more than 0.", f"Correct the {self.bounds[0]:g}.")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest value."""
        if self.values:
            return min(self.values), max(self.values)
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    def levels(self) -> list[float]:
        """The values of a grid, each once, in the order in which they are given."""
        if self.values:
            found = list(self.values)
        else:
            low, high = self.bounds
            found = [low + (high - low) * step / (self.steps - 1) for step in range(self.steps)]
        return list(dict.fromkeys(self.rounded(value) for value in found))

    def at(self, share: float) -> float:
        """The value at a share of the way from the lowest to the highest."""
        low, high = self.bounds
        return self.rounded(low + (high - low) * share)

    def rounded(self, value: float) -> float:
        """A whole number if only those make sense, else twelve digits of it."""
        return float(round(value)) if self.whole else float(f"{value:.12g}")


class Sweep(Spec):
    """Values over which the model is run: all together (a grid), or as a Latin hypercube.

    They are set on top of `scenario`, or of the model as it is.
    """

    scenario: str | None = Field(
        default=None, description="on top of which scenario; the model as it is if left out"
    )
    method: Literal["grid", "latin_hypercube"] = Field(
        default="grid", description="every combination, or points spread over the ranges"
    )
    points: int | None = Field(
        default=None,
        ge=2,
        le=MOST_POINTS,
        strict=True,
        description="how many points of a Latin hypercube",
    )
    over: Annotated[dict[str, Axis], Field(min_length=1)] = Field(
        description="what is varied: the path of a value in quotes, and its values"
    )

    @model_validator(mode="after")
    def _points_for_a_hypercube(self) -> Self:
        if (self.points is None) == (self.method == "latin_hypercube"):
            raise Slip(
                "points are the number of points of a Latin hypercube.",
                'Write method = "latin_hypercube" and points = 20, or leave points out.',
            )
        if self.method == "latin_hypercube":
            for path, axis in self.over.items():
                if axis.values:
                    raise Slip(
                        "a Latin hypercube needs a range.", "Write low and high.", ("over", path)
                    )
        return self


class Varied(Spec):
    """A value of the model itself that a study varies: over its own range, or over a given one."""

    path: str = Field(description="the path of the value")
    range: tuple[Real, Real] | None = Field(
        default=None, description="the lowest and highest value; its own range if left out"
    )
    factor: Flag = Field(
        default=False, description="whether it is multiplied, as a table has to be"
    )

    @model_validator(mode="after")
    def _low_then_high(self) -> Self:
        if self.range is not None and self.range[0] >= self.range[1]:
            raise Slip("the range is the wrong way round.", "Write the lower bound first.")
        return self


def _as_varied(given: object) -> object:
    """Each by its path alone, or as a table."""
    if not isinstance(given, (list, tuple)):
        return given
    return [{"path": each} if isinstance(each, str) else each for each in given]


AlsoVaried = Annotated[
    tuple[Varied, ...],
    BeforeValidator(_as_varied, json_schema_input_type=tuple[str | Varied, ...]),
]
"""Values of the model itself: a list of their paths, or of tables with more about them."""


class Sensitivity(Spec):
    """What is varied, one after the other and together, to see what hangs on it.

    Of `scenario` (the last one, if none is named) every setting that has a range, and of the model
    the values in `also` and, with `effects`, all odds factors, for the baseline and the scenario
    alike.
    """

    scenario: str | None = Field(
        default=None, description="whose settings are varied; the last one's if left out"
    )
    also: AlsoVaried = Field(default=(), description="the model's own values to vary")
    effects: Flag = Field(
        default=True, description="whether the model's odds factors are varied over their ranges"
    )


class Uncertain(Spec):
    """Draws from the ranges of the unknown values, each run with some replications.

    Drawn are the settings of all scenarios that have a range, the model's values in `also` and,
    with `effects`, all its odds factors.
    """

    also: AlsoVaried = Field(default=(), description="the model's own values to draw")
    effects: Flag = Field(
        default=True, description="whether the model's odds factors are drawn from their ranges"
    )
    draws: int = Field(
        default=50, ge=2, le=MOST_POINTS, strict=True, description="how many draws from the ranges"
    )
    replications: int = Field(
        default=5, ge=2, strict=True, description="how often each draw is run"
    )


class Claim(Spec):
    """Which published effect the size of a scenario's levers is fitted to, and how it is searched.

    `fit` names one of the effects in `published`; the others are then predicted. The size goes from
    0, the baseline, over 1, as declared, to 2, the far ends of the levers' ranges. `points` are
    those of the Latin hypercube over the ranges, `replications` those of every point.
    """

    fit: Name = Field(description="the published effect that the levers' size is fitted to")
    scenario: Name | None = Field(default=None, description="whose levers: the first one's, else")
    sizes: Annotated[
        tuple[Annotated[Real, Field(gt=0, le=2)], ...], Field(min_length=2, max_length=20)
    ] = Field(default=(0.5, 1.0, 1.5, 2.0), description="the sizes of the levers to run")
    points: int = Field(
        default=24, ge=8, le=MOST_POINTS, strict=True, description="points over the ranges"
    )
    replications: int = Field(
        default=3, ge=2, strict=True, description="how often each point is run"
    )

    @model_validator(mode="after")
    def _sizes_rise(self) -> Self:
        if list(self.sizes) != sorted(set(self.sizes)):
            raise Slip(
                "the sizes do not rise.", "Write them from small to large, each once.", ("sizes",)
            )
        return self


def check_claim(claim: Claim, scenarios: list[str], effects: list[str]) -> list[Problem]:
    """A scenario or an effect that is not there; an effect can be fitted only if it has a size."""
    found = []
    if claim.scenario is not None and claim.scenario not in scenarios:
        wrong = f'there is no scenario called "{claim.scenario}".'
        remedy = did_you_mean(claim.scenario, scenarios)
        found.append(Problem(("claim", "scenario"), wrong, remedy))
    if claim.fit not in effects:
        wrong = f'no published effect with a size is called "{claim.fit}".'
        remedy = did_you_mean(claim.fit, effects) if effects else "Add a table [[published]]."
        found.append(Problem(("claim", "fit"), wrong, remedy))
    return found
