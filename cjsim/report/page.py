"""The page around the charts: board.html, one file that needs no network and runs no script."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cjsim.report import words
from cjsim.report.background import Background, month_of, month_year
from cjsim.report.chart import Chart, Row, Table, source_of
from cjsim.report.charts_trade_off import missing_sides
from cjsim.report.data import Difference, ResultsFolder
from cjsim.report.terms import OPEN_CASES, TILES, WATCHED, name_of, spaced

MOST_TILES = 5
TEMPLATES = Path(__file__).with_name("templates")


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
    """A headline: what is measured, the baseline's level, and a line for each option."""

    name: str
    lines: tuple[TileLine, ...]


def board_page(results: ResultsFolder, charts: Sequence[tuple[Chart, bytes]]) -> str:
    """The whole page as text; each chart comes with its SVG cropped to its axes."""
    style = (TEMPLATES / "board.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    about = results.background
    return environment.get_template("board.html.j2").render(
        about=about,
        policy=f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        options=[about.labels[name] for name in results.scenarios[1:]],
        baseline=about.labels[results.baseline],
        focus=about.labels[results.focus],
        replications=results.replications,
        tiles=tiles(results),
        changes=changes_table(about),
        charts=[
            {
                "chart": chart,
                "picture": "data:image/svg+xml;base64," + base64.b64encode(svg).decode(),
            }
            for chart, svg in charts
        ],
        shown=[about.labels[name] for name in results.options],
        left_out=[
            about.labels[name] for name in results.scenarios[1:] if name not in results.options
        ],
        missing=missing_sides(results),
        source=source_of(about),
        command=command(about),
    )


# --- tiles ----------------------------------------------------------------------------------


def tiles(results: ResultsFolder) -> list[Tile]:
    """Three to five headline differences: those of the Board that the run has."""
    found = [_open_cases(results)]
    for kpi, group in TILES:
        measure = next(one for one in WATCHED if (one.kpi, one.group) == (kpi, group))
        rows = [
            Row(measure.label, measure.kind, one)
            for name in results.options
            if (one := results.difference_of(name, measure)) is not None
        ]
        found.append(_tile(results, measure.label, rows))
    return [tile for tile in found if tile is not None][:MOST_TILES]


def _open_cases(results: ResultsFolder) -> Tile | None:
    court = results.court_of(OPEN_CASES)
    if court is None or not results.months:
        return None
    last = results.months[-1]
    rows = [
        Row("Open cases", "count", results.difference_in(name, "open_cases", court, "", last))
        for name in results.options
    ]
    return _tile(results, f"Open cases, end of {month_year(month_of(last))}", rows)


def _tile(results: ResultsFolder, name: str, rows: Sequence[Row]) -> Tile | None:
    if not rows:
        return None
    return Tile(name, tuple(_line(results, row) for row in rows))


def _line(results: ResultsFolder, row: Row) -> TileLine:
    one: Difference = row.difference
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


# --- what changes ---------------------------------------------------------------------------


def changes_table(about: Background) -> Table | None:
    """Every dated change that the options make to the model, with its source and evidence."""
    options: dict[tuple[str, ...], list[str]] = {}
    for change in about.changes:
        line = (
            parameter_name(change.parameter),
            f"{change.starts.day} {month_year(change.starts)}",
            about.divisions.get(change.area, change.area) or "everywhere",
            change.before,
            change.value,
            change.range,
            change.source,
            change.evidence,
        )
        options.setdefault(line, []).append(about.labels[change.scenario])
    if not options:
        return None
    every = len(about.labels) - 1
    rows = [
        (line[0], "every option" if len(names) == every > 1 else words.listed(names), *line[1:])
        for line, names in options.items()
    ]
    return Table(
        "What each option changes in the model",
        (
            "Parameter",
            "Option",
            "From",
            "Where",
            "Before",
            "After",
            "Range",
            "Source",
            "Evidence",
        ),
        tuple(sorted(rows, key=lambda row: row[0])),
    )


def parameter_name(path: str) -> str:
    """A parameter's path in plain English: "File ready (probability)"."""
    parts = path.split(".")[1:]
    if not parts:
        return spaced(path)
    inner = ", ".join(spaced(part).lower() for part in parts[1:])
    return f"{name_of(parts[0])} ({inner})" if inner else name_of(parts[0])


def command(about: Background) -> str:
    """The command that makes these results again."""
    name = about.experiment_file or "EXPERIMENT.toml"
    return f"cjsim run {name} --replications {about.replications} --seed {about.seed}"
