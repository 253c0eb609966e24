"""The headlines of the Board: waits, victims, money and pleas, a line for every option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cjsim.economics.years import HALF_A_PENNY
from cjsim.measures.comparison import TOO_FEW
from cjsim.measures.intervals import FEWEST_DIFFERING
from cjsim.report import numbers
from cjsim.report.chart import Row, levels
from cjsim.report.charts.backlog import year_ends
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.labels import BESIDE, OPEN_CASES, TILES, WATCHED, Measure, noun_of
from cjsim.report.outcomes import COST, together
from cjsim.report.run_metadata import Background, month_of, month_year

MOST = 5


@dataclass(frozen=True)
class Headline:
    """What is measured, how a sentence speaks of it, and the difference of each option shown.

    `beside` are further rows that belong to it: other dates, 9 in 10 disposals, adjournments.
    """

    kpi: str
    name: str
    noun: str
    rows: tuple[Row, ...]
    beside: tuple[Row, ...] = ()


@dataclass(frozen=True)
class TileLine:
    """One option's line of a tile."""

    label: str
    arrow: str
    change: str
    words: str
    detail: str
    tone: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tile:
    """A headline as it is shown: its name and a line for each option."""

    name: str
    lines: tuple[TileLine, ...]


def headlines(results: ResultsFolder) -> list[Headline]:
    """Three to five headlines of the options shown: those of the Board that the run has."""
    found = [_open_cases(results)]
    for kpi, group in TILES:
        measure = _watched(kpi, group)
        found.append(
            Headline(
                kpi,
                _name(results.background, measure),
                noun_of(kpi, group).text,
                _rows(results, measure),
                tuple(
                    row for other in BESIDE.get(kpi, ()) for row in _rows(results, _watched(*other))
                ),
            )
        )
    return [one for one in found if one is not None and one.rows][:MOST]


def _watched(kpi: str, group: str) -> Measure:
    return next(one for one in WATCHED if (one.kpi, one.group) == (kpi, group))


def _rows(results: ResultsFolder, measure: Measure) -> tuple[Row, ...]:
    """The difference of each option shown."""
    return tuple(
        Row(measure.label, measure.kind, one)
        for name in results.options
        if (one := results.difference_of(name, measure)) is not None
    )


def _name(about: Background, measure: Measure) -> str:
    """What a headline is called; money says in whose prices it is."""
    if measure.kind != "gbp":
        return measure.label
    return f"{measure.label}, real" + (f", {about.price_base} prices" if about.price_base else "")


def _open_cases(results: ResultsFolder) -> Headline | None:
    court = results.court_of(OPEN_CASES)
    if court is None or not results.months:
        return None
    last = results.months[-1]
    rows = [
        Row("Open cases", "count", results.difference_in(name, "open_cases", court, "", last))
        for name in results.options
    ]
    name = f"Open cases, end of {_month(last)}"
    earlier = [
        Row(
            f"End of {_month(month)}",
            "count",
            results.difference_in(option, "open_cases", court, "", month),
        )
        for month in year_ends(results.months)[:-1]
        for option in results.options
    ]
    return Headline("open_cases", name, "open cases", tuple(rows), tuple(earlier))


def _month(month: str) -> str:
    return month_year(month_of(month))


def tiles(results: ResultsFolder) -> list[Tile]:
    """The headlines in words."""
    return [
        Tile(one.name, tuple(_line(results, row, one.beside) for row in one.rows))
        for one in headlines(results)
    ]


def _line(results: ResultsFolder, row: Row, beside: Sequence[Row]) -> TileLine:
    one = row.difference
    often = numbers.natural_frequency(one) if row.kind == "share" else ""
    details = [
        f"{levels(row.kind, one, '{} to {}')} ({numbers.per_cent(one)})",
        numbers.interval_named(row.kind, one),
        *([often] if often else []),
        *_of_that_for_outcomes(results, one),
    ]
    return TileLine(
        label=results.background.labels[one.scenario],
        arrow=numbers.arrow(one),
        change=numbers.signed_change(row.kind, one),
        words=numbers.direction(one),
        detail=numbers.unbroken("; ".join(details)),
        tone=one.verdict if one.judged and one.verdict in numbers.WAYS else "neutral",
        beside=tuple(
            _beside(other) for other in beside if other.difference.scenario == one.scenario
        ),
    )


def _of_that_for_outcomes(results: ResultsFolder, one: Difference) -> list[str]:
    """What of a difference in cost funds pay for outcomes: it hangs on what the run came to."""
    before, after = (
        float(np.mean(together(results.outcomes.get(name, {}).values())))
        for name in (results.baseline, one.scenario)
    )
    if one.kpi != COST or abs(after - before) < HALF_A_PENNY:
        return []
    exponent = numbers.level_exponent([after - before])
    return [f"of that {numbers.pounds(after - before, exponent)} due for outcomes"]


def _beside(row: Row) -> str:
    """A row that belongs to a headline, shorter."""
    one = row.difference
    verdict = numbers.verdict(one) if numbers.is_clear(one) else numbers.short_verdict(one)
    change, interval = numbers.signed_change(row.kind, one), numbers.interval(row.kind, one)
    return f"{row.name}: {change} ({interval}), {verdict}"


def in_short(results: ResultsFolder) -> str:
    """One sentence on the option in focus: what clearly changes, and what does not.

    With too few replications it says that nothing can be judged yet, and how many it takes.
    """
    told, unclear, slight, undecided = [], [], [], False
    for headline in headlines(results):
        row = next((row for row in headline.rows if row.difference.scenario == results.focus), None)
        if row is None:
            continue
        one, noun = row.difference, headline.noun
        undecided |= one.verdict == TOO_FEW
        if numbers.is_clear(one):
            told.append(_moved(row, noun))
        elif numbers.is_too_small(one):
            slight.append(noun)
        else:
            unclear.append(noun)
        # The first of what stands beside it is enough for a sentence; the tile has the rest.
        told += [
            _moved(other, noun_of(other.difference.kpi, other.difference.group).text)
            for other in headline.beside
            if other.difference.scenario == results.focus
            and other.difference.kpi != "open_cases"
            and numbers.is_clear(other.difference)
        ][:1]
    label = results.background.labels[results.focus]
    if not told and undecided:
        runs = numbers.counted(results.replications, "replication")
        return (
            f"{runs} cannot show what \u201c{label}\u201d changes: "
            f"run {FEWEST_DIFFERING} replications or more."
        )
    if not told:
        return f"With \u201c{label}\u201d no headline clearly changes."
    rest = f" Too small to matter: {numbers.listed(slight)}." if slight else ""
    rest += f" No clear change in {numbers.listed(unclear)}." if unclear else ""
    return f"With \u201c{label}\u201d: {numbers.listed(told)}.{rest}"


def _moved(row: Row, noun: str) -> str:
    """A clear difference in a few words: "open cases down 270"."""
    way = "up" if row.difference.difference > 0 else "down"
    # Nobody has a feeling for 0.053 adjournments; a tenth fewer of them is understood at once.
    told = (
        numbers.per_cent(row.difference)
        if row.kind == "ratio"
        else numbers.signed_change(row.kind, row.difference)
    )
    size = told.lstrip("+" + numbers.MINUS)
    return f"{noun} {way} {size}"
