"""Sobol' indices: Saltelli's design over levers and groups of levers, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

RESAMPLES: Final = 200


def sample_size(runs: int, levers: int, replications: int, *, own: bool) -> int:
    """The largest power of two for which Saltelli's design stays within so many runs; 0 if none."""
    variants = runs // replications - 2
    size = variants // ((levers + 2) * (2 if own else 1))
    return 0 if size < 1 else 1 << (size.bit_length() - 1)


@dataclass(frozen=True)
class Group:
    """Levers that change their sample together, so that they have one index: their places."""

    name: str
    places: tuple[int, ...]


def sobol_shares(size: int, groups: Sequence[Group], seed: int) -> dict[str, Numbers]:
    """The points of Saltelli's design by name: A, B, and A with the columns of B of each group.

    Each has the shape (size, levers): shares of the way over the ranges.
    """
    from scipy.stats import qmc

    levers = sum(len(group.places) for group in groups)
    points = qmc.Sobol(2 * levers, scramble=True, seed=np.random.default_rng(seed)).random(size)
    a, b = points[:, :levers], points[:, levers:]
    found = {"a": a, "b": b}
    for number, group in enumerate(groups, start=1):
        mixed = a.copy()
        mixed[:, list(group.places)] = b[:, list(group.places)]
        found[f"ab{number:03d}"] = mixed
    return found


def sobol_of(a: Numbers, b: Numbers, mixed: Sequence[Numbers]) -> list[dict[str, float]]:
    """First-order and total indices of each lever, with 95 % bootstrap intervals.

    `a` and `b` hold the outcome at the points of both samples, `mixed` that of A with one column of
    B, for each lever. The bootstrap draws from a stream of its own, the same each time.
    """
    first, total = _sobol(a, b, mixed)
    random_streams = np.random.default_rng(len(a))
    drawn: list[tuple[Numbers, Numbers]] = []
    while len(drawn) < RESAMPLES:
        places = random_streams.integers(0, len(a), len(a))
        if np.ptp(np.concatenate([a[places], b[places]])) > 0:
            drawn.append(_sobol(a[places], b[places], [each[places] for each in mixed]))
    firsts, totals = (np.array([pair[which] for pair in drawn]) for which in (0, 1))
    return [
        {
            "first_order": float(first[place]),
            "first_order_low": float(np.quantile(firsts[:, place], 0.025)),
            "first_order_high": float(np.quantile(firsts[:, place], 0.975)),
            "total_order": float(total[place]),
            "total_order_low": float(np.quantile(totals[:, place], 0.025)),
            "total_order_high": float(np.quantile(totals[:, place], 0.975)),
        }
        for place in range(len(mixed))
    ]


def _sobol(a: Numbers, b: Numbers, mixed: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    from scipy.stats import sobol_indices

    found = sobol_indices(
        func={"f_A": a[None, :], "f_B": b[None, :], "f_AB": np.array(mixed)[:, None, :]},
        n=len(a),
    )
    return np.atleast_1d(found.first_order.squeeze()), np.atleast_1d(found.total_order.squeeze())
