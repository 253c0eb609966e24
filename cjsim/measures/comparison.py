"""Scenarios against the baseline, paired by replication: the difference, its interval, and a word.

Every scenario of an experiment has the same cases and the same random numbers, so a replication of
one is compared with the same replication of the other. The interval is Student's for paired values
(`scipy.stats.ttest_rel`), at 95 %.

Several scenarios that are compared with one baseline have more chances to differ by chance. Their
intervals are then adjusted, measure by measure, as in Holm's step-down test: of m scenarios the one
with the k-th smallest p has the interval of level 1 - 0.05 / (m - k + 1), down to the first whose
interval holds 0; those after it have that one's level. So all of a measure's verdicts together are
wrong, where there is no difference at all, in at most one experiment of twenty. `confidence` gives
the level of each interval.

The intervals are those of `cjsim.measures.intervals`: where few replications differ, or all by the
same amount, Student's does not hold. `differed` is the number of replications in which anything
differed at all.

The words:

- *better* and *worse* (*higher* and *lower* where a measure has no better direction): at least six
  replications differ, the interval excludes 0 and reaches beyond the smallest difference worth
  having, which is asked of whole measures only (see `least_worth_having`). Where all of them differ
  by the same amount there is no interval, and the sign test stands in for it.
- *no clear difference*: the interval holds 0, or all of it is smaller than is worth having.
- *no difference seen*: no replication differs. That is not known to be 0: see `most_unseen`.
- *no difference*: the scenario has the baseline's own model, so that nothing can differ.
- *too few replications*: fewer than six, of which some differ.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.measures.intervals import (
    CONFIDENCE,
    FEWEST_DIFFERING,
    excludes_zero,
    p_values,
    paired_intervals,
    without_rounding,
)
from cjsim.measures.measure_table import Key, MeasureTable
from cjsim.measures.registry import better_direction, known_measures
from cjsim.storage.plain import PlainTable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Values = npt.NDArray[np.float64]

BETTER, WORSE, HIGHER, LOWER = "better", "worse", "higher", "lower"
NO_CLEAR_DIFFERENCE, NO_DIFFERENCE = "no clear difference", "no difference"
NONE_SEEN = "no difference seen"
TOO_FEW = "too few replications"

NOT_ALWAYS_THERE = {"differed"}
"""The columns of comparison.parquet that the runs of earlier versions lack."""

WHOLE = ("", "mean", "median", "p90")
"""The groups that hold everybody: the measure itself, or three ways to sum up a length of time."""


def least_worth_having(worthwhile: Mapping[str, float], kpi: str, group: str) -> float:
    """The smallest difference worth having: as declared for the KPI, and 0 for a part of it.

    What is too little for the whole system may be much for one agency, division or reason, so the
    parts are held to 0 alone.
    """
    return worthwhile.get(kpi, 0.0) if group in WHOLE else 0.0


def unchanged_by(models: Mapping[str, object], baseline: str) -> frozenset[str]:
    """The scenarios whose resolved model is the baseline's own, so that nothing can differ."""
    same = models.get(baseline)
    return frozenset(name for name, model in models.items() if name != baseline and model == same)


def compare(
    kpis: pa.Table,
    baseline: str = "baseline",
    worthwhile: Mapping[str, float] | None = None,
    unchanged: Collection[str] = (),
) -> pa.Table:
    """Every scenario's `all`-period measures against the baseline's, sorted by scenario and KPI.

    `kpis` has the columns of kpis.parquet. `worthwhile` gives, in a KPI's own unit, the smallest
    difference of the whole measure worth having. `unchanged` names the scenarios that have the
    baseline's own model: what does not differ there is known to be 0.

    `probability_better` is the share of replications in which the scenario did better, ties counted
    half: how often a reader who lived through one such period would have seen an improvement. It is
    empty where no direction is better and where nothing differs. `probability_best` is the share in
    which it was the best of all scenarios and the baseline. `low` and `high` are empty where
    nothing can be said of the size of what was not seen: for a single replication, and where all
    differ by the same amount or not at all. `correlation` is empty where one side does not vary.
    Replications that only one side has are left out. Raises Faults for an unknown baseline or KPI.
    """
    import pyarrow as pa

    table = MeasureTable.from_kpis(kpis)
    _check(table.scenarios, baseline, worthwhile or {})
    others = sorted(name for name in table.scenarios if name != baseline)
    # With one scenario there is nothing to adjust the level of an interval for.
    judged = len(others) > 1
    tested = {scenario: _paired(table, baseline, scenario, judged=judged) for scenario in others}
    levels = _holm_levels(tested)
    best = _probabilities_best(table, baseline)
    rows = [
        {
            "scenario": scenario,
            "kpi": key[0],
            "court": key[1],
            "group": key[2],
            "period": "all",
            "unit": table.units[key[0]],
            **difference,
            "probability_best": best.get((scenario, key)),
        }
        for scenario, pairs in tested.items()
        for key, difference in _described(
            pairs, levels[scenario], worthwhile or {}, unchanged=scenario in unchanged
        )
    ]
    return pa.Table.from_pylist(rows, schema=comparison_schema())


