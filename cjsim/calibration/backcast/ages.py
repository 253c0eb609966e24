"""The ages of open cases, simulated and published: held out, never fitted.

Both are shares of the open cases with an age, because the published bands and the published total
count differently. The bands end at half a year and a year, as in the measure.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.experiment.open_ages import Band
from cjsim.schema.backcast import Backcast
from cjsim.schema.base import BASELINE

HALF_A_YEAR, A_YEAR = 182.0, 365.0
AGES: Final[dict[str, tuple[tuple[str, ...], float, float]]] = {
    "up to half a year": (("up_to_3_months", "3_to_6_months"), 0.0, HALF_A_YEAR),
    "half a year to a year": (("6_to_12_months",), HALF_A_YEAR, A_YEAR),
    "over a year": (("over_12_months",), A_YEAR, math.inf),
}
"""For each age band its groups of the measure, and its first and last day."""


@dataclass(frozen=True)
class AgeShare:
    """The share of open cases in an age band on a day: published, and simulated."""

    end: dt.date
    age: str
    published: float
    simulated: float
    low: float
    high: float


def published_shares(bands: Sequence[Band]) -> dict[str, float]:
    """The share of each age band among published cases."""
    total = sum(band.cases for band in bands)
    return {
        age: sum(band.cases for band in bands if low <= band.from_days < high) / total
        for age, (_, low, high) in AGES.items()
    }


def age_shares(
    kpis: pa.Table, settings: Backcast, published: dict[dt.date, list[Band]]
) -> list[AgeShare]:
    """The shares on every simulated day with published ages, up to the last day compared."""
    shares_by_day = []
    for end, bands in sorted(published.items()):
        if end > settings.judged_to:
            continue
        levels = {age: _levels(kpis, settings, end, groups) for age, (groups, _, _) in AGES.items()}
        totals = np.sum(list(levels.values()), axis=0)
        if not len(totals) or not totals.all():
            continue
        shares = published_shares(bands)
        for age, cases in levels.items():
            share = cases / totals
            shares_by_day.append(
                AgeShare(
                    end,
                    age,
                    shares[age],
                    float(share.mean()),
                    float(share.min()),
                    float(share.max()),
                )
            )
    return shares_by_day


def _levels(
    kpis: pa.Table, settings: Backcast, end: dt.date, groups: Sequence[str]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Open cases of some groups at the end of a month, by replication."""
    mask = pc.equal(kpis.column("scenario"), BASELINE)
    for column, value in (
        ("kpi", settings.kpi),
        ("court", settings.court),
        ("period", end.isoformat()[:7]),
    ):
        mask = pc.and_(mask, pc.equal(kpis.column(column), value))
    by_replication: dict[int, float] = {}
    for row in kpis.filter(mask).select(["group", "replication", "value"]).to_pylist():
        if row["group"] in groups:
            number = row["replication"]
            by_replication[number] = by_replication.get(number, 0.0) + row["value"]
    return np.array([by_replication[number] for number in sorted(by_replication)])
