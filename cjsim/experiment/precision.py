"""How many replications: add more until every watched difference is precise enough and stays so.

The confidence-interval method of Hoad, Robinson and Davies (2010): after each few replications the
half-width of every watched difference is looked at; when all are small enough it must hold for some
replications more, for a small sample can look precise by chance. A difference that has not been
seen is not known to be 0: see `half_widths`. The answer depends on the values of the replications
in their order alone, so that any number of workers comes to the same.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.kpi_tables import with_scenario_columns
from cjsim.experiment.plan import Aim, Plan
from cjsim.experiment.replication import Replication
from cjsim.measures.comparison import WHOLE
from cjsim.measures.intervals import (
    CONFIDENCE,
    most_unseen,
    paired_intervals,
    without_rounding,
)
from cjsim.measures.measure_table import Key, MeasureTable
from cjsim.measures.registry import known_measures
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.precision import FEWEST_REPLICATIONS, Precision

Numbers = npt.NDArray[np.float64]
STEP: Final = 5
"""Replications that are added at a time."""

LOOK_AHEAD: Final = 5
"""For so many replications more the precision must hold; beyond 100, for as many per cent."""


RARE: Final = 0.05
"""A share of replications that a difference must be rarer than before it need not be waited for."""


@dataclass(frozen=True)
class Watched:
    """One watched difference: how far the replications in their order have come.

    `half_widths` and `wanted` hold one number for each replication from the first on: what the
    interval's half-width is, and was to be, if it were the last one.
    """

    scenario: str
    key: Key
    unit: str
    half_widths: Numbers
    wanted: Numbers

    @property
    def reached(self) -> npt.NDArray[np.bool_]:
        """After which replications it is precise enough."""
        return self.half_widths <= self.wanted


def aim_of(experiment: Experiment, of_baseline: float | None = None) -> Aim | None:
    """What an experiment asks for, `of_baseline` in the place of its own share. Raises Faults."""
    asked = experiment.precision
    if of_baseline is not None:
        own = {} if asked is None else asked.model_dump()
        asked = Precision.model_validate({**own, "of_baseline": of_baseline})
    if asked is None:
        return None
    watched = tuple(dict.fromkeys([*experiment.report.watch, *asked.measures]))
    if not watched:
        wrong = "nothing is watched that could be precise."
        remedy = 'Name measures in the table [report], such as watch = ["open_cases"].'
        raise Faults([Fault(shown_path(experiment.path), "report.watch", wrong, remedy, "report")])
    return Aim(asked.of_baseline, dict(asked.measures), asked.most_replications, watched)


def unknown_precision_measures(experiment: Experiment, jurisdiction: str | None) -> list[Fault]:
    """Faults for unknown measures in the table of the wanted precision."""
    known = known_measures(jurisdiction)
    return [
        Fault(
            shown_path(experiment.path),
            f"precision.measures.{name}",
            f'there is no measure called "{name}".',
            did_you_mean(name, known),
            "precision",
        )
        for name in (experiment.precision.measures if experiment.precision else ())
        if name not in known
    ]


def first_count(experiment: Experiment) -> int:
    """How many replications to begin with: those of the file if it says, never too few."""
    said = "replications" in experiment.run.model_fields_set
    return max(FEWEST_REPLICATIONS, experiment.run.replications if said else 0)


def is_precise_enough(found: Sequence[Watched], count: int) -> bool:
    """Whether the first `count` replications settle it: precise at one, and ever since."""
    held = 0
    for number in range(FEWEST_REPLICATIONS, count + 1):
        precise = all(one.reached[number - 1] for one in found)
        held = held + 1 if precise else 0
    return held > look_ahead(count - held + 1)


def look_ahead(count: int) -> int:
    """For how many replications more the precision that `count` of them have must hold."""
    return LOOK_AHEAD if count <= 100 else LOOK_AHEAD * count // 100


def next_count(count: int, most: int) -> int:
    """How many replications to look at next."""
    return min(count + STEP, most)


def watched_differences(
    runs: Sequence[Replication], scenarios: Sequence[str], aim: Aim
) -> list[Watched]:
    """Every watched difference that the aim says something of.

    `scenarios` begins with the baseline. Whole measures are watched, not their parts; a measure of
    both courts together where there is one. With several scenarios the half-widths are those of
    intervals that hold together (Bonferroni), which no Holm-adjusted one exceeds.
    """
    table = watched_table(runs, aim.watched)
    baseline, *others = scenarios
    confidence = 1 - (1 - CONFIDENCE) / max(1, len(others))
    found = []
    for scenario in others:
        shared = set(table.keys_of(baseline)) & set(table.keys_of(scenario))
        for key in whole_measures(shared, aim.watched):
            before, after = table.series(baseline, key), table.series(scenario, key)
            wanted = _wanted(aim, key[0], before)
            if wanted is not None:
                half = half_widths(without_rounding(before, after) - before, confidence)
                found.append(Watched(scenario, key, table.units[key[0]], half, wanted))
    return found


def half_widths(differences: Numbers, confidence: float) -> Numbers:
    """After each replication, half of the width of the interval of the mean so far.

    Shape (replications,) both. It is the interval that a comparison would give: Student's, or a
    wider one where few have differed (`cjsim.measures.intervals`). Infinite after the first, and
    while all have differed by the same amount or not at all, for then nothing is known of what
    another would do; 0 once so many have that fewer than one in twenty would do anything else (the
    rule of three: 59). Replications without a value (NaN) change nothing.
    """
    from scipy.special import stdtrit

    half = np.full(len(differences), math.inf)
    for place in range(1, len(differences)):
        there = differences[: place + 1]
        there = there[np.isfinite(there)]
        if len(there) < 2:
            continue
        if there.all() and len(np.unique(there)) == len(there):
            # All differ, each by another amount: Student's, without a test of every replication.
            error = there.std(ddof=1) / math.sqrt(len(there))
            half[place] = float(stdtrit(len(there) - 1, (1 + confidence) / 2)) * error
            continue
        low, high = paired_intervals(np.zeros((1, len(there))), there[None, :], confidence)
        if np.isfinite(low[0]):
            half[place] = (high[0] - low[0]) / 2
        elif most_unseen(len(there)) <= RARE:
            half[place] = 0.0
    return half


def precision_reached(plan: Plan, runs: Sequence[Replication]) -> dict[str, object] | None:
    """What was asked and what came of it, as the manifest keeps it; None if nothing was asked."""
    if plan.aim is None:
        return None
    found = watched_differences(runs, list(plan.models), plan.aim)
    count = 1 + max(run.replication for run in runs)
    return {
        "asked": plan.aim.as_json(),
        "reached": is_precise_enough(found, count),
        # Of a measure that is 0 in the baseline, or has no value, no share can be asked.
        "not_asked": sorted(set(plan.aim.watched) - {one.key[0] for one in found}),
        "differences": [
            {
                "scenario": one.scenario,
                "kpi": one.key[0],
                "court": one.key[1],
                "group": one.key[2],
                "unit": one.unit,
                "half_width": _finite(one.half_widths[-1]),
                "wanted": float(one.wanted[-1]),
                "reached": bool(one.reached[-1]),
            }
            for one in found
        ],
    }


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def watched_table(
    runs: Sequence[Replication], watched: Sequence[str], also: Collection[Key] = ()
) -> MeasureTable:
    """The watched measures of the whole period; `also` names parts of measures that are wanted.

    Parts of a measure are left out but for those.
    """
    names = pa.array([*watched, *(key[0] for key in also)], pa.string())
    groups = pa.array([*WHOLE, *(key[2] for key in also)], pa.string())
    parts = []
    for run in runs:
        kpis = run.kpis.filter(pc.equal(run.kpis.column("period"), "all"))
        kpis = kpis.filter(pc.is_in(kpis.column("kpi"), names))
        kpis = kpis.filter(pc.is_in(kpis.column("group"), groups))
        parts.append(with_scenario_columns(kpis, run.scenario, 0, run.replication))
    table = MeasureTable.from_kpis(
        pa.concat_tables(parts), list(dict.fromkeys(run.scenario for run in runs))
    )
    return table.only([key for key in table.keys if key.group in WHOLE or key in also])


def whole_measures(keys: Iterable[Key], watched: Sequence[str]) -> list[Key]:
    """The keys to watch, in that order: both courts together where there are, else each court."""
    found: list[Key] = []
    for kpi in watched:
        of_kpi = sorted(key for key in keys if key[0] == kpi)
        found += [key for key in of_kpi if key[1] == "all"] or of_kpi
    return found


def _wanted(aim: Aim, kpi: str, before: Numbers) -> Numbers | None:
    """The half-width asked for after each replication; None where nothing is asked."""
    if kpi in aim.measures:
        return np.full(len(before), aim.measures[kpi])
    if aim.of_baseline is None:
        return None
    there = np.isfinite(before)
    level = np.cumsum(np.where(there, before, 0.0)) / np.maximum(np.cumsum(there), 1)
    # Of a measure that is 0 in the baseline no share can be asked.
    return None if not level.any() else aim.of_baseline * np.abs(level)
