"""A file of `calibration/fits/`: published figures on one length of time, and the families to fit.

Every number must appear in the row of the evidence register that it names, in its value or its
note: only published numbers are fitted.
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
from cjsim.calibration.fitting.model_selection import Data, Figure
from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.schema.base import Flag, Name, Real, Spec
from cjsim.schema.files import dotted, read_toml, shown_path
from cjsim.schema.register import Register, register_near

Kind = Literal["mean", "median", "quantile", "share_at_zero", "share_above", "open_share_above"]

USUAL_TOLERANCE: Final = 0.05
"""The default tolerance, as a share of the figure."""

ASSUMPTION: Final = "assumption"

_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")


class PublishedFigure(Spec):
    """One published number: its value (or the values of several periods), row and tolerance.

    Several values stand for their mean, with half their range as the tolerance if it is larger.
    An assumed figure has source = "assumption" and the two ends of its range.
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
                f"a {self.kind} needs at.",
                "Add at = 0.9 for the 90th percentile, or at = 28 for the share above 28.",
            )
        if not needs_at and self.at is not None:
            raise Slip(f"a {self.kind} takes no at.", "Leave out at.")
        if not all(math.isfinite(value) and value >= 0 for value in self.values) or not self.values:
            raise Slip("the value must be 0 or more.", "Change it.", ("value",))
        if self.source == ASSUMPTION and len(self.values) != 2:
            raise Slip(
                "an assumed figure needs its range.", "Write value = [low, high].", ("value",)
            )
        if self.kind in ("share_at_zero", "share_above", "open_share_above"):
            if any(value > 1 for value in self.values):
                raise Slip("a share must be from 0 to 1.", "Write 0.41 for 41 %.", ("value",))
        elif min(self.values) == 0:
            raise Slip(
                f"a {self.kind} of 0 is only a share completed at once.",
                'Write kind = "share_at_zero", value = 0.5, at_least = true for a median of 0.',
                ("value",),
            )
        return self

    @property
    def values(self) -> tuple[float, ...]:
        """All values."""
        return self.value if isinstance(self.value, tuple) else (self.value,)

    def figure(self) -> Figure:
        """The figure in the form of the fit."""
        value = sum(self.values) / len(self.values)
        half_range = (max(self.values) - min(self.values)) / 2.0
        # A share of 0.006 known to 5 % would outweigh all else; no figure is that exact.
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
            raise Slip(
                "counts must be 0 or more, and at least one above 0.", "Change them.", ("counts",)
            )
        return self

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lower ends, upper ends and counts. A first edge of 0 includes cases completed at once.

        For open cases the lower end 0 is the age 0.
        """
        edges = np.array(self.edges, dtype=float)
        if len(edges) == len(self.counts):
            edges = np.append(edges, np.inf)
        low = np.where(edges[:-1] <= 0.0, -1.0, edges[:-1])
        return low, edges[1:], np.array(self.counts, dtype=float)


class FitFile(Spec):
    """Published figures on one length of time, and the families to fit."""

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
            raise Slip("the file has no figure.", "Add [[figure]], [histogram] or [open_ages].")
        return self

    def data(self) -> Data:
        """All figures and counts in the form of the fit."""
        low, high, count = self.histogram.ends() if self.histogram else (np.empty(0),) * 3
        ages = self.open_ages.ends() if self.open_ages else (np.empty(0),) * 3
        weight = min(
            [
                min(1.0, counts.weigh_as / sum(counts.counts))
                for counts in (self.histogram, self.open_ages)
                if counts and counts.weigh_as
            ],
            default=1.0,
        )
        return Data(
            tuple(figure.figure() for figure in self.figure),
            low,
            high,
            count,
            age_low=ages[0],
            age_high=ages[1],
            age_count=ages[2],
            weight=weight,
        )

    def sources(self) -> list[str]:
        """The rows of the register that the file names, in order, without repeats."""
        named = [figure.source for figure in self.figure]
        named += [counts.source for counts in (self.histogram, self.open_ages) if counts]
        return list(dict.fromkeys(named))

    def numbers(self) -> Iterator[tuple[tuple[str | int, ...], str, float]]:
        """Every published number with its key in the file and its row of the register."""
        for index, figure in enumerate(self.figure):
            for value in figure.values if figure.source != ASSUMPTION else ():
                yield ("figure", index, "value"), figure.source, value
        for name, counts in (("histogram", self.histogram), ("open_ages", self.open_ages)):
            if counts is not None:
                for value in counts.counts:
                    yield (name, "counts"), counts.source, value


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
    """The problem and its fix if the row lacks the number, as itself or in per cent."""
    row = register.get(source)
    if row is None:
        wrong = f'the register has no figure "{source}".'
        return wrong, did_you_mean(source, list(register))
    text = f"{row.get('value') or ''} {row.get('note') or ''}"
    numbers = {float(text_number.replace(",", "")) for text_number in _NUMBER.findall(text)}
    if any(math.isclose(value, number) or math.isclose(100 * value, number) for number in numbers):
        return None
    wrong = f'the figure "{source}" of the register does not contain {value:g}.'
    return wrong, "Write what was published, or put the figure into the register first."
