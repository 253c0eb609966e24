"""The report of a calibration: one page that needs no network."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cjsim.calibration.history_matching.charts import (
    correlations_chart,
    numbers_chart,
    pairs_chart,
    targets_chart,
)
from cjsim.formatting.numbers import NOTHING, number, span

if TYPE_CHECKING:
    from cjsim.calibration.history_matching.results import (
        CalibrationRecord,
        MatchingResult,
        ParameterRow,
        TargetRow,
        WaveRow,
    )


_STYLE: Final = """
body { font-family: Arial, "Liberation Sans", sans-serif; color: #0B0C0C; max-width: 62rem;
       margin: 2rem auto; padding: 0 1rem; line-height: 1.45; }
table { border-collapse: collapse; width: 100%; margin: 0.8rem 0 1.6rem; font-size: 0.88rem; }
th, td { text-align: left; padding: 0.3rem 0.5rem; border-bottom: 1px solid #D9D9D9;
         vertical-align: top; }
th.number, td.number { text-align: right; }
td.number { white-space: nowrap; }
.out { color: #B10E1E; font-weight: bold; }
img { width: 100%; max-width: 50rem; display: block; margin: 1rem 0; }
"""

MAXIMA: Final = {1: "largest", 2: "second largest", 3: "third largest"}


def report_page(result: MatchingResult, record: CalibrationRecord) -> str:
    """The page as HTML."""
    targets, parameters = record.targets, record.parameters
    source = f"cjsim calibrate, run {record.run_id}, seed {record.seed}."
    title = html.escape(str(record.title))
    charts = [
        ("Targets", targets_chart(targets, source), "Each target before and after"),
        ("Numbers", numbers_chart(result, parameters, source), "Ranges left for each parameter"),
        ("Pairs", pairs_chart(result, parameters, source), "Implausibility by pairs of parameters"),
        (
            "Together",
            correlations_chart(result, parameters, source),
            "Correlations of the parameters",
        ),
    ]
    pictures = {name: _picture(svg, alternative) for name, svg, alternative in charts}
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en-GB"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Calibration: {title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Calibration: {title}</h1>",
        *(f"<p>{html.escape(line)}</p>" for line in result_sentences(result, record)),
        "<h2>Targets</h2>",
        pictures["Targets"],
        _targets_table(targets),
        "<h2>Parameters</h2>",
        pictures["Numbers"],
        _numbers_table(parameters),
        "<h2>Pairs</h2>",
        pictures["Pairs"],
        pictures["Together"],
        "<h2>Waves</h2>",
        _waves_table(record.waves),
        _provenance(record),
    ]
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _provenance(record: CalibrationRecord) -> str:
    return (
        f"<p>Run {record.run_id}; model {record.model_hash[:12]}; {record.study_from} to "
        f"{record.study_to}; {record.replications} replications at each point, with the same "
        "random numbers at every point.</p>"
    )


def result_sentences(result: MatchingResult, record: CalibrationRecord) -> list[str]:
    """The result in sentences: space left, targets matched, and targets not matched."""
    targets = record.targets
    fitted = [row for row in targets if row.fitted]
    others = [row for row in targets if not row.fitted]
    share = record.waves[-1].share_left if record.waves else 0.0
    maximum = MAXIMA[result.history.maximum]
    first = (
        f"{len(result.simulated.points)} points were simulated in {len(record.waves)} waves. A "
        f"point is ruled out when the {maximum} of its distances from the targets is more than "
        f"{result.history.cut:g} standard deviations. {100 * share:.3g} % of the space is left."
    )
    lines = [first]
    plausible, sets = record.sets_plausible, record.sets
    if plausible == 0:
        lines.append(
            "No set of parameters agrees with all fitted targets. The sets kept are the nearest "
            "ones. They are not plausible, and a run over them warns of it."
        )
    else:
        lines.append(
            f"The ensemble holds {sets} sets, spread as widely as possible; {record.sets_tried} "
            f"were simulated again to confirm them."
        )
    inside = sum(row.after_in for row in fitted)
    before = sum(row.before_in for row in fitted)
    lines.append(
        f"Of the {len(fitted)} fitted targets, the mean of the sets is inside the allowed range "
        f"for {inside}; before calibration for {before}."
    )
    if others:
        inside, before = (
            sum(getattr(row, key) for row in others) for key in ("after_in", "before_in")
        )
        blind = sum(row.use == "blind" for row in others)
        lines.append(
            f"Of the {len(others)} targets that are not fitted, declared before the calibration, "
            f"{inside} are inside; before calibration {before}. {blind} of them are blind: nobody "
            "looked at them while changing a number of the model."
        )
    titles = {row.target: row.title for row in targets}
    missed = [titles[name] for name in record.unmatched]
    out = [row.title for row in others if not row.after_in]
    lines.append(
        f"Not matched by more than half of the sets: {'; '.join(missed)}."
        if missed
        else "More than half of the sets match every fitted target."
    )
    if out:
        lines.append(f"Not fitted and outside: {'; '.join(out)}.")
    return lines


def _picture(svg: bytes, alternative: str) -> str:
    data = base64.b64encode(svg).decode()
    text = html.escape(alternative)
    return f'<img alt="{text}" src="data:image/svg+xml;base64,{data}">'


def _targets_table(rows: Sequence[TargetRow]) -> str:
    headings = ("target", "use", "unit", "published", "before", "plausible sets", "90 % of them")
    cells = []
    for row in rows:
        unit = row.unit
        ends = dict.fromkeys((row.published_low, row.published_high))
        published = " to ".join(number(end, unit) for end in ends)
        after = number(row.after, unit)
        cells.append(
            (
                html.escape(row.title),
                row.use,
                html.escape(unit),
                published,
                _red(number(row.before, unit), out=not row.before_in),
                _red(after, out=not row.after_in),
                _span(row.after_low, row.after_high, unit),
            )
        )
    return _table(headings, cells, {3, 4, 5, 6})


def _numbers_table(rows: Sequence[ParameterRow]) -> str:
    headings = ("parameter", "before", "bounds", "left", "likely, 90 %", "mean of the sets")
    cells = [
        (
            f"<code>{html.escape(row.parameter)}</code>" + " (factor)" * row.is_factor,
            f"{row.as_it_is:.4g}",
            f"{row.low:g} to {row.high:g}",
            _span(row.left_low, row.left_high),
            _span(row.likely_low, row.likely_high),
            f"{row.mean_of_sets:.4g}",
        )
        for row in rows
    ]
    return _table(headings, cells, {1, 2, 3, 4, 5})


def _waves_table(waves: Sequence[WaveRow]) -> str:
    headings = ("wave", "points", "share of the space left", "as predicted")
    cells = [
        (
            str(wave.wave),
            str(wave.points),
            f"{100 * wave.share_left:.3g} %",
            NOTHING if wave.as_expected is None else f"{100 * wave.as_expected:.0f} %",
        )
        for wave in waves
    ]
    note = (
        "<p>As predicted: the share of a wave's simulated values within two standard deviations "
        "of the prediction by the emulators of the wave before; about 95 % is right.</p>"
    )
    return _table(headings, cells, {0, 1, 2, 3}) + note


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: set[int]) -> str:
    def mark(index: int) -> str:
        return ' class="number"' if index in numbers else ""

    head = "".join(
        f'<th scope="col"{mark(index)}>{heading}</th>' for index, heading in enumerate(headings)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{mark(index)}>{cell}</td>" for index, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _span(low: float | None, high: float | None, unit: str = "") -> str:
    return span(low, high, unit, signed=False)


def _red(text: str, *, out: bool) -> str:
    return f'<span class="out">{text}</span>' if out else text
