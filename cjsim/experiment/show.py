"""Tables as text: drawn with lines on a terminal, plain columns that are never cut elsewhere."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cjsim.experiment.manifest_schema import Manifest
from cjsim.experiment.results import Results, compare
from cjsim.measures.comparison import NONE_SEEN, WHOLE
from cjsim.measures.intervals import FEWEST_DIFFERING, most_unseen

Row = Mapping[str, Any]
"""One row of comparison.parquet."""

SHARES = ("share", "rate", "proportion")
NOTHING = "–"

MOST_DECIMALS = 12
"""As many decimals as a number is given at most beyond those it usually has."""

SHORTEST = 8
"""Words of a table on a terminal are not folded to less than this."""


def table_text(headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: set[int]) -> str:
    """A table; the columns in `numbers` are aligned to the right."""
    if sys.stdout.isatty():
        return _drawn(headings, rows, numbers)
    return _plain(headings, rows, numbers)


def _plain(headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: set[int]) -> str:
    widths = [max(len(row[place]) for row in (headings, *rows)) for place in range(len(headings))]
    lines = []
    for row in (headings, *rows):
        cells = [
            cell.rjust(width) if place in numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _drawn(headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: set[int]) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = shutil.get_terminal_size((120, 24)).columns
    widths = [max(len(row[place]) for row in (headings, *rows)) for place in range(len(headings))]
    least = (one if place in numbers else min(one, SHORTEST) for place, one in enumerate(widths))
    if sum(least) + 2 * len(widths) > width:
        return _stacked(headings, rows, width, numbers)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for place, heading in enumerate(headings):
        # Words may be folded; a number that is cut in two is another number.
        table.add_column(
            Text(heading),
            justify="right" if place in numbers else "left",
            overflow="fold",
            min_width=widths[place] if place in numbers else None,
            no_wrap=place in numbers,
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: "[x]" in a name is not markup
    console = Console(width=width, height=24)  # both, or a plain terminal has 80 columns
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n")


def _stacked(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, numbers: set[int]
) -> str:
    """The rows one below the other, each cell after its heading: for a narrow terminal."""
    lines = []
    for first, *rest in rows:
        lines += ["", f"{headings[0]}: {first.strip()}" if 0 in numbers else first]
        line = " "
        for heading, cell in zip(headings[1:], rest, strict=True):
            item = f" {heading}: {cell.strip()};"
            if len(line) + len(item) > width and line.strip():
                lines.append(line)
                line = " "
            line += item
        lines.append(line.removesuffix(";"))
    return "\n".join(lines[1:])


def comparison_text(
    results: Results, *, baseline: str | None = None, everything: bool = False
) -> str:
    """The paired differences of a run: the watched measures, or every one. Raises Faults."""
    baseline = baseline or results.scenarios[0]
    rows = _in_order(compare(results, baseline).to_pylist(), results.scenarios)
    by_area = areas_text(results, baseline) if results.by_area is not None else ""
    if not rows:
        return by_area or "There is only the baseline: nothing to compare."
    shown = rows if everything else _watched(rows, results.watched)
    metadata = results.metadata
    several = len(results.scenarios) > 2
    headings = (
        "measure",
        "court",
        "group",
        "scenario",
        "baseline",
        "value",
        "difference",
        "95 % interval",
        "differ",
        "per cent",
        "verdict",
        *(("best in",) if several else ()),
    )
    lines = [_comparison_row(row) + ((_best(row),) if several else ()) for row in shown]
    count = metadata.replications
    paired = "1 replication" if count == 1 else f"{count} paired replications"
    where = f" in {results.place}" if results.place else ""
    heading = (
        f"{metadata.experiment.title}: each scenario against "
        f"{metadata.labels[baseline]!r}{where}, {paired}, {metadata.period}"
    )
    text = [
        *([by_area, ""] if by_area else []),
        heading,
        "",
        table_text(headings, lines, numbers={4, 5, 6, 7, 8, 9, 11}),
    ]
    if several:
        count = len(results.scenarios) - 1
        text.append(
            f"\n{count} scenarios are held against one: each measure's intervals are widened for "
            "that (Holm), so that its verdicts hold together. Best in: the share of replications "
            "in which the scenario did best of all."
        )
    text += _chance_lines(shown, everything=everything)
    text += _precision_lines(metadata)
    text += _outcome_lines(metadata, {row["kpi"] for row in shown})
    text += [f"Note: {notice}" for notice in metadata.notices]
    if len(shown) < len(rows):
        text += ["", f"{len(shown)} of {len(rows)} comparisons shown: --all shows them all."]
    return "\n".join(text)


def _chance_lines(shown: Sequence[Row], *, everything: bool) -> list[str]:
    """What chance allows to be said of the differences shown, and what it does not."""
    lines = []
    counts = {row["n"] for row in shown}
    if counts and max(counts) < FEWEST_DIFFERING:
        lines.append(
            f"With fewer than {FEWEST_DIFFERING} replications no difference can be told from "
            "chance yet: ask for more --replications."
        )
    unseen = {row["n"] for row in shown if row["verdict"] == NONE_SEEN}
    if unseen:
        fewest = min(unseen)
        lines.append(
            f"No difference seen: none of {fewest} replications differs, so that at most "
            f"{100 * most_unseen(fewest):.0f} % of all would (95 %); by how much is not known."
            if fewest > 1
            else "No difference seen: one replication tells nothing of others."
        )
    if any(row["low"] is None and row["n"] == row["differed"] > 1 for row in shown):
        lines.append(
            "A difference without an interval is the same in every replication: what another one "
            "would do was not seen."
        )
    if everything:
        lines.append(
            f"{len(shown):,} comparisons are shown, and nothing is adjusted for so many measures: "
            "of those without any difference about one in twenty looks clear by chance."
        )
    return ["", *lines] if lines else []


def areas_text(results: Results, scenario: str) -> str:
    """What the watched measures are in each area, and in all of them together."""
    tables = [(title, results.measures_of_area(area)) for area, title in results.areas.items()]
    tables.append(("All of them", results.measures))
    sums = [group for group in WHOLE if group != "mean"]
    wanted = {
        key
        for _, table in tables
        for key in table.keys_of(scenario)
        if key.court == "all" and key.group in sums and key.kpi in results.watched
    }
    keys = sorted(wanted, key=lambda key: (results.watched.index(key.kpi), key.group))
    units = {kpi: unit for _, table in tables for kpi, unit in table.units.items()}
    rows = [
        (title, *(number(table.mean(scenario, key), units[key.kpi]) for key in keys))
        for title, table in tables
    ]
    metadata = results.metadata
    count, label = metadata.replications, metadata.labels[scenario]
    heading = (
        f"{metadata.experiment.title}: {len(results.areas)} areas, {label!r}, "
        f"{'1 replication' if count == 1 else f'{count} replications'}, {metadata.period}"
    )
    headings = ("area", *(f"{key.kpi} {key.group}".strip() for key in keys))
    table = table_text(headings, rows, numbers=set(range(1, len(headings))))
    return "\n".join([heading, "", table, "A median, a share or a rate has no total over areas."])


def _in_order(rows: list[Row], scenarios: list[str]) -> list[Row]:
    """By measure, court and group, so that the scenarios stand below each other."""
    place = {name: number for number, name in enumerate(scenarios)}
    return sorted(
        rows, key=lambda row: (row["kpi"], row["court"], row["group"], place[row["scenario"]])
    )


def _watched(rows: list[Row], watched: list[str]) -> list[Row]:
    """The rows of the watched measures, in that order: both courts together, groups together.

    A measure that has no such value (a mean, a median and a p90; one for each court) shows those it
    has. Cost is shown by agency, for who pays and who saves is what is asked of it.
    """
    shown = []
    for kpi in watched or sorted({row["kpi"] for row in rows}):
        of_kpi = [row for row in rows if row["kpi"] == kpi and ":" not in row["group"]]
        together = [row for row in of_kpi if row["court"] == "all"] or of_kpi
        if kpi == "cost_gbp":
            shown += [row for row in together if row["baseline"] or row["value"]]
        else:
            shown += [row for row in together if not row["group"]] or together
    return shown


def _comparison_row(row: Row) -> tuple[str, ...]:
    unit = row["unit"]
    return (
        row["kpi"],
        row["court"],
        row["group"] or "all",
        row["scenario"],
        number(row["baseline"], unit),
        number(row["value"], unit),
        number(row["difference"], unit, signed=True),
        span(row["low"], row["high"], unit),
        f"{row['differed']} of {row['n']}",
        number(row["per_cent"], "%", signed=True),
        row["verdict"],
    )


def _best(row: Row) -> str:
    share = row["probability_best"]
    return NOTHING if share is None else f"{100 * share:.0f} %"


def _outcome_lines(metadata: Manifest, shown: set[str]) -> list[str]:
    """A note that costs leave out what funds pay for outcomes, where a fund does."""
    experiment = metadata.experiment
    drawn = {name for names in experiment.draws_on.values() for name in names}
    if "cost_gbp" in shown and any(experiment.funds[name].outcomes for name in drawn):
        return ["", "Costs are without what funds pay for outcomes: `cjsim cost` has it in them."]
    return []


def _precision_lines(metadata: Manifest) -> list[str]:
    """Whether what is watched is as precise as the experiment asks, and what is not."""
    precision = metadata.precision
    if precision is None:
        return []
    short = [difference for difference in precision.differences if not difference.reached]
    count = metadata.replications
    without = precision.not_asked
    left_out = []
    if without:
        left_out.append(
            f"Of {', '.join(without)} no precision was asked: a share of nothing is nothing. Give "
            "it in its own unit in [precision.measures]."
        )
    if not short:
        every = "Every watched difference" if not without else "Every other watched difference"
        return ["", f"{every} is as precise as asked, after {count} replications.", *left_out]
    lines = ["", f"Not as precise as asked after {count} replications, the most allowed:"]
    for difference in short:
        half, wanted = (
            number(width, difference.unit) for width in (difference.half_width, difference.wanted)
        )
        group = f" {difference.group}" if difference.group else ""
        known = "not known" if half == NOTHING else f"known to within {half}"
        lines.append(
            f"  {difference.kpi}{group} ({difference.court}), {difference.scenario}: {known}, "
            f"asked {wanted}"
        )
    return [*lines, *left_out]


def span(low: float | None, high: float | None, unit: str, *, signed: bool = True) -> str:
    """Both ends of an interval, told apart; a dash where there is none."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    return distinguishable(
        low, high, lambda value, finer: number(value, unit, signed=signed, finer=finer)
    )


