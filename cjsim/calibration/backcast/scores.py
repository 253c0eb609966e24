"""Scores of a back-cast: published and simulated by quarter, with the errors of naive forecasts.

All forecasts start from the `origin`. The model uses its calibration up to that day. Persistence
keeps the last value. Drift adds the mean step of the last four quarters. An error is the forecast
over the published figure minus 1: +0.1 is 10 % too high.
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
    """A quarter end: published (NaN without a figure), simulated mean, and prediction bands.

    `chance` is the standard deviation between replications (Monte Carlo error),
    `not_known` that between parameter draws (parameter uncertainty), both in cases.
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
        """The error of the simulated mean, as a share of the published figure."""
        return self.simulated / self.published - 1.0


@dataclass(frozen=True)
class Score:
    """The error of each forecast at a horizon in quarters, as a share of the published figure."""

    quarters: int
    end: dt.date
    model: float
    persistence: float
    drift: float


def read_published(path: Path) -> dict[dt.date, float]:
    """Published open cases by quarter end. Raises Faults."""
    columns = ("quarter_end", "open_cases")
    rows = read_table(path, "series by quarter", columns, numbers=("open_cases",))
    cells = CellReader(path)
    by_quarter: dict[dt.date, float] = {}
    for row in rows:
        day = cells.day(row, "quarter_end")
        if row["open_cases"].strip():
            if day in by_quarter:
                cells.add(row, "quarter_end", f"{day} appears twice.", "Keep one of the two.")
            by_quarter[day] = cells.number(row, "open_cases")
    cells.done()
    return by_quarter


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
class RecordedForecast:
    """A published forecast with its lowest and highest error."""

    forecast: str
    made: str
    ahead: str
    low: float
    high: float


def read_forecasts(published: Path) -> list[RecordedForecast]:
    """The published forecasts in the file beside a series, with `_forecasts` in its name.

    Raises Faults.
    """
    path = published.with_name(f"{published.stem}_forecasts{published.suffix}")
    if not path.is_file():
        return []
    errors = ("lowest_error", "highest_error")
    columns = ("forecast", "made", "ahead", *errors)
    rows = read_table(path, "table of forecasts on record", columns, numbers=errors)
    cells = CellReader(path)
    forecasts = [
        RecordedForecast(
            row["forecast"],
            row["made"],
            row["ahead"],
            cells.number(row, "lowest_error"),
            cells.number(row, "highest_error"),
        )
        for row in rows
    ]
    cells.done()
    return forecasts


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
    """The phase of a quarter: calibrated on, compared, or projected without a published figure."""
    if end <= origin:
        return CALIBRATED
    return BACKCAST if end <= judged_to else PROJECTED


def bands(replications: Numbers, shifts: Numbers, one_in: float) -> tuple[Numbers, float, float]:
    """The quantiles of a quarter, and the two standard deviations behind them.

    `replications` are simulated levels that differ by random numbers alone; `shifts` is the change
    of the level by each parameter draw, with common random numbers. If one simulated case stands
    for many, the Monte Carlo error is divided by the square root of their number.
    """
    centre = float(replications.mean() + shifts.mean())
    chance = float(replications.std(ddof=1)) if len(replications) > 1 else 0.0
    parts = [(part + 0.5) / _PARTS_OF_CHANCE for part in range(_PARTS_OF_CHANCE)]
    noise = np.array([NormalDist().inv_cdf(part) for part in parts]) * chance / math.sqrt(one_in)
    levels = centre + (shifts - shifts.mean())[:, None] + noise[None, :]
    spread = float(shifts.std(ddof=1)) if len(shifts) > 1 else 0.0
    quantiles: Numbers = np.quantile(levels, QUANTILES)
    return quantiles, chance, spread


def quarters_of(
    replications: Mapping[dt.date, Numbers],
    shifts: Mapping[dt.date, Numbers],
    published: Mapping[dt.date, float],
    *,
    origin: dt.date,
    judged_to: dt.date,
    one_in: float,
) -> list[Quarter]:
    """Every simulated quarter end, in order."""
    quarters = []
    for end in sorted(replications):
        (low90, low50, high50, high90), chance, not_known = bands(
            replications[end], shifts[end], one_in
        )
        phase = phase_of(end, origin, judged_to)
        # Figures after the last day compared stay out of the back-cast.
        known = published.get(end, math.nan) if phase != PROJECTED else math.nan
        mean = float(replications[end].mean() + shifts[end].mean())
        quarters.append(
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
    return quarters


def naive_forecasts(
    published: Mapping[dt.date, float], origin: dt.date, quarters: int
) -> tuple[float, float]:
    """The forecasts of persistence and drift at a horizon in quarters."""
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
    """The errors of the model and of the naive forecasts at some horizons."""
    judged = [quarter for quarter in quarters if quarter.phase == BACKCAST]
    rows = []
    for horizon in horizons:
        if horizon <= len(judged) and not math.isnan(judged[horizon - 1].published):
            quarter = judged[horizon - 1]
            stays, drifts = naive_forecasts(published, origin, horizon)
            rows.append(
                Score(
                    horizon,
                    quarter.end,
                    quarter.error,
                    stays / quarter.published - 1.0,
                    drifts / quarter.published - 1.0,
                )
            )
    return rows


def mean_absolute_errors(
    quarters: Sequence[Quarter], published: Mapping[dt.date, float], origin: dt.date
) -> tuple[float, float, float]:
    """The mean absolute errors of model, persistence and drift over all quarters compared."""
    count = sum(
        quarter.phase == BACKCAST and not math.isnan(quarter.published) for quarter in quarters
    )
    every = scores(quarters, published, origin, range(1, count + 1))
    if not every:
        return math.nan, math.nan, math.nan
    return (
        sum(abs(score.model) for score in every) / len(every),
        sum(abs(score.persistence) for score in every) / len(every),
        sum(abs(score.drift) for score in every) / len(every),
    )


def in_bands(quarters: Sequence[Quarter], phase: str) -> tuple[int, int, int]:
    """The published quarters of a phase in the 50 % band, in the 90 % band, and in all."""
    known = [
        quarter
        for quarter in quarters
        if quarter.phase == phase and not math.isnan(quarter.published)
    ]
    in50 = sum(quarter.low50 <= quarter.published <= quarter.high50 for quarter in known)
    in90 = sum(quarter.low90 <= quarter.published <= quarter.high90 for quarter in known)
    return in50, in90, len(known)