def comparison_schema() -> pa.Schema:
    """The columns of comparison.parquet."""
    import pyarrow as pa

    words = ("scenario", "kpi", "court", "group", "period", "unit")
    numbers = ("baseline", "value", "difference", "low", "high", "per_cent", "probability_better")
    return pa.schema(
        [
            *((name, pa.string()) for name in words),
            *((name, pa.float64()) for name in numbers),
            ("n", pa.int32()),
            ("differed", pa.int32()),
            ("correlation", pa.float64()),
            ("verdict", pa.string()),
            ("confidence", pa.float64()),
            ("probability_best", pa.float64()),
        ]
    )


def _check(scenarios: Sequence[str], baseline: str, worthwhile: Mapping[str, float]) -> None:
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


@dataclass(frozen=True)
class _Pair:
    """A measure in the replications that both sides have, and the p of `p_values`."""

    before: Values
    after: Values
    p: float


def _paired(table: MeasureTable, baseline: str, scenario: str, *, judged: bool) -> dict[Key, _Pair]:
    """Every measure that both sides have, with its p where that is asked for, and NaN otherwise."""
    tested: dict[Key, _Pair] = {}
    # Measures seen in the same replications share one array, so that scipy is called once for it.
    for keys, before, after in table.pairs(baseline, scenario):
        after = without_rounding(before, after)
        p_of = p_values(before, after).tolist() if judged else [math.nan] * len(keys)
        for row, (key, p) in enumerate(zip(keys, p_of, strict=True)):
            tested[key] = _Pair(before[row], after[row], p)
    return dict(sorted(tested.items()))


def _holm_levels(tested: Mapping[str, Mapping[Key, _Pair]]) -> dict[str, dict[Key, float]]:
    """For each scenario and measure, the level of its interval among those of all scenarios.

    A scenario that does not differ at all in a measure takes no part: nothing is judged of it.
    """
    levels = {scenario: dict.fromkeys(pairs, CONFIDENCE) for scenario, pairs in tested.items()}
    by_key: dict[Key, list[tuple[float, str]]] = {}
    for scenario, pairs in tested.items():
        for key, pair in pairs.items():
            if pair.p == pair.p:
                by_key.setdefault(key, []).append((pair.p, scenario))
    for key, judged in by_key.items():
        level, stopped = CONFIDENCE, False
        for place, (p, scenario) in enumerate(sorted(judged)):
            if not stopped:
                alpha = (1 - CONFIDENCE) / (len(judged) - place)
                level, stopped = 1 - alpha, p > alpha
            levels[scenario][key] = level
    return levels


def _probabilities_best(table: MeasureTable, baseline: str) -> dict[tuple[str, Key], float]:
    """By scenario and measure, the share of replications in which it is the best of all.

    The baseline is one of them, and its share what is left of 1; those that tie share.
    """
    import numpy as np

    base = table.scenarios.index(baseline)
    others = sorted(name for name in table.scenarios if name != baseline)
    best: dict[tuple[str, Key], float] = {}
    for place, key in enumerate(table.keys):
        better = better_direction(key.kpi)
        present = table.present[:, place]
        names = [name for name in others if present[table.scenarios.index(name)].any()]
        rows = [base, *(table.scenarios.index(name) for name in names)]
        shared = present[rows].all(axis=0)
        if better == "neither" or not names or not shared.any():
            continue
        values = np.ascontiguousarray(table.values[rows, place][:, shared])
        values = without_rounding(values[0], values)
        if (values == values[0]).all() or not np.isfinite(values).all():
            continue
        wins = values == (values.max(axis=0) if better == "higher" else values.min(axis=0))
        shares = (wins / wins.sum(axis=0)).mean(axis=1)
        best.update(
            {(name, key): float(share) for name, share in zip(names, shares[1:], strict=True)}
        )
    return best


