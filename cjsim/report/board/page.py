"""The Board page: board.html, one file that needs neither a network nor a script."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cjsim.formatting.dates import day_of
from cjsim.formatting.tables import Table
from cjsim.report.board import sections
from cjsim.report.board.costs import pays_table
from cjsim.report.board.explorer import explorer_data
from cjsim.report.board.headlines import in_short, tiles
from cjsim.report.chart import Chart, source_of
from cjsim.report.charts.published import Published
from cjsim.report.charts.study import tornado_beside
from cjsim.report.charts.trade_off import missing_sides
from cjsim.report.data import ResultsFolder
from cjsim.report.run_metadata import Background
from cjsim.report.wording import only_direction
from cjsim.storage.plain import PlainTable

TEMPLATES = Path(__file__).with_name("templates")

PLACES = {
    "victims": "affected",
    "victim_duties": "affected",
    "cost_by_agency": "pays",
    "tornado": "summary",
    "against_published": "trust",
    "early_guilty_pleas": "appendix",
    "adjournments": "appendix",
}
"""The part of the page that a chart belongs to, if it is not "happens"."""


@dataclass(frozen=True)
class Shown:
    """A chart with the SVG that the page shows, cropped to its axes, and the options drawn."""

    chart: Chart
    svg: bytes
    place: str
    options: tuple[str, ...] = ()

    @property
    def picture(self) -> str:
        """The picture as a data URL."""
        return picture_of(self.svg)


@dataclass(frozen=True)
class FlowDiagram:
    """The diagram of the steps: its SVG, its alternative text, and the same as a table."""

    svg: bytes
    alternative: str
    table: Table

    @property
    def picture(self) -> str:
        """The picture as a data URL."""
        return picture_of(self.svg)


@dataclass(frozen=True)
class Extras:
    """Optional parts of the page that do not come from the run's measures."""

    published: tuple[Published, ...] = ()
    diagram: FlowDiagram | None = None
    tables: dict[str, tuple[Table, ...]] = field(default_factory=dict)
    """Further tables, by the part of the page that they belong to ("pays", "trust")."""


def picture_of(svg: bytes) -> str:
    """An SVG as a data URL."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


def place_of_chart(key: str) -> str:
    """The part of the page that a chart belongs to."""
    return PLACES.get(key, "happens")


def board_page(results: ResultsFolder, shown: Sequence[Shown], extras: Extras | None = None) -> str:
    """The whole page as text."""
    extras = extras or Extras()
    style, script = (
        (TEMPLATES / name).read_text(encoding="utf-8") for name in ("board.css", "board.js")
    )
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    about = results.background
    tornado = tornado_beside(results)
    shown_tiles, affected = tiles(results), sections.affected(results)
    return environment.get_template("board.html.j2").render(
        about=about,
        suffix=results.source.suffix,
        policy=f"default-src 'none'; img-src data:; style-src '{digest(style)}'; "
        f"script-src '{digest(script)}'; base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        explorer=explorer_data(results),
        options=[about.labels[name] for name in results.scenarios[1:]],
        baseline=about.labels[results.baseline],
        focus=about.labels[results.focus],
        replications=results.replications,
        data_as_of=day_of(about.data_as_of) if about.data_as_of else "not set",
        review_by=day_of(about.review_by) if about.review_by else "not set",
        in_short=in_short(results) if results.options else "",
        tiles=shown_tiles,
        tiles_way=only_direction(
            text
            for tile in shown_tiles
            for line in tile.lines
            for text in (line.words, *line.beside)
        ),
        caveats=sections.caveats(results, extras.published),
        sureness=sections.sureness(results, tornado),
        changes=sections.changes_table(about),
        shown={
            part: _at(shown, part)
            for part in ("summary", "happens", "affected", "pays", "trust", "appendix")
        },
        affected=affected,
        affected_way=only_direction(row[-1] for _, table, _ in affected for row in table.rows),
        pays=pays_table(results),
        outcomes=bool(results.outcomes),
        trust=sections.trust(results, extras.published, tornado),
        stress_des=sections.stress_des(results),
        assumptions=sections.assumptions(results, tornado),
        tables=extras.tables,
        diagram=extras.diagram,
        names=[about.labels[name] for name in results.options],
        missing=missing_sides(results),
        source=source_of(about),
        command=command(about),
        page_command=page_command(results),
    )


def digest(text: str) -> str:
    """The hash of a style or script for the content security policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _at(shown: Sequence[Shown], part: str) -> list[PlainTable]:
    return [
        {"chart": item.chart, "picture": item.picture, "options": item.options}
        for item in shown
        if item.place == part
    ]


# --- how to reproduce it ---------------------------------------------------------------------


def command(about: Background) -> str:
    """The command that makes these results again."""
    parts = ["cjsim", "run", about.experiment_file or "EXPERIMENT.toml"]
    for name in about.only:
        parts += ["--scenario", name]
    for name in about.beside:
        parts += ["--area", name]
    # A run with a target precision chose its number of replications.
    parts += (
        about.sought if about.sought is not None else ["--replications", str(about.replications)]
    )
    return shlex.join([*parts, "--seed", about.seed])


def page_command(results: ResultsFolder) -> str:
    """The command that writes this page again, for results in the default folder."""
    about = results.background
    parts = ["cjsim", "report", _folder(about.experiment_file, about.run_id)]
    if about.with_run:
        parts.append(_folder(about.with_run.file, about.with_run.run_id))
    if results.source.area:
        parts += ["--area", results.source.area]
    if "-against-" in results.source.suffix:
        parts += ["--baseline", results.baseline]
    return shlex.join(parts)


def _folder(experiment_file: str, run_id: str) -> str:
    return f"results/{PurePosixPath(experiment_file).stem or 'experiment'}/{run_id}"
