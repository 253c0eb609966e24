"""One paired difference between a scenario and the baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from cjsim.measures.comparison import NO_CLEAR_DIFFERENCE, NONE_SEEN, least_worth_having
from cjsim.storage.plain import PlainRow


@dataclass(frozen=True)
class Difference:
    """A scenario's paired difference from the baseline: means, 95% interval and verdict.

    `differed` of `n` replications differ at all. `low` and `high` are NaN where there is no
    interval: for one replication, and where all differ by the same amount or not at all.

    `judged` says whether the experiment declares a smallest difference worth having for it. Where
    it does not, a verdict of better or worse gives the direction only.
    """

    scenario: str
    kpi: str
    court: str
    group: str
    unit: str
    baseline: float
    value: float
    difference: float
    low: float
    high: float
    per_cent: float
    n: int
    verdict: str
    judged: bool = False
    differed: int = 0

    @property
    def always_the_same(self) -> bool:
        """Whether it is one and the same difference in each of several replications, and not 0."""
        return self.n > 1 and self.differed == self.n and math.isnan(self.low)

    @property
    def never_seen(self) -> bool:
        """Whether none of several replications differs, though the scenario's model does."""
        return self.n > 1 and self.verdict == NONE_SEEN


def difference_of_row(row: PlainRow, worthwhile: Mapping[str, float]) -> Difference:
    """A row of a comparison; what it lacks is NaN or empty."""

    def number(name: str) -> float:
        return number_of(row, name)

    kpi, group = str(row["kpi"]), str(row["group"] or "")
    return Difference(
        scenario=str(row["scenario"]),
        kpi=kpi,
        court=str(row["court"]),
        group=group,
        unit=str(row.get("unit") or ""),
        baseline=number("baseline"),
        value=number("value"),
        difference=number("difference"),
        low=number("low"),
        high=number("high"),
        per_cent=number("per_cent"),
        n=int(row.get("n") or 0),
        verdict=str(row.get("verdict") or NO_CLEAR_DIFFERENCE),
        judged=least_worth_having(worthwhile, kpi, group) > 0,
        differed=int(row.get("differed") or 0),
    )


def number_of(row: PlainRow, name: str) -> float:
    """A number of a row, NaN where there is none."""
    value = row.get(name)
    return math.nan if value is None else float(value)
