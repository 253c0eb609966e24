"""A back-cast in words: the scoreboard, as text for a terminal and as a page of the docs."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

from cjsim.calibrate.backcast import (
    BACKCAST,
    CALIBRATED,
    PROJECTED,
    Quarter,
    inside,
    mean_absolute_errors,
    scores,
)
from cjsim.calibrate.backcast_ages import AgeShare
from cjsim.experiment.show import table_text

NOTHING = "–"
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
            f"{count(one.low50)} to {count(one.high50)}",
            f"{count(one.low90)} to {count(one.high90)}",
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
    return "\n".join([
        table_text(QUARTERS, quarter_rows(quarters), {2, 3, 6}), "",
        table_text(ERRORS, error_rows(quarters, published, origin), {2, 3, 4}), "",
        *summary(quarters, published, origin),
    ])  # fmt: skip


def scoreboard_page(
    quarters: Sequence[Quarter], published: Mapping[dt.date, float], origin: dt.date
) -> str:
    """The scoreboard in Markdown, to stand in the docs."""
    return "\n".join([
        *summary(quarters, published, origin), "",
        *_markdown(ERRORS, error_rows(quarters, published, origin), numbers={2, 3, 4}), "",
        *_markdown(QUARTERS, quarter_rows(quarters), numbers={2, 3, 4, 5, 6}), "",
    ])  # fmt: skip


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
    return "\n".join([
        "## Ages of open cases, held out", "",
        "Shares of open cases by time since receipt; never fitted.", "",
        *_markdown(AGE_COLUMNS, age_rows(shares), numbers={2, 3, 4, 5}), "",
    ])  # fmt: skip


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
