"""What an experiment says of a reform: why it should work, and what was published about it.

A published effect is held against what the model says. It is never a setting: what a scenario sets
are the levers that could have caused it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from cjsim.errors import Slip, did_you_mean
from cjsim.spec.base import Name, Real, Spec
from cjsim.spec.messages import Problem
from cjsim.spec.register import Register

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

    `began` says where and when, as published; the days and divisions of the experiment are those
    of its settings. `scenario` is the one that is the reform, the last if none is named. `costs`
    says who pays for the reform itself. `programme` marks what belonged to the area's own.
    """

    name: str = Field(min_length=1)
    rationale: str = Field(min_length=20)
    began: str = Field(min_length=4)
    grade: Grade
    source: str = Field(min_length=3)
    costs: str = Field(min_length=4)
    scenario: Name | None = None
    programme: bool = Field(default=False, strict=True)


class Published(Spec):
    """An effect that was published of a reform: a measure, which way it went, and how far.

    `says` is the claim in its own words. `group` picks a part of the measure, such as
    "division:north", `mean` or a reason. An effect without a `size` was published as a direction.
    """

    name: Name
    says: str = Field(min_length=4)
    kpi: str = Field(min_length=1)
    court: Literal["all", "magistrates", "crown"] = "all"
    group: str = ""
    direction: Direction
    size: Annotated[Real, Field(gt=0)] | None = None
    unit: SizeUnit | None = None
    grade: Grade
    source: str = Field(min_length=3)
    note: str = ""

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
                    "Give each effect a name of its own.",
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
