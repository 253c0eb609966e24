"""A file of `calibration/fits/`: what is published of one length of time, and the laws to try.

Every number in it must stand in the row of the evidence register that it names, in its value or in
its note, so that nothing is fitted that nobody published.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from cjsim.calibration.fitting.distributions import FAMILY_NAMES, FamilyName
from cjsim.calibration.fitting.model_selection import Figure, Known
from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.schema.base import Flag, Name, Real, Spec
from cjsim.schema.files import dotted, read_toml, shown_path
from cjsim.schema.register import Register, register_near

Kind = Literal["mean", "median", "quantile", "share_at_zero", "share_above", "open_share_above"]

USUAL_TOLERANCE: Final = 0.05
"""How far off a figure may be, as a share of it, where the file does not say."""

ASSUMPTION: Final = "assumption"

_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")


class PublishedFigure(Spec):
    """One number of a length: its value (or the values of several periods), its row, its tolerance.

    Several values stand for their mean, and their half range is the tolerance when it is larger.
    What nobody published may be assumed: source = "assumption", and the two ends of its range.
    """

    kind: Kind
    value: Real | tuple[Real, ...]
    at: Real | None = None
    tolerance: Annotated[Real, Field(gt=0)] = USUAL_TOLERANCE
    at_least: Flag = False
    held_out: Flag = False
    source: Name

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        needs_at = self.kind in ("quantile", "share_above", "open_share_above")
        if needs_at and self.at is None:
            raise Slip(
                f"a {self.kind} needs to say where.",
                "Add at = 0.9 for the 90th percentile, or at = 28 for the share above 28.",
            )
        if not needs_at and self.at is not None:
            raise Slip(f"a {self.kind} has no place.", "Leave out at.")
        if not all(math.isfinite(one) and one >= 0 for one in self.values) or not self.values:
            raise Slip("the value must be 0 or more.", "Mend it.", ("value",))
        if self.source == ASSUMPTION and len(self.values) != 2:
            raise Slip(
                "an assumed figure needs its range.", "Write value = [low, high].", ("value",)
            )
        if self.kind in ("share_at_zero", "share_above", "open_share_above"):
            if any(one > 1 for one in self.values):
                raise Slip("a share must be from 0 to 1.", "Write 0.41 for 41 %.", ("value",))
        elif min(self.values) == 0:
            raise Slip(
                f"a {self.kind} of 0 says only how many are dealt with at once.",
                'Write kind = "share_at_zero", value = 0.5, at_least = true for a median of 0.',
                ("value",),
            )
        return self

    @property
    def values(self) -> tuple[float, ...]:
        """The value, or all of them."""
        return self.value if isinstance(self.value, tuple) else (self.value,)

    def figure(self) -> Figure:
        """The figure as the fit takes it."""
        value = sum(self.values) / len(self.values)
        half_range = (max(self.values) - min(self.values)) / 2.0
        # A share of 0.006 known to 5 % would outweigh all else; nothing here is known that well.
        least = 0.005 if self.kind.endswith("above") or self.kind == "share_at_zero" else 0.0
        at = 0.5 if self.kind == "median" else self.at
        return Figure(
            "quantile" if self.kind == "median" else self.kind,
            value,
            max(self.tolerance * value, half_range, least),
            math.nan if at is None else at,
            at_least=self.at_least,
            held_out=self.held_out,
            source=self.source,
        )


class PublishedCounts(Spec):
    """Counts by interval: of completed cases by the time they took, or of open cases by age.

    `edges` has one number more than `counts`; leave out the last for "and more".
    """

    edges: tuple[Real, ...] = Field(min_length=2)
    counts: tuple[Real, ...] = Field(min_length=2)
    weigh_as: Annotated[Real, Field(gt=0)] | None = None
    source: Name

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(self.edges) not in (len(self.counts), len(self.counts) + 1):
            raise Slip(
                f"{len(self.counts)} counts need {len(self.counts) + 1} edges, "
                f"not {len(self.edges)}.",
                "Leave out the last edge only where the last count is of that and more.",
                ("edges",),
            )
        if any(high <= low for low, high in zip(self.edges, self.edges[1:], strict=False)):
            raise Slip("the edges must rise.", "Put them in order.", ("edges",))
        if min(self.counts) < 0 or sum(self.counts) <= 0:
            raise Slip("counts must be 0 or more, and some more.", "Mend them.", ("counts",))
        return self

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lower ends, upper ends and counts. A first edge of 0 takes in cases dealt with at once.

        Of open cases the lower end 0 is the age 0.
        """
        edges = np.array(self.edges, dtype=float)
        if len(edges) == len(self.counts):
            edges = np.append(edges, np.inf)
        low = np.where(edges[:-1] <= 0.0, -1.0, edges[:-1])
        return low, edges[1:], np.array(self.counts, dtype=float)


