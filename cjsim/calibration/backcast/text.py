"""A back-cast in words: the scoreboard, as text for a terminal and as a page of the docs."""

from __future__ import annotations

import datetime as dt
import html
import math
from collections.abc import Mapping, Sequence
from typing import Final

from cjsim.calibration.backcast.ages import AgeShare
from cjsim.calibration.backcast.court_activity import EFFECTIVE, HEARINGS, HOURS, INEFFECTIVE, Work
from cjsim.calibration.backcast.scores import (
    BACKCAST,
    CALIBRATED,
    PROJECTED,
    OnRecord,
    Quarter,
    inside,
    mean_absolute_errors,
    scores,
)
from cjsim.calibration.validation_report import STYLE
from cjsim.formatting.numbers import both_ends
from cjsim.formatting.tables import text_table

NOTHING = "–"
RED = "🔴"
Rows = list[tuple[str, ...]]


def error_rows(
    quarters: Sequence[Quarter], published: Mapping[dt.date, float], origin: dt.date
) -> Rows:
    """Horizon, day, and the signed errors of the model, persistence and drift; last the means."""
    rows: Rows = [
        (
            f"{one.quarters} quarter{'' if one.quarters == 1 else 's'}",
            f"{one.end:%d %B %Y}",
            *(signed(error) for error in (one.model, one.persistence, one.drift)),
        )
        for one in scores(quarters, published, origin)
    ]
    means = mean_absolute_errors(quarters, published, origin)
    rows.append(("mean, whichever way", "all quarters judged", *(share(one) for one in means)))
    return rows


def quarter_rows(quarters: Sequence[Quarter]) -> Rows:
    """Each quarter: published, simulated, its bands and the error."""
    return [
        (
            f"{one.end:%Y-%m-%d}",
            one.phase,
            count(one.published),
            count(one.simulated),
            both_ends(count(one.low50), count(one.high50)),
            both_ends(count(one.low90), count(one.high90)),
            NOTHING if math.isnan(one.published) else signed(one.error),
        )
        for one in quarters
    ]


ERRORS = ("Ahead", "On", "Model", "Persistence", "Drift")
QUARTERS = ("Quarter end", "Phase", "Published", "Simulated", "50 % band", "90 % band", "Error")


def summary(
    quarters: Sequence[Quarter], published: Mapping[dt.date, float], origin: dt.date
) -> list[str]:
    """What the back-cast comes to, in sentences."""
    model, stays, drifts = mean_absolute_errors(quarters, published, origin)
    in50, in90, known = inside(quarters, BACKCAST)
    fitted = [one for one in quarters if one.phase == CALIBRATED and not math.isnan(one.published)]
    fit = sum(abs(one.error) for one in fitted) / len(fitted) if fitted else math.nan
    ahead = [one for one in quarters if one.phase == PROJECTED]
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
    forecasts: Sequence[OnRecord] = (),
) -> str:
    """The scoreboard in Markdown, to stand in the docs; what lies outside its band in red."""
    rows = [
        (f"{RED} {row[0]}", *row[1:]) if one.outside else row
        for one, row in zip(quarters, quarter_rows(quarters), strict=True)
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
            *_why([one for one in quarters if one.outside], "the 90 % band"),
        ]
    )


FORECASTS = ("Forecast", "Made", "Ahead", "Error")


def _forecasts_page(forecasts: Sequence[OnRecord]) -> list[str]:
    """Forecasts on record, to hold the model's errors against; nothing where there are none."""
    if not forecasts:
        return []
    rows: Rows = [
        (one.forecast, one.made, one.ahead, _from_to(one.low, one.high)) for one in forecasts
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
    """What the red mark means, and where its reason is told; nothing where none failed."""
    if not failed:
        return []
    why = "[the back-cast](backcast.md) says why, as far as is known."
    return [f"{RED} The published figure lies outside {bounds}; {why}", ""]


AGE_COLUMNS = ("On", "Age", "Published", "Simulated", "Replications from", "to")


def age_rows(shares: Sequence[AgeShare]) -> Rows:
    """Each day and age: the published share of open cases, and the simulated ones."""
    return [
        (
            f"{one.end:%Y-%m-%d}",
            one.age,
            *(share(value) for value in (one.published, one.simulated, one.low, one.high)),
        )
        for one in shares
    ]


def ages_page(shares: Sequence[AgeShare]) -> str:
    """The ages of open cases in Markdown; nothing where none are published."""
    if not shares:
        return ""
    outside = [not one.low <= one.published <= one.high for one in shares]
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


def work_page(work: Sequence[Work]) -> str:
    """What the courts did, in Markdown; nothing where nothing was published of it."""
    if not work:
        return ""
    rows: Rows = []
    for what, (words, style) in WORK.items():
        for one in (found for found in work if found.what == what):
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
    rule = ["---:" if place in numbers else "---" for place in range(len(headings))]
    return [f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows)]


def count(number: float) -> str:
    """A number of cases to the nearest ten, as no sample is more exact than that."""
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
