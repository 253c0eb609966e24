"""Attacks on `cjsim fit --data`: one record of a distinctive length, looked for in what is told.

The attacker has the outputs of two extracts that differ in one record (differencing), knows how
many rows there are, and takes every number that is told: alone, in sums, by group, by the day of
the extract. An attack works where it names the length of the record, and another length where the
record has another. The strongest form: two extracts that differ only in how long the one case took
give the same bytes, so no attack of any kind can tell the two lengths apart.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from cjsim.calibration.fitting import fit
from cjsim.calibration.fitting.disclosure import ProtectedTable, protect
from cjsim.calibration.fitting.extract_reader import Spell
from cjsim.calibration.fitting.fit import fit_extract
from cjsim.calibration.fitting.model_selection import Data

FIRST = dt.date(2013, 1, 1)
AS_OF = dt.date(2021, 1, 1)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")

Outputs = dict[str, str]


@dataclass(frozen=True)
class Attack:
    """Lengths of ordinary cases, and two that one more case may have, far from all of them."""

    lengths: tuple[int, ...]
    one: int
    other: int
    between: bool = False


def attack(seed: int) -> Attack:
    """An extract of 40 to 800 cases, and a case much longer, much shorter, or in a wide gap."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(40, 800))
    kind = ("longer", "shorter", "between")[seed % 3]
    if kind == "longer":
        lengths = np.round(rng.lognormal(2.5, 0.7, count))
        one, other = rng.integers(int(lengths.max()) + 40, 1500, 2)
    elif kind == "shorter":
        lengths = np.round(200.0 + rng.lognormal(3.5, 0.6, count))
        one, other = rng.integers(3, 150, 2)
    else:
        late = rng.random(count) < 0.4
        lengths = np.round(np.where(late, rng.normal(500, 25, count), rng.normal(60, 12, count)))
        one, other = rng.integers(150, 350, 2)
    ordinary = tuple(np.maximum(lengths, 1).astype(int).tolist())
    return Attack(ordinary, int(one), int(other), between=kind == "between")


def outputs(
    folder: Path, lengths: tuple[int, ...], *, by_group: bool = False, as_of: dt.date = AS_OF
) -> Outputs:
    """All that a fit of these lengths tells, by file, and what it says on the terminal."""
    path = folder / "cases.csv"
    rows = ["offence_group,charged,first_listed"]
    for place, length in enumerate(lengths):
        begin = FIRST + dt.timedelta(days=place % 300)
        # The last is the one that is added: of a group of its own, where groups are told.
        group = "robbery" if place == len(lengths) - 1 else ("theft", "violence")[place % 2]
        rows.append(f"{group},{begin},{begin + dt.timedelta(days=length)}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    out, lines = fit_extract(path, as_of=as_of, by_group=by_group)
    told = {each.name: each.read_text(encoding="utf-8") for each in sorted(out.iterdir())}
    return {**told, "terminal": "\n".join(lines)}


def numbers(told: Outputs) -> set[float]:
    """Every number that stands in a text; of a chart, those that a reader sees."""
    texts = [
        " ".join(re.findall(r"<(?:desc|title|text)\b[^>]*>([^<]*)<", text))
        if name.endswith(".svg")
        else text
        for name, text in told.items()
    ]
    return {float(each.replace(",", "")) for text in texts for each in _NUMBER.findall(text)}


def near(value: float, length: float) -> bool:
    """Whether a number gives a length away: within half a day, or within 1 %."""
    return abs(value - length) <= max(0.5, 0.01 * length)


def by_sum(without: ProtectedTable, with_it: ProtectedTable) -> Iterator[float]:
    """What the difference of two sums (mean times cases) says of the record that was added."""
    for added in (1, with_it.count - without.count):
        counts = (without.count, without.count + added)
        yield with_it.mean_within() * counts[1] - without.mean_within() * counts[0]


def works(says: Callable[[ProtectedTable, ProtectedTable], Iterator[float]], case: Attack) -> bool:
    """Whether an attack by two tables names the right length of a record, whichever it has."""
    without = table_of(case.lengths)
    return all(
        any(near(each, length) for each in says(without, table_of((*case.lengths, length))))
        for length in (case.one, case.other)
    )


def table_of(lengths: tuple[int, ...]) -> ProtectedTable:
    table = protect([Spell(float(each), complete=True, group="") for each in lengths], "days")
    assert table is not None
    return table


def remembering(fit_candidates: Callable[..., object]) -> Callable[..., object]:
    """The same function of what is known, without doing the same work again."""
    kept: dict[bytes, object] = {}

    def remembered(data: Data, names: tuple[str, ...], *, with_at_once: bool) -> object:
        arrays = (data.low, data.high, data.count, data.open_after, data.open_count)
        key = b"|".join(each.tobytes() for each in arrays)
        if key not in kept:
            kept[key] = fit_candidates(data, names, with_at_once=with_at_once)
        return kept[key]

    return remembered


def same_tables(one: ProtectedTable, other: ProtectedTable) -> bool:
    arrays = ("low", "high", "completed", "open")
    return one.beyond == other.beyond and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays
    )


