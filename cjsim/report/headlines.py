"""The headlines of the Board: waits, victims, money and pleas, a line for every option."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cjsim.report import words
from cjsim.report.background import month_of, month_year
from cjsim.report.chart import Row
from cjsim.report.data import ResultsFolder
from cjsim.report.terms import OPEN_CASES, TILES, WATCHED, noun_of

MOST = 5


@dataclass(frozen=True)
class Headline:
    """What is measured, how a sentence speaks of it, and the difference of each option shown."""

    kpi: str
    name: str
    noun: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class TileLine:
    """One option's line of a tile."""

    label: str
    arrow: str
    change: str
    words: str
    detail: str
    tone: str


@dataclass(frozen=True)
class Tile:
    """A headline as it is shown: its name and a line for each option."""

    name: str
    lines: tuple[TileLine, ...]


def headlines(results: ResultsFolder) -> list[Headline]:
    """Three to five headlines of the options shown: those of the Board that the run has."""
    found = [_open_cases(results)]
    for kpi, group in TILES:
        measure = next(one for one in WATCHED if (one.kpi, one.group) == (kpi, group))
        rows = [
            Row(measure.label, measure.kind, one)
            for name in results.options
            if (one := results.difference_of(name, measure)) is not None
        ]
        found.append(Headline(kpi, measure.label, noun_of(kpi, group).text, tuple(rows)))
    return [one for one in found if one is not None and one.rows][:MOST]


def _open_cases(results: ResultsFolder) -> Headline | None:
    court = results.court_of(OPEN_CASES)
    if court is None or not results.months:
        return None
    last = results.months[-1]
    rows = [
        Row("Open cases", "count", results.difference_in(name, "open_cases", court, "", last))
        for name in results.options
    ]
    name = f"Open cases, end of {month_year(month_of(last))}"
    return Headline("open_cases", name, "open cases", tuple(rows))


def tiles(results: ResultsFolder) -> list[Tile]:
    """The headlines in words."""
    return [Tile(one.name, _lines(results, one.rows)) for one in headlines(results)]


def _lines(results: ResultsFolder, rows: Sequence[Row]) -> tuple[TileLine, ...]:
    return tuple(_line(results, row) for row in rows)


def _line(results: ResultsFolder, row: Row) -> TileLine:
    one = row.difference
    before, after = (words.level(row.kind, value, one) for value in (one.baseline, one.value))
    often = words.natural_frequency(one) if row.kind == "share" else ""
    details = [
        f"from {before} to {after}",
        f"{words.per_cent(one)} of the baseline",
        f"95% interval {words.interval(row.kind, one)}",
        *([often] if often else []),
    ]
    return TileLine(
        label=results.background.labels[one.scenario],
        arrow=words.arrow(one),
        change=words.signed_change(row.kind, one),
        words=words.direction(one),
        # Without a word joiner a line may end between a sign and its pound sign.
        detail=re.sub(f"([+{words.MINUS}])\u00a3", "\\1\u2060\u00a3", "; ".join(details)),
        tone={"better": "better", "worse": "worse"}.get(one.verdict, "neutral"),
    )


def in_short(results: ResultsFolder) -> str:
    """One sentence on the option in focus: what clearly changes, and what does not."""
    told, unclear = [], []
    for headline in headlines(results):
        row = next((row for row in headline.rows if row.difference.scenario == results.focus), None)
        if row is None:
            continue
        one, noun = row.difference, headline.noun
        if words.is_clear(one):
            way = "up" if one.difference > 0 else "down"
            size = words.signed_change(row.kind, one).lstrip("+" + words.MINUS)
            told.append(f"{noun} {way} {size}")
        else:
            unclear.append(noun)
    label = results.background.labels[results.focus]
    if not told:
        return f"With \u201c{label}\u201d no headline clearly changes."
    rest = f" No clear change in {words.listed(unclear)}." if unclear else ""
    return f"With \u201c{label}\u201d: {words.listed(told)}.{rest}"
