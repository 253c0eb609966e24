"""Scenarios against the baseline, paired by replication: the difference, its interval, and a word.

Every scenario of an experiment meets the same people with the same luck, so a replication of the
one is compared with the same replication of the other. The interval is Student's for paired values
(`scipy.stats.ttest_rel`), at 95 %.

The words: *better* and *worse* (*higher* and *lower* where a measure has no better direction) when
the interval excludes 0 and reaches beyond the smallest difference worth having, which is asked of
whole measures only (see `least_worth_having`); *no clear difference* otherwise; *no difference*
when every replication gives the same value to the last digit; *too few replications* when there is
only one, so that no interval can be given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.measures.registry import MEASURES, known_measures

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Values = np.ndarray[Any, np.dtype[np.float64]]

CONFIDENCE = 0.95
BETTER, WORSE, HIGHER, LOWER = "better", "worse", "higher", "lower"
NO_CLEAR_DIFFERENCE, NO_DIFFERENCE = "no clear difference", "no difference"
TOO_FEW = "too few replications"

Key = tuple[str, str, str]
"""KPI, court and group."""

WHOLE = ("", "mean", "median", "p90")
"""The groups that hold everybody: the measure itself, or three ways to sum up a length of time."""


def least_worth_having(worthwhile: Mapping[str, float], kpi: str, group: str) -> float:
    """The smallest difference worth having: as declared for the KPI, and 0 for a part of it.

    What is too little for the whole system may be much for one agency, division or reason, so the
    parts are held to 0 alone.
    """
    return worthwhile.get(kpi, 0.0) if group in WHOLE else 0.0


def compare(
    kpis: pa.Table, baseline: str = "baseline", worthwhile: Mapping[str, float] | None = None
) -> pa.Table:
    """Every scenario's `all`-period measures against the baseline's, sorted by scenario and KPI.

    `kpis` has the columns of kpis.parquet. `worthwhile` gives, in a KPI's own unit, the smallest
    difference of the whole measure worth having. `probability_better` is the share of replications
    in which the scenario did better, ties counted half: how often a reader who lived through one
    such period would have seen an improvement. It is empty where no direction is better and where
    nothing differs; `low` and `high` are empty for a single replication, `correlation` where one
    side does not vary.
    Replications that only one side has are left out. Raises Faults for an unknown baseline or KPI.
    """
    import pyarrow as pa

    scenarios, units = _collect(kpis)
    _check(scenarios, baseline, worthwhile or {})
    base = scenarios.pop(baseline)
    rows = [
        {
            "scenario": scenario,
            "kpi": key[0],
            "court": key[1],
            "group": key[2],
            "period": "all",
            "unit": units[key[0]],
            **difference,
        }
        for scenario, measured in sorted(scenarios.items())
        for key, difference in _differences(base, measured, worthwhile or {})
    ]
    return pa.Table.from_pylist(rows, schema=comparison_schema())


def comparison_schema() -> pa.Schema:
    """The columns of comparison.parquet."""
    import pyarrow as pa

    words = ("scenario", "kpi", "court", "group", "period", "unit")
    numbers = ("baseline", "value", "difference", "low", "high", "per_cent", "probability_better")
    return pa.schema([
        *((name, pa.string()) for name in words),
        *((name, pa.float64()) for name in numbers),
        ("n", pa.int32()), ("correlation", pa.float64()), ("verdict", pa.string()),
    ])  # fmt: skip


def _collect(kpis: pa.Table) -> tuple[dict[str, dict[Key, dict[int, float]]], dict[str, str]]:
    """Values by scenario, key and replication, and the unit of each KPI."""
    import pyarrow.compute as pc

    whole = kpis.filter(pc.equal(pc.cast(kpis["period"], "string"), "all"))
    names = pc.unique(kpis["scenario"]).to_pylist()
    scenarios: dict[str, dict[Key, dict[int, float]]] = {name: {} for name in names}
    units: dict[str, str] = {}
    columns = ("scenario", "replication", "kpi", "court", "group", "value", "unit")
    for scenario, replication, kpi, court, group, value, unit in zip(
        *(whole[name].to_pylist() for name in columns), strict=True
    ):
        scenarios[scenario].setdefault((kpi, court, group), {})[replication] = value
        units[kpi] = unit
    return scenarios, units


def _check(scenarios: Mapping[str, object], baseline: str, worthwhile: Mapping[str, float]) -> None:
    faults = [
        Fault("worthwhile", kpi, "there is no measure of this name.", did_you_mean(kpi, known))
        for kpi in worthwhile
        if kpi not in (known := known_measures())
    ]
    if baseline not in scenarios:
        suggestion = did_you_mean(baseline, sorted(scenarios))
        faults.append(Fault("baseline", baseline, "there is no scenario of this name.", suggestion))
    if faults:
        raise Faults(faults)


def _differences(
    base: Mapping[Key, Mapping[int, float]],
    measured: Mapping[Key, Mapping[int, float]],
    worthwhile: Mapping[str, float],
) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The paired difference of every measure that both sides have."""
    import numpy as np

    by_replications: dict[tuple[int, ...], list[Key]] = {}
    for key in sorted(base.keys() & measured.keys()):
        shared = tuple(sorted(base[key].keys() & measured[key].keys()))
        if shared:
            by_replications.setdefault(shared, []).append(key)
    found: dict[Key, dict[str, Any]] = {}
    # Measures seen in the same replications share one table, so that scipy is called once for it.
    for shared, keys in by_replications.items():
        before = np.array([[base[key][n] for n in shared] for key in keys], dtype=float)
        after = np.array([[measured[key][n] for n in shared] for key in keys], dtype=float)
        low, high = paired_intervals(before, after)
        for row, key in enumerate(keys):
            found[key] = _describe(
                key[0], before[row], after[row], (low[row], high[row]),
                least_worth_having(worthwhile, key[0], key[2]),
            )  # fmt: skip
    yield from sorted(found.items())


