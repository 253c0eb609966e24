"""A difference that is known is found again: intervals hold what they promise.

The experiments are made up: paired replications whose true difference is given, some of them with
the skewed and heavy-tailed noise that counts and waits have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from cjsim.experiment.plan import Aim
from cjsim.experiment.precision import (
    Watched,
    half_widths,
    is_precise_enough,
    next_count,
)
from cjsim.measures import compare
from tests.conftest import PrintFigure

Numbers = npt.NDArray[np.float64]
Noise = Callable[[np.random.Generator, tuple[int, ...]], Numbers]

EXPERIMENTS = 1_000
LOWEST, HIGHEST = 0.935, 0.964


def compared(experiments: Sequence[dict[str, Numbers]]) -> list[list[dict[str, Any]]]:
    """The rows of `compare` for each experiment: values by scenario, shape (replications,).

    All experiments stand in one table, each as one court: `compare` judges each court by itself.
    """
    values = [
        (scenario, n, str(number), value)
        for number, scenarios in enumerate(experiments)
        for scenario, replications in scenarios.items()
        for n, value in enumerate(replications)
    ]
    scenario, replication, court, value = zip(*values, strict=True)
    same = {"kpi": "cost_gbp", "group": "", "period": "all", "unit": "GBP"}
    kpis = pa.table(
        {
            "scenario": scenario,
            "replication": pa.array(replication, pa.int32()),
            "court": court,
            "value": value,
            **{name: [text] * len(values) for name, text in same.items()},
        }
    )
    rows: list[list[dict[str, Any]]] = [[] for _ in experiments]
    for row in compare(kpis).to_pylist():
        rows[int(row["court"])].append(row)
    return rows


def normal(random_streams: np.random.Generator, shape: tuple[int, ...]) -> Numbers:
    return random_streams.normal(0, 3, shape)


def of_counts(random_streams: np.random.Generator, shape: tuple[int, ...]) -> Numbers:
    return random_streams.poisson(30, shape) - random_streams.poisson(30, shape).astype(np.float64)


def of_means(random_streams: np.random.Generator, shape: tuple[int, ...]) -> Numbers:
    """Means of forty skewed waits on either side, as a replication's mean wait is."""
    waits = random_streams.lognormal(0, 1, (2, 40, *shape)).mean(axis=1)
    difference: Numbers = waits[0] - waits[1]
    return difference


@pytest.mark.parametrize(
    ("noise", "replications"),
    [(normal, 10), (normal, 30), (of_counts, 10), (of_means, 30)],
    ids=["normal, 10", "normal, 30", "counts, 10", "means of waits, 30"],
)
def test_the_intervals_of_a_thousand_experiments_hold_the_truth_as_often_as_they_say(
    noise: Noise, replications: int, figure: PrintFigure
) -> None:
    random_streams = np.random.default_rng(20130401)
    truth = 1.5
    experiments = []
    for _ in range(EXPERIMENTS):
        before = random_streams.normal(50, 10, replications)
        after = before + truth + noise(random_streams, (replications,))
        experiments.append({"baseline": before, "reform": after})
    inside = sum(row["low"] <= truth <= row["high"] for (row,) in compared(experiments))
    figure(f"{inside / EXPERIMENTS:.1%} of {EXPERIMENTS} experiments")
    assert LOWEST <= inside / EXPERIMENTS <= HIGHEST


def test_of_five_scenarios_without_effect_any_is_called_clear_in_one_experiment_of_twenty(
    figure: PrintFigure,
) -> None:
    random_streams = np.random.default_rng(20130402)
    experiments = []
    for _ in range(EXPERIMENTS):
        before = random_streams.normal(50, 10, 12)
        scenarios = {f"s{n}": before + random_streams.normal(0, 3, 12) for n in range(5)}
        experiments.append({"baseline": before, **scenarios})
    wrong = sum(
        any(row["verdict"] in ("better", "worse") for row in rows) for rows in compared(experiments)
    )
    figure(f"{wrong} of {EXPERIMENTS} experiments")
    # 5 % of 1,000 is 50, give or take two and a half standard errors; unadjusted it would be 200.
    assert 0.5 * 50 < wrong < 50 + 2.5 * np.sqrt(47.5)


def test_those_with_an_effect_are_found_although_others_have_none(
    figure: PrintFigure,
) -> None:
    random_streams = np.random.default_rng(20130403)
    experiments = []
    for _ in range(200):
        before = random_streams.normal(50, 10, 20)
        scenarios = {
            "cheaper": before - 3 + random_streams.normal(0, 3, 20),
            "same": before + random_streams.normal(0, 3, 20),
            "dearer": before + 3 + random_streams.normal(0, 3, 20),
        }
        experiments.append({"baseline": before, **scenarios})
    found = wrong = 0
    for rows in compared(experiments):
        verdict = {row["scenario"]: row["verdict"] for row in rows}
        found += (verdict["cheaper"], verdict["dearer"]) == ("better", "worse")
        wrong += verdict["same"] != "no clear difference"
    figure(f"found in {found} of 200, called clear without one in {wrong}")
    assert found > 180
    assert wrong <= 20


def run_until_precise(differences: Numbers, aim: Aim) -> int:
    """How many of the differences an experiment would have run."""
    count = 10
    widths = half_widths(differences[: aim.most], 0.95)
    wanted = np.full(len(widths), aim.measures["cost_gbp"])
    while count < aim.most:
        one = Watched("a", ("cost_gbp", "all", ""), "GBP", widths[:count], wanted[:count])
        if is_precise_enough([one], count):
            break
        count = next_count(count, aim.most)
    return count


@pytest.mark.slow
def test_a_run_that_stops_when_it_is_precise_still_holds_the_truth(
    figure: PrintFigure,
) -> None:
    # To stop when the interval happens to be narrow costs a little of its coverage; the floor of
    # ten replications and the look-ahead keep that small.
    random_streams = np.random.default_rng(20130404)
    aim = Aim(None, {"cost_gbp": 1.0}, 200, ("cost_gbp",))
    inside, counts = 0, []
    for _ in range(EXPERIMENTS):
        differences = random_streams.normal(1.5, 3, aim.most)
        count = run_until_precise(differences, aim)
        counts.append(count)
        mean = differences[:count].mean()
        half = half_widths(differences[:count], 0.95)[-1]
        assert half <= 1.0
        inside += abs(mean - 1.5) <= half
    figure(f"{inside / EXPERIMENTS:.1%}, after {np.mean(counts):.0f} replications on average")
    assert 0.925 <= inside / EXPERIMENTS <= HIGHEST
    # (1.96 x 3 / 1)^2 = 35 would be enough if the spread were known.
    assert 35 <= np.median(counts) <= 50