def distinguishable(low: float, high: float, told: Callable[[float, int], str]) -> str:
    """Two numbers as words, with as many more decimals as tell them apart, and from 0.

    `told` puts a number into words, with so many decimals more than it usually has.
    """
    ends = ("", "")
    for finer in range(MOST_DECIMALS):
        ends = (told(low, finer), told(high, finer))
        shown = [_read_back(end) for end in ends]
        apart = shown[0] != shown[1] and all(
            bool(read) == bool(value) for read, value in zip(shown, (low, high), strict=True)
        )
        if low == high or apart:
            break
    return both_ends(*ends)


def both_ends(low: str, high: str) -> str:
    """A range whose ends are put into words; one word alone where both read alike."""
    return low if low == high else f"{low} to {high}"


def _read_back(text: str) -> float:
    """The number that a reader reads."""
    size = float("".join(letter for letter in text if letter.isdigit() or letter == ".") or 0)
    return -size if text.startswith(("-", "−")) else size


def number(value: float | None, unit: str, *, signed: bool = False, finer: int = 0) -> str:
    """A number as a reader wants it: three figures or so, shares in per cent or points.

    It has `finer` decimals more than that.
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    end = ""
    if unit in SHARES:
        value, end = value * 100, " pt" if signed else " %"
    elif unit == "%":
        end = " %"
    if value == 0:
        return f"0{end}"
    size = abs(value)
    if end:
        decimals = 1 if size >= 1 else 2
    elif size >= 100:
        decimals = 0
    else:
        decimals = 2 - min(2, math.floor(math.log10(size))) if size >= 1 else 3
    decimals += finer
    text = f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"
    return text.replace("-", "−") + end if sys.stdout.isatty() else text + end
