"""Areas side by side: what an experiment says of them, and what cannot be asked of them.

An area is a separate copy of the model at another size. It has its own random streams and shares
nothing with the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from cjsim.schema.base import Name, Real, Sourced, Spec
from cjsim.schema.files import KeyPath
from cjsim.schema.messages import Problem
from cjsim.schema.model import Model
from cjsim.schema.register import Register

if TYPE_CHECKING:
    from cjsim.schema.experiment import Experiment

ALONE: Final = (
    "precision",
    "sweep",
    "sensitivity",
    "uncertain",
    "funds",
    "ledger",
    "backcast",
    "claim",
    "reform",
)
"""The tables of an experiment that ask something of one area alone."""


class Area(Spec):
    """One area, by its size."""

    title: str = Field(min_length=1, description="what readers call it")
    size: Annotated[Real, Field(gt=0)] = Field(description="its size, in the unit of all areas")


class Areas(Sourced):
    """Areas run side by side: the model at other sizes, each with separate random streams.

    Sizes are counted in one `unit`; `base` is the model's own. Cases go with the size exactly;
    staff, cells and advocates are rounded up to whole ones, so that no area is worse staffed than
    the model for the rounding's sake; courtrooms sit as many days a year as the size says, and at
    least one a week.
    """

    unit: str = Field(min_length=1, description="what sizes are counted in, such as residents")
    base: Annotated[Real, Field(gt=0)] = Field(description="the model's own size, in that unit")
    of: dict[Name, Area] = Field(min_length=1, description="the areas, by name")

    def scale(self, name: str) -> float:
        """How many times the model an area is."""
        return self.of[name].size / self.base

    @property
    def largest_first(self) -> tuple[str, ...]:
        """Their names in the order in which they are best run: the one that takes longest first."""
        return tuple(sorted(self.of, key=lambda name: (-self.of[name].size, name)))


def check_areas(experiment: Experiment, register: Register | None) -> Iterator[Problem]:
    """A source that is not in the register, and what cannot be asked of areas side by side."""
    areas = experiment.areas
    if areas is None:
        return
    if register is not None and areas.source not in register and areas.source != "assumption":
        yield Problem(
            ("areas", "source"),
            f'"{areas.source}" is not in calibration/register.csv.',
            'Add a row that names its publication and period, or write "assumption".',
        )
    alone: list[KeyPath] = [(table,) for table in ALONE if getattr(experiment, table)]
    if experiment.run.opening is not None:
        alone.append(("run", "opening"))
    alone += [("scenarios", name, "cost") for name, one in experiment.scenarios.items() if one.cost]
    for at in alone:
        yield Problem(
            at,
            "this applies to one area, and the experiment runs several areas.",
            "Remove [areas], or use a separate experiment.",
        )


def check_areas_of(experiment: Experiment, model: Model) -> Iterator[Problem]:
    """A model whose cases stand for several cannot be taken at another size as well."""
    if experiment.areas is not None and model.sampling is not None:
        yield Problem(
            ("areas",),
            "the model simulates one case in many, and its areas would be rounded twice.",
            "Run a model that is simulated whole.",
        )
