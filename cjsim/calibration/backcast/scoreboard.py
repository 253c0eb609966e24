"""The scoreboard of a back-cast: on a terminal, as a page of the docs, and with its chart."""

from __future__ import annotations

import datetime as dt
import html
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cjsim.calibration.backcast.ages import AgeShare, age_shares
from cjsim.calibration.backcast.chart import write_chart
from cjsim.calibration.backcast.court_activity import (
    EFFECTIVE,
    HEARINGS,
    HOURS,
    INEFFECTIVE,
    ActivityFigure,
    activity_figures,
    disposals,
    read_court_activity,
)
from cjsim.calibration.backcast.run import TABLE, read_quarters
from cjsim.calibration.backcast.scores import (
    BACKCAST,
    CALIBRATED,
    PROJECTED,
    Quarter,
    RecordedForecast,
    in_bands,
    mean_absolute_errors,
    read_forecasts,
    read_series,
    scores,
)
from cjsim.calibration.validation_report import STYLE
from cjsim.errors import Fault, Faults
from cjsim.experiment.open_ages import read_bands
from cjsim.experiment.results import Results, read_results
from cjsim.formatting.numbers import both_ends
from cjsim.formatting.tables import text_table
from cjsim.scenarios.load import load_experiment
from cjsim.schema.experiment import Experiment
from cjsim.storage.outputs import write_output

NOTHING = "–"
RED = "🔴"
Rows = list[tuple[str, ...]]


def error_rows(
    quarters: Sequence[Quarter], published: Mapping[dt.date, float], origin: dt.date
) -> Rows:
    """Horizon, day, and the errors of model, persistence and drift; the means in the last row."""
    rows: Rows = [
        (
            f"{score.quarters} quarter{'' if score.quarters == 1 else 's'}",
            f"{score.end:%d %B %Y}",
            *(signed(error) for error in (score.model, score.persistence, score.drift)),
        )
        for score in scores(quarters, published, origin)
    ]
    means = mean_absolute_errors(quarters, published, origin)
    rows.append(("mean, whichever way", "all quarters judged", *(share(mean) for mean in means)))
    return rows


def quarter_rows(quarters: Sequence[Quarter]) -> Rows:
    """Each quarter: published, simulated, bands and error."""
    return [
        (
            f"{quarter.end:%Y-%m-%d}",
            quarter.phase,
            count(quarter.published),
            count(quarter.simulated),
            both_ends(count(quarter.low50), count(quarter.high50)),
            both_ends(count(quarter.low90), count(quarter.high90)),
            NOTHING if math.isnan(quarter.published) else signed(quarter.error),
        )
        for quarter in quarters
    ]


ERRORS = ("Ahead", "On", "Model", "Persistence", "Drift")
QUARTERS = ("Quarter end", "Phase", "Published", "Simulated", "50 % band", "90 % band", "Error")


def summary(
    quarters: Sequence[Quarter], published: Mapping[dt.date, float], origin: dt.date
) -> list[str]:
    """The result of the back-cast in sentences."""
    model, stays, drifts = mean_absolute_errors(quarters, published, origin)
    in50, in90, known = in_bands(quarters, BACKCAST)
    fitted = [
        quarter
        for quarter in quarters
        if quarter.phase == CALIBRATED and not math.isnan(quarter.published)
    ]
    fit = sum(abs(quarter.error) for quarter in fitted) / len(fitted) if fitted else math.nan
    ahead = [quarter for quarter in quarters if quarter.phase == PROJECTED]
    lines = [
        (
            f"Mean absolute error over the {known} quarters judged: {share(model)} "
            f"(persistence {share(stays)}, drift {share(drifts)}); over the years calibrated on: "
            f"{share(fit)}."
        ),
        (
            f"Of the {known} published figures judged, {in50} lie in the 50 % band and {in90} in "
            "the 90 % band."
        ),
    ]
    if ahead:
        last = ahead[-1]
        lines.append(
            f"Projected for {last.end:%d %B %Y}: {count(last.simulated)} open cases, 90 % band "
            f"{count(last.low90)} to {count(last.high90)}."
        )
    return lines


