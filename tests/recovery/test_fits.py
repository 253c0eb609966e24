"""Known laws are found again: from cases drawn from them, and from simulated cases cut off."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from pathlib import Path

import numpy as np
import pytest

from cjsim.calibration.fitting.disclosure import ProtectedTable, protect
from cjsim.calibration.fitting.distributions import FAMILIES, FAMILY_NAMES
from cjsim.calibration.fitting.example import write_example
from cjsim.calibration.fitting.extract_reader import Spell, read_extract
from cjsim.calibration.fitting.fit import fit_extract
from cjsim.calibration.fitting.model_selection import fit_family, select_distribution
from cjsim.calibration.fitting.report import Z_90
from cjsim.calibration.fitting.survival import survival
from cjsim.des.random_streams import Distribution as ModelDuration
from cjsim.schema.base import Duration
from tests.conftest import PrintFigure

DAY = 24 * 60


def model_duration(*, median: float, p90: float, at_once: float = 0.0) -> ModelDuration:
    spec = Duration(
        unit="days", median=median, p90=p90, at_once=at_once, source="truth", evidence="measured"
    )
    return ModelDuration(spec, spec)


def spells(distribution: ModelDuration, count: int, seed: int, *, seen_for: float) -> list[Spell]:
    """Cases that begin evenly over `seen_for` days and are cut off at its end, in whole days."""
    rng = np.random.default_rng(seed)
    lengths = distribution.quantile(rng.uniform(size=count)) / DAY
    begins = rng.uniform(0.0, seen_for, count)
    drawn = []
    for begin, length in zip(begins, lengths, strict=True):
        end = min(begin + length, seen_for)
        days = float(round(end - begin)) if length > 0 else 0.0
        drawn.append(Spell(days, complete=begin + length <= seen_for, group=""))
    return drawn


def table_of(cases: list[Spell]) -> ProtectedTable:
    table = protect(cases, "days")
    assert table is not None
    return table


def covered(seeds: range, *, at_once: float, seen_for: float, count: int) -> tuple[int, int]:
    """How often the 90 % intervals of median and p90 cover the truth."""
    distribution = model_duration(median=40.0, p90=110.0, at_once=at_once)
    medians = p90s = 0
    for seed in seeds:
        cases = spells(distribution, count, seed, seen_for=seen_for)
        fit = fit_family(table_of(cases).data(), FAMILIES["lognormal"], with_at_once=at_once > 0)
        low, high = fit.interval("median", Z_90)
        medians += low <= 40.0 <= high
        low, high = fit.interval("p90", Z_90)
        p90s += low <= 110.0 <= high
    return medians, p90s


def test_a_model_files_law_is_found_again_though_a_third_are_open(figure: PrintFigure) -> None:
    distribution = model_duration(median=40.0, p90=110.0, at_once=0.35)
    cases = spells(distribution, 4000, 3, seen_for=150.0)
    assert sum(not case.complete for case in cases) > 700
    selection = select_distribution(table_of(cases).data(), FAMILY_NAMES, with_at_once=True)
    assert selection is not None
    assert selection.chosen.distribution.family.name == "lognormal"
    rest = selection.chosen.rest
    assert rest.quantile(0.5) == pytest.approx(40.0, rel=0.07)
    assert rest.quantile(0.9) == pytest.approx(110.0, rel=0.1)
    # Of those seen long enough to be told from cases at once.
    assert selection.chosen.distribution.at_once == pytest.approx(0.35, abs=0.03)
    open_cases = sum(not case.complete for case in cases)
    found = [f"{rest.quantile(share):.1f}" for share in (0.5, 0.9)]
    figure(
        f"median {found[0]} days, true 40; 90th percentile {found[1]}, true 110; "
        f"{open_cases:,} of {len(cases):,} cases open"
    )


def test_intervals_cover_the_truth(figure: PrintFigure) -> None:
    medians, p90s = covered(range(20), at_once=0.0, seen_for=200.0, count=400)
    assert min(medians, p90s) >= 15
    figure(f"medians {medians}, 90th percentiles {p90s} of 20")


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [0.0, 0.3])
def test_ninety_per_cent_intervals_cover_the_truth_in_eighty_of_a_hundred(
    at_once: float, figure: PrintFigure
) -> None:
    medians, p90s = covered(range(100), at_once=at_once, seen_for=200.0, count=400)
    figure(f"medians {medians}, 90th percentiles {p90s} of 100")
    assert min(medians, p90s) >= 80


def test_a_mixture_is_found_again(figure: PrintFigure) -> None:
    rng = np.random.default_rng(11)
    short = rng.lognormal(math.log(2.0), 0.5, 900)
    long = rng.lognormal(math.log(50.0), 0.5, 2100)
    cases = [Spell(round(float(one)), complete=True, group="") for one in (*short, *long)]
    selection = select_distribution(table_of(cases).data(), FAMILY_NAMES)
    assert selection is not None
    share, short_median, _, long_median, long_sigma = selection.chosen.distribution.parameters
    assert (share, short_median) == pytest.approx((0.3, 2.0), rel=0.15)
    assert (long_median, long_sigma) == pytest.approx((50.0, 0.5), rel=0.06)
    medians = f"medians {short_median:.2f} and {long_median:.1f} days, true 2 and 50"
    figure(f"share {share:.3f}, true 0.3; {medians}")


@pytest.fixture(scope="module")
def example(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of the toy area's cases as an extract."""
    path = tmp_path_factory.mktemp("example") / "cases.csv"
    write_example(path, toy, seed=5)
    return path