def paired_intervals(before: Values, after: Values) -> tuple[Values, Values]:
    """The 95 % interval of the mean of `after - before`, for each row over its replications.

    A row whose differences are all the same has an interval of no width; one replication has none
    (NaN).
    """
    import numpy as np
    from scipy import stats

    difference = after - before
    low = difference.mean(axis=1)
    high = low.copy()
    if difference.shape[1] < 2:
        return np.full_like(low, np.nan), np.full_like(high, np.nan)
    varies = np.ptp(difference, axis=1) > 0
    low[~varies] = high[~varies] = difference[~varies, 0]
    if varies.any():
        # Two columns that nearly agree make scipy warn of cancellation; the interval is right.
        with np.errstate(all="ignore"):
            test = stats.ttest_rel(after[varies], before[varies], axis=1)
            interval = test.confidence_interval(CONFIDENCE)
        low[varies], high[varies] = interval.low, interval.high
    return low, high


def _describe(
    kpi: str, before: Values, after: Values, interval: tuple[float, float], worthwhile: float
) -> dict[str, Any]:
    """The row of one measure."""
    import numpy as np

    differences = after - before
    same = not differences.any()
    alone = len(differences) == 1
    difference, start = float(differences.mean()), float(before.mean())
    low, high = (None, None) if alone and not same else (float(interval[0]), float(interval[1]))
    if same:
        low = high = difference = 0.0
    better = MEASURES[kpi].better if kpi in MEASURES else "neither"
    correlation = None
    if np.ptp(before) > 0 and np.ptp(after) > 0:
        correlation = float(np.corrcoef(before, after)[0, 1])
    return {
        "baseline": start,
        "value": float(after.mean()),
        "difference": difference,
        "low": low,
        "high": high,
        "per_cent": 100.0 * difference / start if start else None,
        "probability_better": None if same else _probability_better(differences, better),
        "n": len(differences),
        "correlation": correlation,
        "verdict": NO_DIFFERENCE if same else _verdict(low, high, better, worthwhile),
    }


def _probability_better(differences: Values, better: str) -> float | None:
    """The share of replications in which the scenario did better, ties counted half."""
    if better == "neither":
        return None
    gains = differences if better == "higher" else -differences
    return float((gains > 0).mean() + (gains == 0).mean() / 2)


def _verdict(low: float | None, high: float | None, better: str, worthwhile: float) -> str:
    """The word for an interval."""
    if low is None or high is None:
        return TOO_FEW
    if low <= 0 <= high or (-worthwhile <= low and high <= worthwhile):
        return NO_CLEAR_DIFFERENCE
    rose = low > 0
    if better == "neither":
        return HIGHER if rose else LOWER
    return BETTER if rose == (better == "higher") else WORSE