def scoreboard_text(
    quarters: Sequence[Quarter], published: Mapping[dt.date, float], origin: dt.date
) -> str:
    """The scoreboard for a terminal."""
    return "\n".join(
        [
            text_table(QUARTERS, quarter_rows(quarters), {2, 3, 6}),
            "",
            text_table(ERRORS, error_rows(quarters, published, origin), {2, 3, 4}),
            "",
            *summary(quarters, published, origin),
        ]
    )


def scoreboard_page(
    quarters: Sequence[Quarter],
    published: Mapping[dt.date, float],
    origin: dt.date,
    forecasts: Sequence[RecordedForecast] = (),
) -> str:
    """The scoreboard in Markdown for the docs; figures outside their band in red."""
    rows = [
        (f"{RED} {row[0]}", *row[1:]) if quarter.outside else row
        for quarter, row in zip(quarters, quarter_rows(quarters), strict=True)
    ]
    return "\n".join(
        [
            *summary(quarters, published, origin),
            "",
            *_markdown(ERRORS, error_rows(quarters, published, origin), numbers={2, 3, 4}),
            "",
            *_forecasts_page(forecasts),
            *_markdown(QUARTERS, rows, numbers={2, 3, 4, 5, 6}),
            "",
            *_why([quarter for quarter in quarters if quarter.outside], "the 90 % band"),
        ]
    )


FORECASTS = ("Forecast", "Made", "Ahead", "Error")


def _forecasts_page(forecasts: Sequence[RecordedForecast]) -> list[str]:
    """Published forecasts as a comparison; empty without any."""
    if not forecasts:
        return []
    rows: Rows = [
        (forecast.forecast, forecast.made, forecast.ahead, _from_to(forecast.low, forecast.high))
        for forecast in forecasts
    ]
    return [
        "Forecasts on record, of other quarters than these and so no match for them:",
        "",
        *_markdown(FORECASTS, rows, numbers={3}),
        "",
    ]


def _from_to(low: float, high: float) -> str:
    return signed(low) if low == high else f"{signed(low)} to {signed(high)}"


def _why(failed: Sequence[object], bounds: str) -> list[str]:
    """The legend of the red mark; empty if nothing failed."""
    if not failed:
        return []
    why = "[the back-cast](backcast.md) says why, as far as is known."
    return [f"{RED} The published figure lies outside {bounds}; {why}", ""]


AGE_COLUMNS = ("On", "Age", "Published", "Simulated", "Replications from", "to")


def age_rows(shares: Sequence[AgeShare]) -> Rows:
    """Each day and age band: the published and the simulated share of open cases."""
    return [
        (
            f"{age_share.end:%Y-%m-%d}",
            age_share.age,
            *(
                share(value)
                for value in (
                    age_share.published,
                    age_share.simulated,
                    age_share.low,
                    age_share.high,
                )
            ),
        )
        for age_share in shares
    ]


def ages_page(shares: Sequence[AgeShare]) -> str:
    """The ages of open cases in Markdown; empty without published ages."""
    if not shares:
        return ""
    outside = [not share.low <= share.published <= share.high for share in shares]
    rows = [
        (f"{RED} {row[0]}", *row[1:]) if out else row
        for row, out in zip(age_rows(shares), outside, strict=True)
    ]
    return "\n".join(
        [
            "## Ages of open cases, held out",
            "",
            "Shares of open cases by time since receipt; never fitted.",
            "",
            *_markdown(AGE_COLUMNS, rows, numbers={2, 3, 4, 5}),
            "",
            *_why([out for out in outside if out], "what the replications came to"),
        ]
    )


WORK_COLUMNS = ("Of the courts' work", "Year", "Published", "Simulated", "Replications from", "to")
WORK: Final[Mapping[str, tuple[str, str]]] = {
    EFFECTIVE: ("effective trials", ",.0f"),
    INEFFECTIVE: ("ineffective, of trials listed", ".2f"),
    HEARINGS: ("hearings a case", ".2f"),
    HOURS: ("hours heard a sitting day", ".2f"),
}


