"""What an experiment says of a reform: why it should work, and what was published about it.

A published effect is held against what the model says. It is never a setting: what a scenario sets
are the levers that could have caused it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from cjsim.errors import Slip, did_you_mean
from cjsim.schema.base import Name, Real, Spec
from cjsim.schema.messages import Problem
from cjsim.schema.register import Register
from cjsim.schema.words import CourtOrAll

Grade = Literal["A", "B", "C", "D", "F"]
GRADES: Final[dict[Grade, str]] = {
    "A": "trial or quasi-experiment",
    "B": "before and after, official statistics",
    "C": "pilot, inspection or management data",
    "D": "claim or press",
    "F": "forecast",
}
"""How firm what is known of a reform is, from the firmest on."""

Direction = Literal["rises", "falls", "does not change"]
SizeUnit = Literal["per cent", "points", "own unit"]
"""Per cent of the level before it, percentage points of a share, or the measure's own unit."""


class Reform(Spec):
    """A change that was made, or proposed, somewhere: why it should work, and how firm that is.

    The days and divisions of the experiment are those of its settings.
    """

    name: str = Field(min_length=1, description="what readers call it")
    rationale: str = Field(min_length=20, description="why it should work")
    began: str = Field(min_length=4, description="where and when it began, as published")
    grade: Grade = Field(description="how firm what is known of it is, A the firmest")
    source: str = Field(min_length=3, description="an id of the register")
    costs: str = Field(min_length=4, description="who pays for the reform itself")
    scenario: Name | None = Field(
        default=None, description="the scenario that is the reform; the last if left out"
    )
    programme: bool = Field(
        default=False, strict=True, description="whether it belonged to the area's own programme"
    )


class Published(Spec):
    """An effect that was published of a reform: a measure, which way it went, and how far."""

    name: Name = Field(description="one word for it")
    says: str = Field(min_length=4, description="the claim in its own words")
    kpi: str = Field(min_length=1, description="the measure it is about")
    court: CourtOrAll = Field(default="all", description="the court it is measured in")
    group: str = Field(
        default="", description='a part of the measure: "division:north", mean, or a reason'
    )
    direction: Direction = Field(description="which way it went")
    size: Annotated[Real, Field(gt=0)] | None = Field(
        default=None, description="how far; left out where only the direction was published"
    )
    unit: SizeUnit | None = Field(
        default=None,
        description="the size's: per cent of the level before, points of a share, or the measure's",
    )
    size_is_of_something_else: bool = Field(
        default=False,
        description="a size was published that the measure cannot be held against: the right "
        "direction alone is then no more than `partly`",
    )
    grade: Grade = Field(description="how firm it is, A the firmest")
    source: str = Field(min_length=3, description="an id of the register")
    note: str = Field(default="", description="what a reader should know of it")

    @model_validator(mode="after")
    def _a_size_has_a_unit(self) -> Self:
        if (self.size is None) != (self.unit is None):
            raise Slip(
                "a size needs its unit, and a unit a size.",
                'Write size = 10 and unit = "per cent", or leave both out.',
            )
        if self.direction == "does not change" and self.size is not None:
            raise Slip(
                "what does not change has no size.", "Leave size out, or say rises or falls."
            )
        if self.size_is_of_something_else and self.size is not None:
            raise Slip(
                "a size that is of something else is not to be compared.",
                "Leave size and unit out, or size_is_of_something_else.",
            )
        return self

    @property
    def signed(self) -> float | None:
        """The size with the sign of its direction, in its unit; None without a size."""
        if self.size is None:
            return None
        return self.size if self.direction == "rises" else -self.size

    @property
    def where(self) -> str:
        """The measure with its court and group, in one line."""
        parts = [self.kpi, self.court if self.court != "all" else "", self.group]
        return " ".join(part for part in parts if part)


def _as_list(found: object) -> object:
    return [found] if isinstance(found, Mapping) else found


PublishedEffects = Annotated[tuple[Published, ...], BeforeValidator(_as_list)]
"""One or more, each a table [[published]]."""


def check_reform(
    reform: Reform | None,
    published: tuple[Published, ...],
    scenarios: list[str],
    register: Register | None,
) -> list[Problem]:
    """Scenarios and sources that are not there, and effects that have the same name."""
    found: list[Problem] = []
    if reform is not None and reform.scenario is not None and reform.scenario not in scenarios:
        wrong = f'there is no scenario called "{reform.scenario}".'
        found.append(
            Problem(("reform", "scenario"), wrong, did_you_mean(reform.scenario, scenarios))
        )
    named: dict[str, int] = {}
    for place, one in enumerate(published):
        first = named.setdefault(one.name, place)
        if first != place:
            found.append(
                Problem(
                    ("published", place, "name"),
                    f'entry {first + 1} is called "{one.name}" as well.',
                    "Give each effect a different name.",
                )
            )
    sources = [(("reform", "source"), reform.source)] if reform is not None else []
    sources += [(("published", place, "source"), one.source) for place, one in enumerate(published)]  # type: ignore[misc]
    found += [
        Problem(
            at,
            f'"{source}" is not in calibration/register.csv.',
            "Add a row that names its publication and period, or write the id of one.",
        )
        for at, source in sources
        if register is not None and source not in register
    ]
    return found