def _described(
    pairs: Mapping[Key, _Pair],
    levels: Mapping[Key, float],
    worthwhile: Mapping[str, float],
    *,
    unchanged: bool,
) -> Iterator[tuple[Key, PlainTable]]:
    """The row of every measure, its interval at its own level."""
    import numpy as np

    alike: dict[tuple[int, float], list[Key]] = {}
    for key, pair in pairs.items():
        alike.setdefault((len(pair.before), levels[key]), []).append(key)
    intervals: dict[Key, tuple[float, float]] = {}
    for (_, level), keys in alike.items():
        before = np.array([pairs[key].before for key in keys])
        after = np.array([pairs[key].after for key in keys])
        low, high = paired_intervals(before, after, level)
        intervals.update(zip(keys, zip(low, high, strict=True), strict=True))
    for key, pair in pairs.items():
        least = least_worth_having(worthwhile, key[0], key[2])
        row = _describe(key[0], pair, intervals[key], levels[key], least, unchanged=unchanged)
        yield key, {**row, "confidence": None if row["low"] is None else levels[key]}


def _describe(
    kpi: str,
    pair: _Pair,
    interval: tuple[float, float],
    confidence: float,
    worthwhile: float,
    *,
    unchanged: bool,
) -> PlainTable:
    """The row of one measure."""
    import numpy as np

    before, after = pair.before, pair.after
    differences = after - before
    differed = int(np.count_nonzero(differences))
    difference, start = float(differences.mean()), float(before.mean())
    low, high = (None if math.isnan(end) else float(end) for end in interval)
    if not differed:
        difference = 0.0
        low = high = 0.0 if unchanged else None
    better = better_direction(kpi)
    judged = _Judged(difference, low, high, differed, len(differences), confidence)
    return {
        "baseline": start,
        "value": float(after.mean()),
        "difference": difference,
        "low": low,
        "high": high,
        "per_cent": 100.0 * difference / start if start else None,
        "probability_better": _probability_better(differences, better) if differed else None,
        "n": len(differences),
        "differed": differed,
        "correlation": _correlation(before, after),
        "verdict": _verdict(judged, better, worthwhile),
    }


def _correlation(before: Values, after: Values) -> float | None:
    """Pearson's correlation; None where one side does not vary.

    Its sums are exactly rounded (`math.fsum`). Those of `numpy.corrcoef` are added up by BLAS, in
    another order on another processor, and those of `statistics.correlation` are rounded in another
    way from Python 3.12 on: both differ in the last digit.
    """
    one, other = before.tolist(), after.tolist()
    if len({*one}) == 1 or len({*other}) == 1:
        return None
    middle, centre = math.fsum(one) / len(one), math.fsum(other) / len(other)
    first, second = [x - middle for x in one], [y - centre for y in other]
    together = math.fsum(x * y for x, y in zip(first, second, strict=True))
    squares = math.fsum(x * x for x in first), math.fsum(y * y for y in second)
    spread = math.sqrt(squares[0]) * math.sqrt(squares[1])
    return max(-1.0, min(1.0, together / spread)) if spread > 0 else None


def _probability_better(differences: Values, better: str) -> float | None:
    """The share of replications in which the scenario did better, ties counted half."""
    if better == "neither":
        return None
    gains = differences if better == "higher" else -differences
    return float((gains > 0).mean() + (gains == 0).mean() / 2)


@dataclass(frozen=True)
class _Judged:
    """What a verdict rests on; `differed` of `n` replications differ."""

    difference: float
    low: float | None
    high: float | None
    differed: int
    n: int
    confidence: float


def _verdict(judged: _Judged, better: str, worthwhile: float) -> str:
    """The word for a difference."""
    low, high, same = judged.low, judged.high, judged.low is None or judged.high is None
    if not judged.differed:
        return NONE_SEEN if same else NO_DIFFERENCE
    if judged.n < FEWEST_DIFFERING:
        return TOO_FEW
    if not excludes_zero(low, high, judged.differed, judged.confidence):
        # Equal differences whose sign test is not strict enough for several scenarios.
        return TOO_FEW if same else NO_CLEAR_DIFFERENCE
    ends = (judged.difference,) if low is None or high is None else (low, high)
    if all(-worthwhile <= end <= worthwhile for end in ends):
        return NO_CLEAR_DIFFERENCE
    rose = judged.difference > 0
    if better == "neither":
        return HIGHER if rose else LOWER
    return BETTER if rose == (better == "higher") else WORSE
