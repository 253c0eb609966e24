"""The intervals of lumpy and rare differences hold the truth, and the guide says how often."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cjsim
from cjsim.measures.intervals import (
    excludes_zero,
    most_unseen,
    p_values,
    paired_intervals,
    sign_p,
)
from tests.conftest import ROOT, PrintFigure
from tests.recovery.coverage import COUNTS, HEADINGS, cells, holds, students

Numbers = npt.NDArray[np.float64]

LEAST = 0.93
GUIDE = ROOT / "docs" / "intervals.md"


def test_the_intervals_hold_the_truth_in_each_class_and_the_guide_says_how_often(
    figure: PrintFigure,
) -> None:
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"| {' | '.join(HEADINGS)} |") + 2
    for line, cell in zip(lines[start:], cells(), strict=False):
        kind, count, *numbers = (text.strip(" %") for text in line.strip("|").split("|"))
        assert (kind, int(count)) == (cell.kind, cell.count)
        assert cell.held >= LEAST, f"{kind}, {count}: {cell.held:.1%}"
        assert cell.lowest >= LEAST, f"{kind}, {count}: {cell.lowest:.1%} of one shape"
        found = (
            100 * cell.students,
            cell.students_width,
            100 * cell.held,
            100 * cell.lowest,
            100 * cell.unknown,
            cell.width,
        )
        # As printed; another version of numpy may draw others, which differ by chance.
        assert [float(number) for number in numbers] == pytest.approx(found, abs=1.5, rel=0.03)
        figure(f"{kind}, {count} replications: {cell.held:.1%}, before {cell.students:.1%}")
    assert lines[start + 9] == "", "the guide has nine lines"


def test_a_spread_out_difference_has_students_own_interval() -> None:
    random_streams = np.random.default_rng(20130407)
    before = random_streams.normal(50, 10, (200, 8))
    after = before + random_streams.normal(1, 3, (200, 8))
    for ours, his in zip(paired_intervals(before, after), students(before, after), strict=True):
        assert ours == pytest.approx(his, rel=1e-12)


@given(
    st.lists(st.sampled_from([0.0, 0.0, 1.0, -0.5, 3.0]), min_size=2, max_size=25),
    st.sampled_from([0.9, 0.95, 0.99]),
)
def test_an_interval_has_a_width_and_no_direction_comes_from_fewer_than_six_that_differ(
    differences: list[float], confidence: float
) -> None:
    after = np.array([differences])
    before = np.zeros_like(after)
    (low,), (high,) = paired_intervals(before, after, confidence)
    differed = int(np.count_nonzero(after))
    if len({*differences}) == 1:
        assert math.isnan(low)
        assert math.isnan(high)
    else:
        assert low < after.mean() < high
        (his_low,), (his_high,) = students(before, after)
        if confidence == 0.95:
            assert low <= his_low + 1e-12
            assert his_high <= high + 1e-12
        if 0 < differed < 6 and differed < len(differences):
            assert low <= 0 <= high
    if differed < 6:
        assert not excludes_zero(low, high, differed, confidence)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 1.0, 1.0, 1.5, 2.0, -0.5]), min_size=6, max_size=25),
    st.floats(0.0005, 0.3),
)
def test_an_interval_excludes_zero_just_where_its_p_says_so(
    differences: list[float], alpha: float
) -> None:
    after = np.array([differences])
    before = np.zeros_like(after)
    (p,) = p_values(before, after)
    (low,), (high,) = paired_intervals(before, after, 1 - alpha)
    if math.isnan(low) or abs(p / alpha - 1) < 1e-6:
        return
    assert (low > 0 or high < 0) == (p <= alpha)


def test_what_was_never_seen_may_be_as_frequent_as_the_rule_of_three_says() -> None:
    assert most_unseen(10) == pytest.approx(0.2589, abs=1e-4)
    assert most_unseen(59) < 0.05 < most_unseen(58)
    assert [sign_p(count) for count in (1, 5, 6)] == [1.0, 0.0625, 0.03125]


# --- a real run -----------------------------------------------------------------------------


def classes_of(difference: Numbers) -> dict[str, npt.NDArray[np.bool_]]:
    """Rows by how many of their pairs differ, and how many are alike; not those that never do."""
    differs = (difference != 0).mean(axis=1)
    alike = np.array(
        [np.unique(np.round(row, 9), return_counts=True)[1].max() for row in difference]
    )
    lumpy = alike / difference.shape[1] > 0.25
    rare = differs < 0.2
    return {
        "smooth": ~rare & ~lumpy,
        "lumpy": ~rare & lumpy,
        "rare": rare & (differs > 0),
    }


def resampled(before: Numbers, after: Numbers, kind: str, count: int) -> tuple[float, float, float]:
    """Coverage of Student's, coverage of ours where given, and the share without one.

    Some pairs are drawn, and their interval is held against the mean of all others. That is not
    quite the truth: for its own error both intervals are widened, by sqrt(1 + drawn / others).
    """
    random_streams = np.random.default_rng(20130408)
    mine = classes_of(after - before)[kind]
    before, after = before[mine], after[mine]
    wider = math.sqrt(1 + count / (before.shape[1] - count))
    old, new, given_in = [], [], []
    for _ in range(60):
        order = random_streams.permutation(before.shape[1])
        drawn, others = order[:count], order[count:]
        truth = (after - before)[:, others].mean(axis=1)
        for method, found in ((students, old), (paired_intervals, new)):
            low, high = method(before[:, drawn], after[:, drawn])
            middle, half = (low + high) / 2, (high - low) / 2 * wider
            found.append(holds(middle - half, middle + half, truth))
        given_in.append(np.isfinite(low))
    given_there = np.array(given_in)
    return (
        float(np.mean(old)),
        float(np.array(new)[given_there].mean()),
        float(1 - given_there.mean()),
    )


def paired_values(kpis: pa.Table, scenario: str) -> tuple[Numbers, Numbers]:
    """The whole period's measures of the baseline and a scenario, (measures, replications)."""
    whole = kpis.filter(pc.equal(pc.cast(kpis["period"], "string"), "all")).to_pylist()
    sides: dict[str, dict[tuple[str, str, str], dict[int, float]]] = {}
    for row in whole:
        key = (row["kpi"], row["court"], row["group"])
        sides.setdefault(row["scenario"], {}).setdefault(key, {})[row["replication"]] = row["value"]
    count = max(len(values) for values in sides["baseline"].values())
    keys = [
        key
        for key in sides["baseline"]
        if all(len(side.get(key, {})) == count for side in (sides["baseline"], sides[scenario]))
    ]
    before, after = (
        np.array([[sides[name][key][n] for n in range(count)] for key in keys], dtype=np.float64)
        for name in ("baseline", scenario)
    )
    return before, after


@pytest.mark.slow
def test_the_intervals_of_a_real_run_hold_the_mean_of_its_other_replications(
    tmp_path: Path, figure: PrintFigure
) -> None:
    text = (ROOT / "experiments" / "first_question.toml").read_text(encoding="utf-8")
    text = text.replace("to = 2014-03-31", "to = 2013-06-30").replace("../models", f"{ROOT}/models")
    (tmp_path / "short.toml").write_text(text, encoding="utf-8")
    folder = cjsim.run(tmp_path / "short.toml", replications=120, out=tmp_path / "runs")
    kpis = cjsim.read_results(folder).kpis
    sides = [paired_values(kpis, name) for name in ("ready_files", "more_trial_days")]
    before, after = (np.concatenate([side[at] for side in sides]) for at in (0, 1))
    for kind in ("smooth", "lumpy", "rare"):
        for count in COUNTS:
            old, held, unknown = resampled(before, after, kind, count)
            figure(f"{kind}, {count}: {held:.1%}, none in {unknown:.0%}; Student's {old:.1%}")
            assert held >= LEAST, f"{kind}, {count} replications: {held:.1%}"
