"""Writing a report: every chart as SVG, PNG and CSV, and the page around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cjsim.report import style
from cjsim.report.board.page import Extras, Shown, board_page, place_of_chart
from cjsim.report.chart import Chart
from cjsim.report.charts.backlog import chance_of_backlog
from cjsim.report.charts.cost import cost_by_agency
from cjsim.report.charts.differences import forest
from cjsim.report.charts.duties import victim_duties
from cjsim.report.charts.levels import adjournments, trial_outcomes, utilisation, victims
from cjsim.report.charts.options import options_side_by_side
from cjsim.report.charts.published import against_published
from cjsim.report.charts.shock import shock
from cjsim.report.charts.stages import stages
from cjsim.report.charts.study import tornado
from cjsim.report.charts.time import early_pleas, open_caseload
from cjsim.report.charts.trade_off import trade_offs
from cjsim.report.data import ResultsFolder
from cjsim.report.gallery import write_gallery
from cjsim.storage.outputs import output_folder, refuse_what_is_in_the_way, write_output
from cjsim.storage.tables import write_rows
from cjsim.storage.whole import whole_file, write_bytes

PlacedChart = tuple[Chart, str, tuple[str, ...]]
"""A chart, its part of the page, and the options to name beside it."""


def over_time(results: ResultsFolder) -> Chart | None:
    """The open caseload month by month: where the changes come to an end, as a shock."""
    return shock(results) or open_caseload(results)


def for_victims(results: ResultsFolder) -> Chart | None:
    """Contact with victims: duties in time, late and missed, or the share of contacts in time."""
    return victim_duties(results) or victims(results)


CHARTS: tuple[Callable[[ResultsFolder], Chart | None], ...] = (
    forest,
    over_time,
    chance_of_backlog,
    stages,
    early_pleas,
    trial_outcomes,
    adjournments,
    for_victims,
    utilisation,
    cost_by_agency,
)
"""The charts that every page has, in its order. One with nothing to show is None and left out."""


def every_chart(results: ResultsFolder, extras: Extras | None = None) -> Iterator[PlacedChart]:
    """The charts of the page in its order: trade-offs come first.

    More options than one chart can hold are compared in one chart of headlines, and drawn in
    threes: the first three in the page\u2019s parts, the others in its appendix.
    """
    for trade_off in trade_offs(results):
        yield trade_off, "happens", ()
    overview = options_side_by_side(results)
    if overview is not None and len(results.scenarios) > 2:
        yield overview, "happens", ()
    for make in CHARTS:
        chart = make(results)
        if chart is not None:
            yield chart, place_of_chart(chart.key), ()
    published = extras.published if extras else ()
    for once in (tornado(results), against_published(results, published)):
        if once is not None:
            yield once, place_of_chart(once.key), ()
    labels = results.background.labels
    for number, options in enumerate(results.more_options, start=2):
        view = results.showing(options)
        for make in CHARTS:
            further = make(view)
            if further is not None:
                named = tuple(labels[name] for name in options)
                yield further.numbered(number), "appendix", named


def write_into(
    results: ResultsFolder, extras: Extras | None = None, gallery: Path | None = None
) -> Path:
    """Write the charts and the page into a run's folder; returns the page's path.

    They are charts/ and board.html, with a suffix for another baseline or a second run. The same
    results give the same bytes.
    """
    extras = extras or Extras()
    folder, suffix = results.source.folder, results.source.suffix
    page = folder / f"board{suffix}.html"
    refuse_what_is_in_the_way([page, *([gallery] if gallery else [])])
    drawn: list[Shown] = []
    # Charts of an earlier report that these results do not support are removed.
    with output_folder(folder / f"charts{suffix}", "charts") as charts, style.house_style():
        for chart, part, named in every_chart(results, extras):
            svg = style.svg_bytes(chart.figure, chart.title, chart.alternative)
            write_bytes(svg, charts / f"{chart.key}.svg")
            write_bytes(style.png_bytes(chart.figure), charts / f"{chart.key}.png")
            write_data(chart.data_columns, chart.data_rows, charts / f"{chart.key}.csv")
            drawn.append(Shown(chart, style.body_of(svg), part, named))
        if extras.diagram is not None:
            write_bytes(extras.diagram.svg, charts / "flow_diagram.svg")
            write_data(
                extras.diagram.table.columns, extras.diagram.table.rows, charts / "flow_diagram.csv"
            )
        if gallery is not None:
            write_gallery(gallery, results, [item.chart for item in drawn], charts, extras.diagram)
    write_output(board_page(results, drawn, extras), page, "board")
    return page


def write_data(columns: Sequence[str], rows: Sequence[Sequence[object]], path: Path) -> None:
    """The data of a chart as CSV, in one step. Raises OSError."""
    with whole_file(path) as file:
        write_rows(columns, rows, file)