def activity_page(work: Sequence[ActivityFigure]) -> str:
    """Court activity in Markdown; empty without published figures."""
    if not work:
        return ""
    rows: Rows = []
    for what, (words, style) in WORK.items():
        for one in (figure for figure in work if figure.what == what):
            ends = [format(end, style) for end in dict.fromkeys(one.published)]
            simulated = (format(value, style) for value in (one.simulated, one.low, one.high))
            rows.append((words, one.year, " to ".join(ends), *simulated))
    return "\n".join(
        [
            "## What the courts did",
            "",
            (
                "Whether the caseload comes out for the right reasons. "
                "Hearings and hours are those of the"
            ),
            (
                "cases disposed of, hours over the days sat; in part of a year the days are in "
                "proportion."
            ),
            "",
            *_markdown(WORK_COLUMNS, rows, numbers={2, 3, 4, 5}),
            "",
        ]
    )


def _markdown(headings: Sequence[str], rows: Rows, numbers: set[int]) -> list[str]:
    rule = ["---:" if index in numbers else "---" for index in range(len(headings))]
    return [f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows)]


def count(number: float) -> str:
    """A number of cases, rounded to the nearest ten."""
    return NOTHING if math.isnan(number) else f"{round(number, -1):,.0f}"


def share(number: float) -> str:
    """A share in per cent."""
    return NOTHING if math.isnan(number) else f"{number:.1%}".replace("%", " %")


def signed(number: float) -> str:
    """A share in per cent, with its sign."""
    return f"{number:+.1%}".replace("%", " %").replace("-", "\u2212")


def as_html(page: str, title: str) -> str:
    """A scoreboard in Markdown as one HTML file that needs no network."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(page)
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{html.escape(title)}</h1>\n{body}</body></html>\n"
    )


PAGE: Final = "backcast.md"
HTML: Final = "backcast.html"
SCOREBOARD: Final = "backcast_scoreboard.md"


def show_backcast(folder: Path, *, docs: Path | None = None) -> str:
    """The scoreboard as text; pages and chart are written beside the results, and into `docs`.

    Raises Faults without a back-cast.
    """
    results = read_results(folder)
    quarters = read_quarters(results.folder / TABLE)
    experiment = _experiment(results)
    assert experiment.backcast is not None
    origin = experiment.backcast.origin
    published = read_series(experiment.published_file or Path(), origin)
    forecasts = read_forecasts(experiment.published_file or Path())
    page = scoreboard_page(quarters, published, origin, forecasts)
    if experiment.ages_file is not None:
        ages = age_shares(results.kpis, experiment.backcast, read_bands(experiment.ages_file))
        page = f"{page}\n{ages_page(ages)}"
    if experiment.published_file is not None and (
        known := read_court_activity(experiment.published_file)
    ):
        ended = disposals(experiment.published_file)
        work = activity_figures(results.kpis, known, ended, experiment.backcast.judged_to)
        page = f"{page}\n{activity_page(work)}"
    _write(page, results.folder / PAGE)
    _write(as_html(page, f"{experiment.title}: scoreboard"), results.folder / HTML)
    one_in = results.model(results.scenarios[0]).one_in
    _draw(quarters, results, results.folder / "charts", one_in)
    if docs is not None:
        _write(f"{_HEAD}\n\n{page}", docs / SCOREBOARD)
        _draw(quarters, results, docs / "images", one_in)
    return scoreboard_text(quarters, published, origin)


_HEAD: Final = """# The scoreboard of the Crown Court back-cast

Written by `cjsim backcast results/crown_backcast --docs docs`; what it means stands in
[the back-cast](backcast.md)."""


def _write(text: str, path: Path) -> None:
    write_output(text.rstrip("\n") + "\n", path, "backcast")


def _draw(quarters: list[Quarter], results: Results, folder: Path, one_in: float) -> None:
    version = results.metadata.versions.get("cjsim", "")
    run = results.metadata.run_id
    source = (
        f"Source: simulation with cjsim {version}, run {run}; published: Ministry of Justice, "
        "Criminal court statistics quarterly."
    )
    write_chart(quarters, folder, one_in=one_in, source=source)


def _experiment(results: Results) -> Experiment:
    """The experiment of a run, from the file that the run names. Raises Faults."""
    file = results.experiment_file
    if file is None:
        kept = str(results.metadata.experiment.file)
        wrong = "the experiment of this run was not found."
        raise Faults([Fault(kept, "", wrong, "Go to the folder of the study that holds it.")])
    experiment = load_experiment(file)
    if experiment.backcast is None:
        wrong = "this experiment no longer has a back-cast."
        raise Faults([Fault(str(file), "backcast", wrong, "Add the table [backcast].")])
    return experiment
