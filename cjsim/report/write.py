"""Writing a report: every chart as SVG, PNG and CSV, and the page around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from cjsim.experiment.store import whole_file
from cjsim.report import style
from cjsim.report.chart import Chart
from cjsim.report.charts_differences import cost_by_agency, forest
from cjsim.report.charts_duties import victim_duties
from cjsim.report.charts_levels import adjournments, trial_outcomes, utilisation, victims
from cjsim.report.charts_shock import shock
from cjsim.report.charts_time import early_pleas, open_caseload
from cjsim.report.charts_trade_off import trade_offs
from cjsim.report.data import ResultsFolder, write_table
from cjsim.report.page import board_page


def over_time(results: ResultsFolder) -> Chart | None:
    """The open caseload month by month: where the changes come to an end, as a shock."""
    return shock(results) or open_caseload(results)


def for_victims(results: ResultsFolder) -> Chart | None:
    """Contact with victims: by what came of each duty, or the share of contacts made in time."""
    return victim_duties(results) or victims(results)


CHARTS: tuple[Callable[[ResultsFolder], Chart | None], ...] = (
    forest,
    over_time,
    early_pleas,
    trial_outcomes,
    adjournments,
    for_victims,
    utilisation,
    cost_by_agency,
)
"""The charts that every page has, in its order. One with nothing to show is None and left out."""


def every_chart(results: ResultsFolder) -> Iterator[Chart]:
    """The charts of the page in its order: the trade-offs that were asked for come first."""
    yield from trade_offs(results)
    for make in CHARTS:
        chart = make(results)
        if chart is not None:
            yield chart


def write_into(folder: Path) -> Path:
    """Write charts/ and board.html into a run's folder; returns the page's path.

    The same results give the same bytes.
    """
    results = ResultsFolder(folder)
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    for old in sorted(charts.iterdir()):
        # A chart of an earlier report that these results no longer support would mislead.
        if old.suffix in (".svg", ".png", ".csv"):
            old.unlink()
    drawn: list[tuple[Chart, bytes]] = []
    with style.house_style():
        for chart in every_chart(results):
            svg = style.svg_bytes(chart.figure, chart.title, chart.alternative)
            (charts / f"{chart.key}.svg").write_bytes(svg)
            (charts / f"{chart.key}.png").write_bytes(style.png_bytes(chart.figure))
            write_table(charts / f"{chart.key}.csv", chart.data_columns, chart.data_rows)
            drawn.append((chart, style.body_of(svg)))
    page = folder / "board.html"
    # The page appears whole or not at all, even when the disk fills up half-way.
    with whole_file(page) as partial:
        partial.write_text(board_page(results, drawn), encoding="utf-8", newline="\n")
    return page
