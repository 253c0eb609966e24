"""The headlines of the Board page: open cases, waits, victims, cost and pleas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cjsim.economics.years import HALF_A_PENNY
from cjsim.formatting import numbers
from cjsim.formatting.dates import month_named
from cjsim.formatting.labels import OPEN_CASES, Measure, board_measures, noun_of, phrase_of
from cjsim.formatting.words import counted, listed
from cjsim.measures.comparison import TOO_FEW
from cjsim.measures.intervals import FEWEST_DIFFERING
from cjsim.report import wording
from cjsim.report.chart import Row
from cjsim.report.charts.backlog import year_ends
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.inputs import COST, total_payments
from cjsim.report.run_metadata import Background

MOST = 5

TILES: Final[tuple[tuple[str, str], ...]] = (
    ("arrest_to_disposal_days", "median"),
    ("victim_contacts_in_time_share", ""),
    ("cost_gbp", ""),
    ("early_guilty_plea_rate", ""),
    ("adjournments_per_case", ""),
)
"""The headlines after the open cases; the last replaces one that a run does not have."""

BESIDE: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "arrest_to_disposal_days": (("arrest_to_disposal_days", "p90"),),
    "victim_contacts_in_time_share": (
        ("victims_withdrawn_before_charge_share", ""),
        ("victims_withdrawn_after_charge_share", ""),
    ),
    "early_guilty_plea_rate": (("adjournments_per_case", ""),),
}
"""The measures in the tile of another one, so that five tiles hold what a Board asks for."""


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
    candidates = [_open_cases(results)]
    watched = {(measure.kpi, measure.group): measure for measure in board_measures()}
    candidates += [
        Headline(
            measure.kpi,
            _name(results.background, measure),
            noun_of(measure.kpi, measure.group).text,
            _rows(results, measure),
            tuple(
                row
                for other in BESIDE.get(measure.kpi, ())
                if other in watched
                for row in _rows(results, watched[other])
            ),
        )
        for measure in _tiles(watched)
    ]
    return [headline for headline in candidates if headline is not None and headline.rows][:MOST]


def _tiles(watched: Mapping[tuple[str, str], Measure]) -> list[Measure]:
    """The measures of the tiles; where the labels lack one, others that the Board watches."""
    tiles = [tile for tile in TILES if tile in watched]
    if len(tiles) < len(TILES):
        tiles += [key for key in watched if key not in tiles and key[0] != OPEN_CASES.kpi]
    return [watched[tile] for tile in tiles]


def _rows(results: ResultsFolder, measure: Measure) -> tuple[Row, ...]:
    """The difference of each option shown."""
    return tuple(
        Row(measure.label, measure.kind, difference)
        for name in results.options
        if (difference := results.difference_of(name, measure)) is not None
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
    name = f"Open cases, end of {month_named(last)}"
    earlier = [
        Row(
            f"End of {month_named(month)}",
            "count",
            results.difference_in(option, "open_cases", court, "", month),
        )
        for month in year_ends(results.months)[:-1]
        for option in results.options
    ]
    return Headline("open_cases", name, "open cases", tuple(rows), tuple(earlier))


def tiles(results: ResultsFolder) -> list[Tile]:
    """The headlines in words."""
    return [
        Tile(
            _tile_name(headline),
            tuple(_line(results, row, headline.beside) for row in headline.rows),
        )
        for headline in headlines(results)
    ]


def _tile_name(headline: Headline) -> str:
    """The measure, and the court where it is not of all courts together."""
    court = headline.rows[0].difference.court
    return headline.name if court == "all" else f"{headline.name}, {phrase_of('court', court)}"


def _line(results: ResultsFolder, row: Row, beside: Sequence[Row]) -> TileLine:
    difference = row.difference
    often = wording.natural_frequency(difference) if row.kind == "share" else ""
    details = [
        f"{wording.levels(row.kind, difference, '{} to {}')} ({wording.per_cent(difference)})",
        wording.interval_named(row.kind, difference),
        *([often] if often else []),
        *_of_that_for_outcomes(results, difference),
    ]
    return TileLine(
        label=results.background.labels[difference.scenario],
        arrow=wording.arrow(difference),
        change=wording.signed_change(row.kind, difference),
        words=wording.direction(difference),
        detail=numbers.without_line_break("; ".join(details)),
        tone=difference.verdict
        if difference.judged and difference.verdict in wording.WAYS
        else "neutral",
        beside=tuple(
            _beside(other) for other in beside if other.difference.scenario == difference.scenario
        ),
    )


def _of_that_for_outcomes(results: ResultsFolder, difference: Difference) -> list[str]:
    """The part of a difference in cost that funds pay for outcomes."""
    before, after = (
        float(np.mean(total_payments(results.outcomes.get(name, {}).values())))
        for name in (results.baseline, difference.scenario)
    )
    if difference.kpi != COST or abs(after - before) < HALF_A_PENNY:
        return []
    exponent = numbers.level_exponent([after - before])
    return [f"of which {numbers.pounds(after - before, exponent)} due for outcomes"]


def _beside(row: Row) -> str:
    """A row that belongs to a headline, shorter."""
    difference = row.difference
    verdict = (
        wording.verdict(difference)
        if wording.is_clear(difference)
        else wording.short_verdict(difference)
    )
    change, interval = (
        wording.signed_change(row.kind, difference),
        wording.interval(row.kind, difference),
    )
    return f"{row.name}: {change} ({interval}), {verdict}"


def in_short(results: ResultsFolder) -> str:
    """One sentence on the option in focus: what clearly changes, and what does not.

    With too few replications it says that nothing can be judged yet, and how many it takes.
    """
    changes, unclear, slight, undecided = [], [], [], False
    for headline in headlines(results):
        row = next((row for row in headline.rows if row.difference.scenario == results.focus), None)
        if row is None:
            continue
        difference, noun = row.difference, headline.noun
        undecided |= difference.verdict == TOO_FEW
        if wording.is_clear(difference):
            changes.append(_moved(row, noun))
        elif wording.is_too_small(difference):
            slight.append(noun)
        else:
            unclear.append(noun)
        # A sentence names the first related measure; the tile shows all.
        changes += [
            _moved(other, noun_of(other.difference.kpi, other.difference.group).text)
            for other in headline.beside
            if other.difference.scenario == results.focus
            and other.difference.kpi != "open_cases"
            and wording.is_clear(other.difference)
        ][:1]
    label = results.background.labels[results.focus]
    if not changes and undecided:
        runs = counted(results.replications, "replication")
        return (
            f"{runs} cannot show what \u201c{label}\u201d changes: "
            f"run {FEWEST_DIFFERING} replications or more."
        )
    if not changes:
        return f"With \u201c{label}\u201d no headline clearly changes."
    rest = f" Too small to matter: {listed(slight)}." if slight else ""
    rest += f" No clear change in {listed(unclear)}." if unclear else ""
    return f"With \u201c{label}\u201d: {listed(changes)}.{rest}"


def _moved(row: Row, noun: str) -> str:
    """A clear difference in a few words: "open cases down 270"."""
    way = "up" if row.difference.difference > 0 else "down"
    # "10% fewer adjournments" is easier to understand than "0.053 fewer".
    text = (
        wording.per_cent(row.difference)
        if row.kind == "ratio"
        else wording.signed_change(row.kind, row.difference)
    )
    size = text.lstrip("+" + numbers.MINUS)
    return f"{noun} {way} {size}"
