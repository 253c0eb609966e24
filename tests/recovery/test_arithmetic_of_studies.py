"""The arithmetic of studies alone, on functions and variances that are known."""

from __future__ import annotations

import numpy as np
import pytest

from cjsim.experiment.designs.sensitivity import break_even
from cjsim.experiment.designs.sobol import Group, sample_size, sobol_of, sobol_shares
from cjsim.experiment.designs.uncertainty import shares_best, two_uncertainties
from tests.conftest import PrintFigure


def test_indices_of_a_function_from_the_books_are_found(figure: PrintFigure) -> None:
    """Ishigami's, whose indices are known: 0.3139, 0.4424 and 0 alone, 0.2437 in the third."""

    def ishigami(shares: np.ndarray) -> np.ndarray:
        x = (2 * shares - 1) * np.pi
        return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    points = sobol_shares(2048, [Group(name, (place,)) for place, name in enumerate("abc")], seed=1)
    a, b, *mixed = (ishigami(points[name]) for name in ("a", "b", "ab001", "ab002", "ab003"))
    found = sobol_of(a, b, mixed)
    assert [one["first_order"] for one in found] == pytest.approx([0.3139, 0.4424, 0], abs=0.03)
    assert [one["total_order"] for one in found] == pytest.approx(
        [0.5576, 0.4424, 0.2437], abs=0.03
    )
    assert found == sobol_of(a, b, mixed), "the bootstrap too"
    alone = ", ".join(f"{one['first_order']:.4f}" for one in found)
    figure(f"{alone} of {len(points['a']):,} points, known 0.3139, 0.4424, 0")


def test_the_index_of_a_group_is_what_hangs_on_all_of_it_together() -> None:
    """Of a sum of independent parts a group's share is the sum of its members' shares."""
    weights = np.array([1.0, 2.0, 3.0, 0.5])
    groups = [Group("alone", (0,)), Group("three together", (1, 2, 3))]
    points = sobol_shares(1024, groups, seed=3)
    assert set(points) == {"a", "b", "ab001", "ab002"}
    a, b, *mixed = (points[name] @ weights for name in ("a", "b", "ab001", "ab002"))
    alone, together = sobol_of(a, b, mixed)
    share = float((weights[1:] ** 2).sum() / (weights**2).sum())
    assert together["total_order"] == pytest.approx(share, abs=0.03)
    assert together["first_order"] == pytest.approx(share, abs=0.03)
    assert alone["total_order"] == pytest.approx(1 - share, abs=0.03)


@pytest.mark.parametrize(
    ("runs", "levers", "replications", "own", "size"),
    [
        (1000, 3, 4, False, 32),
        (1000, 3, 4, True, 16),
        (12, 3, 4, False, 0),
        (5000, 8, 1, False, 256),
    ],
)
def test_the_design_stays_within_the_runs_allowed(
    runs: int, levers: int, replications: int, own: bool, size: int
) -> None:
    found = sample_size(runs, levers, replications, own=own)
    assert found == size
    variants = 2 + found * (levers + 2) * (2 if own else 1)
    assert not found or variants * replications <= runs


@pytest.mark.parametrize(
    ("levels", "differences", "level"),
    [
        ((0, 5, 10), (-1, 0.5, 2), 10 / 3),
        ((0, 5, 10), (1, 2, 3), None),
        ((0, 5, 10), (0, 2, 3), 0),
        ((0, 5, 10), (1, 1, 0), 10),
        ((0, 5, 10), (0, 0, 0), None),
        ((0, 6, 10), (-4, 2, -4), 6 + 4 / 3),  # of two, the nearer to the middle
    ],
)
def test_break_even_is_where_the_lines_cross_nought(
    levels: tuple[float, ...], differences: tuple[float, ...], level: float | None
) -> None:
    found = break_even(levels, differences)
    assert found == (level if level is None else pytest.approx(level))


def test_variances_that_are_known_are_told_apart(figure: PrintFigure) -> None:
    random_streams = np.random.default_rng(11)
    draws = random_streams.normal(5, 3, (400, 1))
    found = two_uncertainties(draws + random_streams.normal(0, 2, (400, 6)))
    assert found["not_known"] == pytest.approx(3, rel=0.08)
    assert found["chance"] == pytest.approx(2, rel=0.05)
    assert found["share_not_known"] == pytest.approx(9 / 13, abs=0.05)
    # The same luck in all draws moves all of them: it hides nothing of what is not known.
    shared = two_uncertainties(
        draws + random_streams.normal(0, 9, (1, 6)) + random_streams.normal(0, 2, (400, 6))
    )
    assert shared["not_known"] == pytest.approx(3.0, rel=0.15)
    assert shared["chance"] is not None
    assert shared["chance"] > 4.0
    only_chance = two_uncertainties(random_streams.normal(0, 2, (400, 6)))
    assert only_chance["not_known"] == pytest.approx(0, abs=0.35)
    figure(f"not known {found['not_known']:.2f}, true 3; chance {found['chance']:.2f}, true 2")


def test_the_best_option_follows_the_measures_direction() -> None:
    means = {"baseline": np.array([1.0, 2, 3]), "a": np.array([0.0, 2, 4])}
    fewer = {row["option"]: row["best_in"] for row in shares_best(means, "open_cases")}
    assert fewer == pytest.approx({"baseline": 0.5, "a": 0.5})
    more = shares_best(means, "early_guilty_plea_rate")
    assert more[1]["better_than_baseline_in"] == pytest.approx(1 / 3)
    assert shares_best(means, "police_charged_share") == []