def test_the_programs_own_example_is_read_as_pandas_writes_it_back(
    example: Path, tmp_path: Path
) -> None:
    with example.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["crown_trial_days"] += ".0" if row["crown_trial_days"] else ""
        for name in ("custody_arrived", "custody_left"):
            row[name] += ":00" if row[name] else ""
    again = tmp_path / "again.csv"
    with again.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert read_extract(again)[0].spells == read_extract(example)[0].spells


def test_no_length_of_the_programs_own_example_is_told_beyond_its_cases(
    example: Path, tmp_path: Path, figure: PrintFigure
) -> None:
    """A mean of 268,048 days of bail was told once: a part of the mixture never ended."""
    _, lines = fit_extract(example, out=tmp_path / "fit", as_of=dt.date(2014, 3, 31))
    bail = next(line for line in lines if line.startswith("Pre-charge bail"))
    told = [float(each.replace(",", "")) for each in re.findall(r"(?<= )\d[\d,.]*\d", bail)]
    cases = read_extract(example)[0].spells["pre_charge_bail"]
    longest = max(case.length for case in cases if case.complete)
    # The number of cases comes first, then days.
    assert max(told[1:]) < longest
    figure(bail)


def test_an_extract_cut_off_in_mid_year_tells_what_following_every_case_shows(
    example: Path, tmp_path: Path, figure: PrintFigure
) -> None:
    """The simulator knows how each case went on: the truth is all of them followed to the end."""
    cut = dt.date(2013, 9, 30)
    early = tmp_path / "early.csv"
    with (
        example.open(encoding="utf-8", newline="") as file,
        early.open("w", encoding="utf-8", newline="") as out,
    ):
        rows = csv.DictReader(file)
        writer = csv.DictWriter(out, ["bailed", "bail_ended", "ended"])
        writer.writeheader()
        truth = []
        for row in rows:
            if not row["bailed"] or dt.date.fromisoformat(row["bailed"]) > cut:
                continue
            truth.append(row)
            ends = {key: row[key] for key in ("bail_ended", "ended")}
            data = {key: day if day <= cut.isoformat() else "" for key, day in ends.items()}
            writer.writerow({"bailed": row["bailed"], **data})
    cases = read_extract(early, as_of=cut)[0].spells["pre_charge_bail"]
    open_cases = sum(not case.complete for case in cases)
    assert open_cases > 0.05 * len(cases)
    lengths = sorted(
        (dt.date.fromisoformat(row["bail_ended"]) - dt.date.fromisoformat(row["bailed"])).days
        for row in truth
        if row["bail_ended"]
    )
    assert len(lengths) > 0.95 * len(truth), "half a year on, nearly all of them have ended"
    fit = select_distribution(table_of(cases).data(), FAMILY_NAMES)
    assert fit is not None
    assert fit.chosen.distribution.mean == pytest.approx(float(np.mean(lengths)), rel=0.15)
    assert fit.chosen.distribution.quantile(0.5) == pytest.approx(
        float(np.median(lengths)), rel=0.15
    )
    assert survival(cases).quantile(0.5) == pytest.approx(float(np.median(lengths)), abs=3.0)
    figure(
        f"mean {fit.chosen.distribution.mean:.1f} days, followed to the end "
        f"{np.mean(lengths):.1f}; {open_cases} of {len(cases)} cases open"
    )