class FitFile(Spec):
    """What is published of one length of time, and the laws to try on it."""

    title: str = Field(min_length=1)
    what: str = Field(min_length=1)
    unit: Literal["minutes", "hours", "days"]
    candidates: tuple[FamilyName, ...] = FAMILY_NAMES
    at_once: Flag = False
    caution: str = ""
    figure: tuple[PublishedFigure, ...] = ()
    histogram: PublishedCounts | None = None
    open_ages: PublishedCounts | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.figure or self.histogram or self.open_ages):
            raise Slip("no figure is given.", "Add [[figure]], [histogram] or [open_ages].")
        return self

    def known(self) -> Known:
        """All of it as the fit takes it."""
        low, high, count = self.histogram.ends() if self.histogram else (np.empty(0),) * 3
        ages = self.open_ages.ends() if self.open_ages else (np.empty(0),) * 3
        weight = min(
            [
                min(1.0, given.weigh_as / sum(given.counts))
                for given in (self.histogram, self.open_ages)
                if given and given.weigh_as
            ],
            default=1.0,
        )
        return Known(
            tuple(one.figure() for one in self.figure),
            low,
            high,
            count,
            age_low=ages[0],
            age_high=ages[1],
            age_count=ages[2],
            weight=weight,
        )

    def sources(self) -> list[str]:
        """The rows of the register that it rests on, in order, each once."""
        named = [one.source for one in self.figure]
        named += [one.source for one in (self.histogram, self.open_ages) if one]
        return list(dict.fromkeys(named))

    def numbers(self) -> Iterator[tuple[tuple[str | int, ...], str, float]]:
        """Every published number with its place in the file and the row that it must stand in."""
        for place, figure in enumerate(self.figure):
            for value in figure.values if figure.source != ASSUMPTION else ():
                yield ("figure", place, "value"), figure.source, value
        for name, given in (("histogram", self.histogram), ("open_ages", self.open_ages)):
            if given is not None:
                for value in given.counts:
                    yield (name, "counts"), given.source, value


def load_fit_file(path: Path, register: Register | None = None) -> FitFile:
    """Read and check a fit file against the register near it. Raises Faults with every fault."""
    shown = shown_path(path)
    if not path.is_file():
        wrong = "this is a folder." if path.is_dir() else "there is no such file."
        raise Faults([Fault(shown, "", wrong, "Name a file of calibration/fits/.")])
    document = read_toml(path)
    if isinstance(document, Fault):
        raise Faults([document])
    try:
        file = FitFile.model_validate(document.data)
    except ValidationError as error:
        raise Faults(_faults(shown, error)) from error
    register = register if register is not None else register_near(path.parent)
    if register is None:
        wrong = "no calibration/register.csv lies above this file."
        raise Faults([Fault(shown, "", wrong, "Keep fit files below the register.")])
    faults = [
        Fault(shown, dotted(at), *slip)
        for at, source, value in file.numbers()
        if (slip := _not_in_register(register, source, value))
    ]
    if faults:
        raise Faults(faults)
    return file


def _faults(shown: str, error: ValidationError) -> Iterator[Fault]:
    for slip in error.errors():
        raised = slip.get("ctx", {}).get("error")
        if isinstance(raised, Slip):
            yield Fault(shown, dotted((*slip["loc"], *raised.at)), raised.wrong, raised.remedy)
        else:
            yield Fault(shown, dotted(slip["loc"]), f"{slip['msg']}.")


def _not_in_register(register: Register, source: str, value: float) -> tuple[str, str] | None:
    """What is wrong when the row does not hold the number, as itself or in per cent."""
    row = register.get(source)
    if row is None:
        wrong = f'the register has no figure "{source}".'
        return wrong, did_you_mean(source, list(register))
    text = f"{row.get('value') or ''} {row.get('note') or ''}"
    held = {float(found.replace(",", "")) for found in _NUMBER.findall(text)}
    if any(math.isclose(value, one) or math.isclose(100 * value, one) for one in held):
        return None
    wrong = f'the figure "{source}" of the register does not hold {value:g}.'
    return wrong, "Write what was published, or put the figure into the register first."
