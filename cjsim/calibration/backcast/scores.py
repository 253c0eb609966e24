"""A back-cast judged: published and simulated by quarter, and the error beside naive forecasts.

Everybody forecasts from the same evening, the `origin`: the model from what it was calibrated on
until then; persistence says that all stays as it is; drift goes on by the mean step of the last
four quarters. The error is that of the forecast over what was published: +0.1 is 10 % too high.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from cjsim.errors import Fault, Faults
from cjsim.schema.csv_files import CellReader, read_table
from cjsim.schema.files import shown_path

Numbers = npt.NDArray[np.float64]

HORIZONS: Final = (1, 4, 8)
QUANTILES: Final = (0.05, 0.25, 0.75, 0.95)
CALIBRATED, BACKCAST, PROJECTED = "calibrated", "back-cast", "projected"
STEPS_OF_DRIFT: Final = 4
_PARTS_OF_CHANCE: Final = 40


@dataclass(frozen=True)
class Quarter:
    """One quarter end: published (NaN where nothing is), simulated mean, and its bands.

    `chance` is the standard deviation between replications as simulated, `not_known` that between
    draws of what nobody knows, the part of either in cases.
    """

    end: dt.date
    phase: str
    published: float
    simulated: float
    low90: float
    low50: float
    high50: float
    high90: float
    chance: float
    not_known: float

    @property
    def outside(self) -> bool:
        """Whether a published figure lies outside the 90 % band."""
        return not math.isnan(self.published) and not self.low90 <= self.published <= self.high90

    @property
    def error(self) -> float:
        """How far the simulated mean is above the published figure, as a share of it."""
        return self.simulated / self.published - 1.0


@dataclass(frozen=True)
class Score:
    """The error of each forecast so many quarters on, as a share of what was published."""

    quarters: int
    end: dt.date
    model: float
    persistence: float
    drift: float


def read_published(path: Path) -> dict[dt.date, float]:
    """Open cases by quarter end, as far as they are published. Raises Faults."""
    columns = ("quarter_end", "open_cases")
    rows = read_table(path, "series by quarter", columns, numbers=("open_cases",))
    cells = CellReader(path)
    found: dict[dt.date, float] = {}
    for row in rows:
        day = cells.day(row, "quarter_end")
        if row["open_cases"].strip():
            if day in found:
                cells.add(row, "quarter_end", f"{day} stands here twice.", "Keep one of the two.")
            found[day] = cells.number(row, "open_cases")
    cells.done()
    return found


def read_series(path: Path, origin: dt.date) -> dict[dt.date, float]:
    """The same of a series that can judge forecasts made on a day. Raises Faults.

    Drift is taken from the last quarters up to the origin, and errors are shares of what is open.
    """
    published = read_published(path)
    before = sum(end <= origin for end in published)
    faults = [
        Fault(
            shown_path(path), "open_cases", f"this is {number:g} on {end}.", "Write a number > 0."
        )
        for end, number in published.items()
        if not number > 0
    ]
    if before <= STEPS_OF_DRIFT:
        wrong = f"{before} quarter ends have a number up to the origin of the back-cast, {origin}."
        remedy = f"It takes {STEPS_OF_DRIFT + 1}: the forecast by drift is made from them."
        faults.append(Fault(shown_path(path), "open_cases", wrong, remedy))
    if faults:
        raise Faults(faults)
    return published


@dataclass(frozen=True)
class OnRecord:
    """A forecast that somebody published, and how far off it was: the least and the most."""

    forecast: str
    made: str
    ahead: str
    low: float
    high: float


def read_forecasts(published: Path) -> list[OnRecord]:
    """The forecasts on record beside a published series, in its name with `_forecasts`, if any.

    Raises Faults.
    """
    path = published.with_name(f"{published.stem}_forecasts{published.suffix}")
    if not path.is_file():
        return []
    errors = ("lowest_error", "highest_error")
    columns = ("forecast", "made", "ahead", *errors)
    rows = read_table(path, "table of forecasts on record", columns, numbers=errors)
    cells = CellReader(path)
    found = [
        OnRecord(
            row["forecast"],
            row["made"],
            row["ahead"],
            cells.number(row, "lowest_error"),
            cells.number(row, "highest_error"),
        )
        for row in rows
    ]
    cells.done()
    return found


def quarter_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """The last days of the calendar quarters that end from `first` to `last`."""
    ends = []
    for year in range(first.year, last.year + 1):
        for month in (4, 7, 10, 13):
            after = dt.date(year + month // 13, (month - 1) % 12 + 1, 1)
            end = after - dt.timedelta(days=1)
            if first <= end <= last:
                ends.append(end)
    return ends


def phase_of(end: dt.date, origin: dt.date, judged_to: dt.date) -> str:
    """Whether a quarter was calibrated on, is judged, or has no outcome to be judged by."""
    if end <= origin:
        return CALIBRATED
    return BACKCAST if end <= judged_to else PROJECTED


def bands(replications: Numbers, shifts: Numbers, one_in: float) -> tuple[Numbers, float, float]:
    """The quantiles of one quarter, and the two standard deviations that they are made of.

    `replications` are simulated levels that differ by chance alone; `shifts` how far each draw of
    what nobody knows moves the level, at the same luck. Where one simulated case stands for many,
    what is counted in all of them varies less by chance: their number's square root is taken out.
    """
    centre = float(replications.mean() + shifts.mean())
    chance = float(replications.std(ddof=1)) if len(replications) > 1 else 0.0
    parts = [(part + 0.5) / _PARTS_OF_CHANCE for part in range(_PARTS_OF_CHANCE)]
    random_streams = (
        np.array([NormalDist().inv_cdf(part) for part in parts]) * chance / math.sqrt(one_in)
    )
    levels = centre + (shifts - shifts.mean())[:, None] + random_streams[None, :]
    spread = float(shifts.std(ddof=1)) if len(shifts) > 1 else 0.0
    found: Numbers = np.quantile(levels, QUANTILES)
    return found, chance, spread


def quarters_of(
    replications: Mapping[dt.date, Numbers],
    shifts: Mapping[dt.date, Numbers],
    published: Mapping[dt.date, float],
    *,
    origin: dt.date,
    judged_to: dt.date,
    one_in: float,
) -> list[Quarter]:
    """Every quarter end that was simulated, in order."""
    found = []
    for end in sorted(replications):
        (low90, low50, high50, high90), chance, not_known = bands(
            replications[end], shifts[end], one_in
        )
        phase = phase_of(end, origin, judged_to)
        # A figure after the end of what is judged would be one that nobody is to know.
        known = published.get(end, math.nan) if phase != PROJECTED else math.nan
        mean = float(replications[end].mean() + shifts[end].mean())
        found.append(
            Quarter(
                end,
                phase,
                known,
                mean,
                float(low90),
                float(low50),
                float(high50),
                float(high90),
                chance,
                not_known,
            )
        )
    return found


def naive(
    published: Mapping[dt.date, float], origin: dt.date, quarters: int
) -> tuple[float, float]:
    """What persistence and drift say, so many quarters after the origin."""
    before = sorted(end for end in published if end <= origin)
    last = published[before[-1]]
    first = published[before[-1 - STEPS_OF_DRIFT]]
    return last, last + quarters * (last - first) / STEPS_OF_DRIFT


def scores(
    quarters: Sequence[Quarter],
    published: Mapping[dt.date, float],
    origin: dt.date,
    horizons: Sequence[int] = HORIZONS,
) -> list[Score]:
    """The errors of the model and of the naive forecasts at some horizons, where judged."""
    judged = [quarter for quarter in quarters if quarter.phase == BACKCAST]
    found = []
    for horizon in horizons:
        if horizon <= len(judged) and not math.isnan(judged[horizon - 1].published):
            one = judged[horizon - 1]
            stays, drifts = naive(published, origin, horizon)
            found.append(
                Score(
                    horizon,
                    one.end,
                    one.error,
                    stays / one.published - 1.0,
                    drifts / one.published - 1.0,
                )
            )
    return found


def mean_absolute_errors(
    quarters: Sequence[Quarter], published: Mapping[dt.date, float], origin: dt.date
) -> tuple[float, float, float]:
    """Over all quarters judged: the model's, persistence's and drift's mean absolute error."""
    count = sum(
        quarter.phase == BACKCAST and not math.isnan(quarter.published) for quarter in quarters
    )
    every = scores(quarters, published, origin, range(1, count + 1))
    if not every:
        return math.nan, math.nan, math.nan
    return (
        sum(abs(one.model) for one in every) / len(every),
        sum(abs(one.persistence) for one in every) / len(every),
        sum(abs(one.drift) for one in every) / len(every),
    )


def inside(quarters: Sequence[Quarter], phase: str) -> tuple[int, int, int]:
    """Of the published quarters of a phase: how many lie in the 50 % and in the 90 % band, of."""
    known = [one for one in quarters if one.phase == phase and not math.isnan(one.published)]
    in50 = sum(one.low50 <= one.published <= one.high50 for one in known)
    in90 = sum(one.low90 <= one.published <= one.high90 for one in known)
    return in50, in90, len(known)