def test_no_table_tells_two_lengths_of_one_lone_case_apart() -> None:
    apart = 0
    for seed in range(300):
        case = attack(seed)
        one, other = (table_of((*case.lengths, length)) for length in (case.one, case.other))
        if case.between:
            for table, length in ((one, case.one), (other, case.other)):
                assert is_among_others(table, length)
        else:
            apart += not same_tables(one, other)
    assert apart == 0


def is_among_others(table: ProtectedTable, length: int) -> bool:
    """Whether the narrowest that can be known of a length is wide and holds enough cases."""
    place = int(np.searchsorted(table.high, length))
    if place == len(table.high):
        return table.beyond >= 5
    wide = (table.high[place] - table.low[place]) >= 0.1 * length
    return bool(wide and table.completed[place] >= 5)


def test_sums_of_two_runs_do_not_give_a_length_away() -> None:
    found = sum(works(by_sum, attack(seed)) for seed in range(60))
    assert found == 0


def test_nothing_that_is_told_depends_on_how_long_one_lone_case_took(tmp_path: Path) -> None:
    case = attack(3)
    assert len(case.lengths) > 100
    one, other = (outputs(tmp_path, (*case.lengths, length)) for length in (case.one, case.other))
    assert one == other
    assert not any(near(each, case.one) for each in numbers(one))


def test_the_attack_finds_a_length_that_is_told(tmp_path: Path) -> None:
    """The net is not so wide-meshed that nothing would be caught."""
    case = attack(3)
    told = {
        "report.md": f"long median {case.one}",
        "chart.svg": f"<text x='1'>{case.one}</text>",
    }
    assert any(near(each, case.one) for each in numbers({"report.md": told["report.md"]}))
    assert any(near(each, case.one) for each in numbers({"chart.svg": told["chart.svg"]}))


@pytest.mark.slow
def test_two_hundred_lone_cases_are_looked_for_in_all_that_is_told_and_none_is_given_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit_candidates = remembering(fit.fit_candidates)
    monkeypatch.setattr(fit, "fit_candidates", fit_candidates)
    given_away: list[str] = []
    for seed in range(200):
        case = attack(seed)
        by_group = seed % 10 == 0
        with_one, with_other, without = (
            outputs(tmp_path, lengths, by_group=by_group)
            for lengths in (
                (*case.lengths, case.one),
                (*case.lengths, case.other),
                case.lengths,
            )
        )
        if with_one != with_other and not case.between:
            given_away.append(f"{seed}: two lengths are told apart")
        # A number that is there without the record says nothing of it.
        news = [numbers(told) - numbers(without) for told in (with_one, with_other)]
        if all(
            any(near(each, length) for each in told)
            for told, length in zip(news, (case.one, case.other), strict=True)
        ):
            given_away.append(f"{seed}: the length is told")
        if works(by_sum, case):
            given_away.append(f"{seed}: the length follows from two sums")
        if seed % 10 == 1 and not case.between:
            days = [AS_OF - dt.timedelta(days=shift) for shift in (1, 30)]
            shifted = [
                [outputs(tmp_path, (*case.lengths, length), as_of=day) for day in days]
                for length in (case.one, case.other)
            ]
            if shifted[0] != shifted[1]:
                given_away.append(f"{seed}: days of the extract tell two lengths apart")
    assert not given_away
