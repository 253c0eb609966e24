"""Known numbers are found again: 90 % of what is left holds the truth four times in five."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from cjsim.calibration.history_matching.config import levels_of, load_calibration
from cjsim.calibration.history_matching.emulator import one_thread
from cjsim.calibration.history_matching.history import Goal, History
from cjsim.calibration.history_matching.results import fitted_indices
from cjsim.calibration.history_matching.run import CalibrationOptions, _Search, target_values
from cjsim.experiment.designs.parameters import at_levels
from cjsim.experiment.run import run_plan
from cjsim.schema.base import BASELINE
from tests.conftest import PrintFigure

Numbers = npt.NDArray[np.float64]

WEIGHTS = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -1.0], [0.3, 0.0, 1.0]])
CHANCE = 0.1


def stand_in(points: Numbers, replications: int, seed: int) -> Numbers:
    """A system whose three figures hang on three numbers, bent and with chance: (n, 3, reps)."""
    random_streams = np.random.default_rng(seed)
    means = points @ WEIGHTS.T + 0.5 * np.sin(3 * points)
    return np.asarray(
        means[:, :, None] + CHANCE * random_streams.normal(size=(*means.shape, replications))
    )


def goals_of(seen: Numbers) -> tuple[Goal, ...]:
    """What is published: means over replications, with the variance of those means."""
    means, variances = seen.mean(axis=1), seen.var(axis=1, ddof=1) / seen.shape[1]
    return tuple(
        Goal(f"g{place}", float(mean), float(mean), float(variance))
        for place, (mean, variance) in enumerate(zip(means, variances, strict=True))
    )


def found_again(truths: int) -> tuple[int, int]:
    """In how many of the ranges the truth lies, and in how many of all."""
    random_streams = np.random.default_rng(20130401)
    held = 0
    for number in range(truths):
        truth = random_streams.random((1, 3))
        goals = goals_of(stand_in(truth, 12, 1000 + number)[0])
        history = History(goals, 3, seed=number, sample=2**11)
        for wave in (1, 2):
            points = history.next_points(24) if wave == 2 else history.first_points(24)
            history.add(points, stand_in(points, 4, 10_000 * wave + number))
        low, high = history.ranges(0.9).T
        held += int(((low <= truth[0]) & (truth[0] <= high)).sum())
    return held, 3 * truths


def test_what_is_left_holds_the_truth(figure: PrintFigure) -> None:
    with one_thread():
        held, of = found_again(15)
    assert held >= 0.8 * of
    figure(f"{held} of {of} ranges of 90 % hold the truth")


@pytest.mark.slow
def test_what_is_left_holds_the_truth_a_hundred_times(figure: PrintFigure) -> None:
    with one_thread():
        held, of = found_again(100)
    assert held >= 0.8 * of
    figure(f"{held} of {of} ranges of 90 % hold the truth")


@pytest.mark.slow
def test_the_toys_own_numbers_are_found_again(
    root: Path, tmp_path: Path, figure: PrintFigure
) -> None:
    prepared = load_calibration(root / "calibration" / "toy.toml")
    fitted, axes = fitted_indices(prepared), len(prepared.factors)
    random_streams = np.random.default_rng(7)
    held = of = 0
    search = _Search(prepared, tmp_path, CalibrationOptions(say=lambda _: None), 2, None)
    with one_thread():
        first = History((), axes, seed=1).first_points(24)
        values, _ = search._simulate("w1", first, 3)
        for number in range(8):
            truth = random_streams.random(axes)
            model = at_levels(prepared.model, levels_of(prepared.factors, truth.tolist()))
            folder = tmp_path / f"truth{number}"
            folder.mkdir()
            plan = replace(
                prepared.plan, scenarios={BASELINE: model}, seed=900 + number, replications=12
            )
            runs = run_plan(plan, folder=folder, workers=2, keep_logs=False)
            seen = target_values(prepared, runs)[BASELINE][fitted]
            history = History(goals_of(seen), axes, seed=number, sample=2**12)
            history.add(first, values[:, fitted])
            second = history.next_points(16)
            more, _ = search._simulate(f"t{number}", second, 3)
            history.add(second, more[:, fitted])
            low, high = history.ranges(0.9).T
            held += int(((low <= truth) & (truth <= high)).sum())
            of += axes
    assert held >= 0.8 * of
    figure(f"{held} of {of} ranges of 90 % hold the truth")


def test_a_calibration_runs_the_days_that_it_names(root: Path) -> None:
    plan = load_calibration(root / "calibration" / "toy.toml").plan
    assert (plan.study_from, plan.study_to) == (dt.date(2013, 4, 1), dt.date(2013, 6, 30))
