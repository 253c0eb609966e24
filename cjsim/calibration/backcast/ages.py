"""How old the open cases are, simulated and published: held out, never fitted.

Both are shares of the open cases that have an age, because the published bands and the published
total count differently. The measure's bands end at half a year and a year, and so do these.
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
"""For each age its groups of the measure, and the days from which and up to which it reaches."""


@dataclass(frozen=True)
class AgeShare:
    """The share of open cases of one age on one day: published, simulated mean, least and most."""

    end: dt.date
    age: str
    published: float
    simulated: float
    low: float
    high: float


def published_shares(bands: Sequence[Band]) -> dict[str, float]:
    """The share of each age among the cases of some published bands."""
    whole = sum(band.cases for band in bands)
    return {
        age: sum(band.cases for band in bands if low <= band.from_days < high) / whole
        for age, (_, low, high) in AGES.items()
    }


def age_shares(
    kpis: pa.Table, asked: Backcast, published: dict[dt.date, list[Band]]
) -> list[AgeShare]:
    """Every day for which ages are published, that was simulated and may be looked at."""
    found = []
    for end, bands in sorted(published.items()):
        if end > asked.judged_to:
            continue
        levels = {age: _levels(kpis, asked, end, groups) for age, (groups, _, _) in AGES.items()}
        whole = np.sum(list(levels.values()), axis=0)
        if not len(whole) or not whole.all():
            continue
        shares = published_shares(bands)
        for age, cases in levels.items():
            share = cases / whole
            found.append(
                AgeShare(
                    end,
                    age,
                    shares[age],
                    float(share.mean()),
                    float(share.min()),
                    float(share.max()),
                )
            )
    return found


def _levels(
    kpis: pa.Table, asked: Backcast, end: dt.date, groups: Sequence[str]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Open cases of some groups at the end of a month, by replication."""
    mask = pc.equal(kpis.column("scenario"), BASELINE)
    for column, value in (
        ("kpi", asked.kpi),
        ("court", asked.court),
        ("period", end.isoformat()[:7]),
    ):
        mask = pc.and_(mask, pc.equal(kpis.column(column), value))
    by_replication: dict[int, float] = {}
    for row in kpis.filter(mask).select(["group", "replication", "value"]).to_pylist():
        if row["group"] in groups:
            number = row["replication"]
            by_replication[number] = by_replication.get(number, 0.0) + row["value"]
    return np.array([by_replication[number] for number in sorted(by_replication)])
