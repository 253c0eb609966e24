"""A fit as text: the report, the lines for a terminal, and TOML for a model.

Every number about an agency's cases comes from a protected table or from a rounded count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cjsim.calibration.fitting.disclosure import FINEST, ROUNDED_TO, ProtectedTable, nice, step_at
from cjsim.calibration.fitting.distributions import Distribution, FamilyName
from cjsim.calibration.fitting.extract_layout import Length
from cjsim.calibration.fitting.goodness import (
    Goodness,
    ModelDuration,
    as_model_duration,
    goodness,
    is_poor,
    largest_gap,
)
from cjsim.calibration.fitting.model_selection import Data, Fit, ModelSelection, summaries
from cjsim.calibration.fitting.published import ASSUMPTION, FitFile
from cjsim.schema.register import Register

NAMES: Final[dict[FamilyName, str]] = {
    "lognormal": "lognormal",
    "gamma": "gamma",
    "weibull": "Weibull",
    "two_lognormals": "two lognormals",
}
Z_95: Final = 1.959963984540054
Z_90: Final = 1.6448536269514722


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table; a bar in a cell is escaped."""
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines]


def figures_of(value: float) -> str:
    """Three significant figures, without an exponent; a dash for what is not known."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(decimals, 6)}f}"


def fit_markdown(
    file: FitFile, selection: ModelSelection, register: Register, chart: str, made: str
) -> str:
    """The report of a fit to published figures."""
    data = file.data()
    good = goodness(selection.chosen, data)
    lines = [
        f"# {file.title}",
        "",
        f"{file.what}. In {file.unit}. Made by `{made}`; do not edit.",
        "",
        f"![{file.title}: the fitted distribution and its data]({chart})",
        "",
        "## What is published",
        "",
        *_published_table(file, register),
        "",
        "## Distributions fitted",
        "",
        *distributions_table(selection, file.unit),
        "",
        *_chosen(selection),
        "",
        "## How well it agrees",
        "",
        *_agreement(selection, data, good),
        "",
        "## In a model file",
        "",
        *model_lines(selection, file.unit),
    ]
    if file.caution:
        lines += ["", "## Read with care", "", file.caution]
    return "\n".join(lines) + "\n"


def _published_table(file: FitFile, register: Register) -> list[str]:
    rows = []
    for source in [*file.sources()]:
        row = register.get(source)
        if row is None:
            rows.append(("assumption", "our own, not published", "", ""))
        else:
            rows.append((f"`{source}`", row["figure"], row["period"], row["status"]))
    return markdown_table(("figure", "what", "period", "status"), rows)


def distributions_table(selection: ModelSelection, unit: str) -> list[str]:
    """Each fit with its parameters, the number of them, AIC, median, p90 and mean."""
    rows = []
    for fit in selection.fits:
        name = NAMES[fit.distribution.family.name]
        median, p90, mean = summaries(fit.distribution)
        rows.append(
            (
                f"**{name}**" if fit is selection.chosen else name,
                parameter_text(fit.distribution),
                str(fit.free_numbers),
                f"{fit.aic - selection.chosen.aic:+.1f}",
                *(figures_of(value) for value in (median, p90, mean)),
            )
        )
    lines = markdown_table(
        (
            "distribution",
            "parameters",
            "free",
            "AIC, from the chosen",
            f"median, {unit}",
            "p90",
            "mean",
        ),
        rows,
    )
    for name, why in selection.untried:
        lines += ["", f"Not tried: {NAMES[name]}, because {why}."]
    return lines


def parameter_text(distribution: Distribution) -> str:
    """The named parameters of a distribution, and its share at once."""
    named = [
        f"{key.replace('_', ' ')} {figures_of(value)}"
        for key, value in zip(distribution.family.parameters, distribution.parameters, strict=True)
    ]
    if distribution.at_once:
        named.append(f"at once {figures_of(distribution.at_once)}")
    return ", ".join(named)


def _chosen(selection: ModelSelection) -> list[str]:
    chosen = NAMES[selection.chosen.distribution.family.name]
    if not selection.as_good:
        return [f"Chosen: {chosen}, by AIC."]
    others = " and ".join(NAMES[fit.distribution.family.name] for fit in selection.as_good)
    verb = "fits" if len(selection.as_good) == 1 else "fit"
    ends = [summaries(fit.distribution)[1] for fit in (selection.chosen, *selection.as_good)]
    between = f"{figures_of(min(ends))} to {figures_of(max(ends))}"
    text = (
        f"Chosen: {chosen}. **On these data {others} {verb} as well**; under these distributions "
    )
    return [f"{text}the 90th percentile is anywhere from {between}."]


def _agreement(selection: ModelSelection, data: Data, good: Goodness) -> list[str]:
    lines: list[str] = []
    if good.figures:
        rows = []
        for error in good.figures:
            bound = "at least " if error.at_least else ""
            kind = "compared only" if error.held_out else "fitted"
            kind = "assumed" if error.source == ASSUMPTION else kind
            verdict = "within its tolerance" if error.within else "**outside its tolerance**"
            off = f"{100 * error.relative:+.1f} %" if math.isfinite(error.relative) else "–"
            rows.append(
                (
                    error.name,
                    bound + figures_of(error.published),
                    figures_of(error.fitted),
                    off,
                    kind,
                    verdict,
                )
            )
        headings = ("figure", "published", "fitted", "off by", "used", "verdict")
        lines += [*markdown_table(headings, rows), ""]
        equal = sum(not (figure.held_out or figure.at_least) for figure in good.figures)
        if not len(data.count) and equal == selection.chosen.free_numbers:
            same = f"{equal} figures and {equal} free numbers"
            lines += [f"{same}: agreement does not support the distribution.", ""]
    if math.isfinite(good.largest_gap):
        lines += [
            f"Largest difference of cumulative shares: {100 * good.largest_gap:.1f} points.",
            "",
        ]
    if good.chi_square is not None:
        chi = good.chi_square
        freedom = f"{chi.degrees} degrees of freedom"
        lines += [f"Chi-square {chi.statistic:.1f} with {freedom}, p = {chi.p:.2g}.", ""]
    low, high = selection.chosen.interval("median", Z_95)
    lines.append(f"Median, 95 % interval: {_interval_text(low, high)}.")
    low, high = selection.chosen.interval("p90", Z_95)
    lines.append(f"90th percentile, 95 % interval: {_interval_text(low, high)}.")
    if not len(data.count) and not len(data.age_count):
        lines.append("Without counts the intervals follow from the tolerances of the figures.")
    return lines


def _interval_text(low: float, high: float) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return "not determined"
    return f"{figures_of(low)} to {figures_of(high)}"


def model_lines(selection: ModelSelection, unit: str) -> list[str]:
    """The duration for a model file, and its distance from the fitted distribution."""
    distribution = as_model_duration(selection)
    numbers = f"median = {distribution.median:.3g}, p90 = {distribution.p90:.3g}"
    if distribution.at_once:
        numbers += f", at_once = {distribution.at_once:.3g}"
    lines = ["```toml", f'duration = {{ unit = "{unit}", {numbers} }}', "```", ""]
    if distribution.gap < 0.005:
        return [*lines, "This is the fitted distribution itself."]
    off = f"{100 * distribution.gap:.1f} points of cumulative share"
    return [
        *lines,
        f"A model file takes a lognormal; the chosen distribution differs by up to {off}.",
    ]


def fit_toml(selection: ModelSelection, unit: str, good: Goodness, *, made: str, name: str) -> str:
    """The fit as TOML: the distribution, its summaries, its fit, and the duration of a model."""
    fit = selection.chosen
    lines = [f"# Written by `{made}`; do not edit.", "", "[distribution]"]
    lines += [
        f'family = "{fit.distribution.family.name}"',
        f'unit = "{unit}"',
        f"at_once = {toml_number(fit.distribution.at_once)}",
    ]
    lines += [
        f"{key} = {toml_number(value)}"
        for key, value in zip(
            fit.distribution.family.parameters, fit.distribution.parameters, strict=True
        )
    ]
    median, p90, mean = summaries(fit.distribution)
    lines += [
        "",
        "[summaries]",
        f"median = {toml_number(median)}",
        f"p90 = {toml_number(p90)}",
        f"mean = {toml_number(mean)}",
    ]
    lines += [
        "",
        "[agreement]",
        f"aic = {toml_number(fit.aic)}",
        f"free_numbers = {fit.free_numbers}",
    ]
    if math.isfinite(good.largest_gap):
        lines.append(f"largest_gap = {toml_number(good.largest_gap)}")
    if good.chi_square is not None:
        lines.append(f"chi_square_p = {toml_number(good.chi_square.p)}")
    outside = [error.name for error in good.figures if not error.within]
    lines.append(f"outside_tolerance = [{', '.join(chr(34) + each + chr(34) for each in outside)}]")
    as_good = [f'"{fit.distribution.family.name}"' for fit in selection.as_good]
    lines.append(f"as_good = [{', '.join(as_good)}]")
    return (
        "\n".join(
            [
                *lines,
                "",
                *duration_toml(
                    as_model_duration(selection), fit.interval("median", Z_95), unit, name
                ),
            ]
        )
        + "\n"
    )


def duration_toml(
    duration: ModelDuration, limits: tuple[float, float], unit: str, source: str
) -> list[str]:
    """The duration table for a model file; `limits` are the 95 % limits of the median."""
    low, high = limits
    lines = [
        "[duration]",
        f'unit = "{unit}"',
        f"median = {toml_number(duration.median)}",
        f"p90 = {toml_number(duration.p90)}",
    ]
    if duration.at_once:
        lines.append(f"at_once = {toml_number(duration.at_once)}")
    lines += [f'source = "{source}"', 'evidence = "derived"']
    if math.isfinite(low) and math.isfinite(high) and low <= duration.median <= high:
        lines.append(f"range = [{toml_number(low)}, {toml_number(high)}]")
    return lines


def toml_number(value: float) -> str:
    """A TOML number with four significant figures."""
    rounded = float(f"{value:.4g}")
    return repr(rounded) if rounded != int(rounded) or abs(rounded) > 1e9 else f"{int(rounded)}.0"


def fit_line(fit: Fit, unit: str) -> str:
    """One fit as a line for a terminal."""
    median, p90, mean = summaries(fit.distribution)
    at_once = (
        f"{100 * fit.distribution.at_once:.3g} % at once, " if fit.distribution.at_once else ""
    )
    return (
        f"{NAMES[fit.distribution.family.name]}: {at_once}median {figures_of(median)}, "
        f"p90 {figures_of(p90)}, mean {figures_of(mean)} {unit}"
    )


MARK: Final = "fit of an extract"
NOT_REACHED: Final = "not reached"
_QUANTILES: Final = (0.25, 0.5, 0.75, 0.9)
_P90: Final = 0.9


@dataclass(frozen=True)
class Counts:
    """The counts of a length as they may be shown."""

    cases: str
    completed: str
    open: str
    ended_otherwise: str
    at_once: str


@dataclass(frozen=True)
class LengthFit:
    """One length of one group: its counts, its protected table, and what was fitted to that."""

    length: Length
    group: str
    counts: Counts
    table: ProtectedTable | None
    selection: ModelSelection | None
    refused: tuple[tuple[FamilyName, str], ...] = ()

    @property
    def gap(self) -> float:
        """The largest difference between the chosen distribution and the cases; NaN if none."""
        if self.table is None or self.selection is None:
            return math.nan
        seen = self.table.survival
        return largest_gap(self.selection.chosen.distribution, seen.times, seen.done)

    @property
    def is_poor(self) -> bool:
        """Whether even the best fit is far from the cases."""
        return self.table is not None and is_poor(self.gap, int(self.table.completed.sum()))

    def model_duration(self) -> ModelDuration | None:
        """The duration for a model; None where one of its numbers lies beyond the cases."""
        if self.table is None or self.selection is None:
            return None
        distribution = as_model_duration(self.selection)
        seen = self.table.survival.still_open(self.table.horizon) <= (1 - _P90) * (
            1 - distribution.at_once
        )
        return distribution if seen and distribution.p90 <= self.table.horizon else None


def terminal_lines(fits: Sequence[LengthFit]) -> list[str]:
    """The lines for a terminal: one for each length and each of its groups."""
    lines = []
    for fit in fits:
        name = fit.group or fit.length.title
        line = f"{'  ' if fit.group else ''}{name}: {fit.counts.cases} cases"
        if fit.table is None:
            lines.append(f"{line}, too few completed to fit")
            continue
        line += f", in {fit.length.unit}: median {_with_limits(fit.table, 0.5)}, p90 "
        line += f"{_quantile(fit.table, _P90)}, mean within {_horizon(fit.table)} "
        line += _mean(fit.table)
        if fit.selection is not None:
            line += f"; {NAMES[fit.selection.chosen.distribution.family.name]}"
            line += f", no good fit: off by {100 * fit.gap:.0f} points" if fit.is_poor else ""
        if not fit.group and fit.model_duration() is None:
            line += "; nothing for a model"
        lines.append(line)
    return lines


def length_section(fits: Sequence[LengthFit], hidden: Sequence[str], fewest: int) -> list[str]:
    """The section of a length: counts, chart, the cases beside the fits, and the duration."""
    all_cases = fits[0]
    table, selection = all_cases.table, all_cases.selection
    lines = ["", f"## {all_cases.length.title}", "", *_counts(fits), *_groups_left_out(hidden)]
    if table is None:
        return [*lines, "", f"Fewer than {fewest} are completed: not fitted."]
    lines += ["", f"![{all_cases.length.title}]({all_cases.length.name}.svg)", ""]
    lines += [*_laws(all_cases, table), ""]
    lines += [_what_is_not_told(table), ""]
    if selection is not None:
        lines += [*_quantile_table(all_cases, table, selection), ""]
    return [*lines, *_for_a_model(all_cases, table)]


def _what_is_not_told(table: ProtectedTable) -> str:
    return (
        f"Nothing is said of lengths beyond {_horizon(table)} {table.unit}: too few cases end "
        f"there to be shown one by one. A quantile is {NOT_REACHED} where it lies beyond that, or "
        "where too many cases are still open; the mean counts no case for longer."
    )


def _counts(fits: Sequence[LengthFit]) -> list[str]:
    unit = fits[0].length.unit
    headings = (
        "offence group",
        "cases",
        "completed",
        "open",
        "ended another way",
        "at once",
        f"median, {unit} (95 %)",
        "p90",
        "mean within",
    )
    rows = []
    for fit in fits:
        counts, table = fit.counts, fit.table
        seen = ("–", "–", "–")
        if table is not None:
            within = f"{_mean(table)} ({_horizon(table)})"
            seen = (_with_limits(table, 0.5), _quantile(table, _P90), within)
        rows.append(
            (
                fit.group or "all",
                counts.cases,
                counts.completed,
                counts.open,
                counts.ended_otherwise,
                counts.at_once,
                *seen,
            )
        )
    return markdown_table(headings, rows)


def _groups_left_out(hidden: Sequence[str]) -> list[str]:
    if not hidden:
        return []
    why = "Not shown, because they hold few cases or none, or would give another away"
    return ["", f"{why}: {', '.join(hidden)}."]


def _laws(fit: LengthFit, table: ProtectedTable) -> list[str]:
    """The cases beside every admitted fit, over the observed lengths."""
    headings = (
        "",
        "parameters",
        "free",
        "AIC, from the chosen",
        f"median, {table.unit}",
        "p90",
        f"mean within {_horizon(table)}",
    )
    seen = (_with_limits(table, 0.5), _quantile(table, _P90), _mean(table))
    rows: list[Sequence[str]] = [("cases (Kaplan and Meier)", "", "", "", *seen)]
    for tried in fit.selection.fits if fit.selection else ():
        name = NAMES[tried.distribution.family.name]
        chosen = fit.selection is not None and tried is fit.selection.chosen
        median, p90, _ = summaries(tried.distribution)
        above = fit.selection.chosen.aic if fit.selection else math.nan
        rows.append(
            (
                f"**{name}**" if chosen else name,
                parameter_text(tried.distribution),
                str(tried.free_numbers),
                f"{tried.aic - above:+.1f}",
                figures_of(median),
                figures_of(p90) if p90 <= table.horizon else NOT_REACHED,
                figures_of(tried.distribution.mean_within(table.horizon)),
            )
        )
    lines = markdown_table(headings, rows)
    for name, why in fit.selection.untried if fit.selection else ():
        lines += ["", f"Not tried: {NAMES[name]}, because {why}."]
    for name, why in fit.refused:
        lines += ["", f"Refused: {NAMES[name]}, because {why}."]
    return lines


def _quantile_table(fit: LengthFit, table: ProtectedTable, selection: ModelSelection) -> list[str]:
    """Quantiles of the cases beside those of the chosen distribution."""
    rows = []
    for share in _QUANTILES:
        says = selection.chosen.distribution.quantile(share)
        shown = figures_of(says) if says <= table.horizon else NOT_REACHED
        rows.append((f"{100 * share:.0f} %", _with_limits(table, share), shown))
    headings = (f"completed within, {table.unit}", "cases (95 %)", "distribution")
    lines = markdown_table(headings, rows)
    low, high = selection.chosen.interval("median", Z_95)
    if math.isfinite(low) and math.isfinite(high) and high <= table.horizon:
        after = " of those not at once" if selection.chosen.distribution.at_once else ""
        ends = f"{figures_of(low)} to {figures_of(high)}"
        lines += ["", f"Median{after} by the distribution, 95 %: {ends}."]
    lines += ["", f"Largest difference of cumulative shares: {100 * fit.gap:.1f} points."]
    if fit.is_poor:
        worst = "**None of these distributions describes these cases well.**"
        lines += ["", f"{worst} Look at the chart first."]
    return lines


def _for_a_model(fit: LengthFit, table: ProtectedTable) -> list[str]:
    if fit.model_duration() is not None and fit.selection is not None:
        return model_lines(fit.selection, table.unit)
    if fit.selection is None:
        return ["Nothing to put into a model: no distribution rests on these cases alone."]
    text = (
        "Nothing to put into a model: it would take a median and a 90th percentile, and these "
        f"cases do not reach one of them within {_horizon(table)} {table.unit}. What lies beyond "
        "would be the distribution's guess."
    )
    return [text]


def model_toml(
    fits: Sequence[LengthFit], hidden: Sequence[str], as_of: str, source: str
) -> str | None:
    """The duration for a model, with factors of groups; None where a number would be a guess."""
    all_cases = fits[0]
    distribution = all_cases.model_duration()
    if distribution is None or all_cases.selection is None or all_cases.table is None:
        return None
    lines = [
        f"# {all_cases.length.title}: a {MARK} as of {as_of}.",
        "# Name your own source, and register it in calibration/register.csv.",
        "",
    ]
    if all_cases.is_poor:
        lines[2:2] = ["# No distribution describes these cases well: see report.md."]
    limits = _range(all_cases.table, all_cases.selection, distribution)
    lines += duration_toml(distribution, limits, all_cases.length.unit, source)
    median = summaries(all_cases.selection.chosen.rest)[0]
    factors = [
        f"{fit.group} = {summaries(fit.selection.chosen.rest)[0] / median:.2g}"
        for fit in fits[1:]
        if fit.selection is not None
    ]
    if factors:
        lines.append(f"by_group = {{ {', '.join(factors)} }}")
    if hidden:
        lines.append("# Groups that are not named keep 1: too few cases to be shown.")
    return "\n".join(lines) + "\n"


def _range(
    table: ProtectedTable, selection: ModelSelection, distribution: ModelDuration
) -> tuple[float, float]:
    """The 95 % limits of the median, wide enough for those of the cases and those of the fit.

    The limits of the fit alone are too narrow where the likelihood has a spike.
    """
    of_cases = table.quantile_limits(distribution.at_once + 0.5 * (1.0 - distribution.at_once))
    of_law = selection.chosen.interval("median", Z_95)
    low = min((each for each in (of_cases[0], of_law[0]) if math.isfinite(each)), default=math.nan)
    high = max((each for each in (of_cases[1], of_law[1]) if math.isfinite(each)), default=math.nan)
    return low, high


# --- numbers ----------------------------------------------------------------------------------


def _with_limits(table: ProtectedTable, share: float) -> str:
    low, high = table.quantile_limits(share)
    step = _step(table, share)
    ends = [_number(end, step) for end in (low, high)]
    if not math.isfinite(low):
        return _quantile(table, share)
    upper = ends[1] if math.isfinite(high) else NOT_REACHED
    return f"{_quantile(table, share)} ({ends[0]} to {upper})"


def _quantile(table: ProtectedTable, share: float) -> str:
    value = table.quantile(share)
    return _number(value, _step(table, share)) if math.isfinite(value) else NOT_REACHED


def _step(table: ProtectedTable, share: float) -> float:
    """The rounding of a quantile: about a quarter of its 95 % interval, where there is one."""
    value = table.quantile(share)
    low, high = table.quantile_limits(share)
    distances = [abs(end - value) for end in (low, high) if math.isfinite(end)]
    finest = FINEST[table.unit]
    if not math.isfinite(value) or not distances:
        return finest
    return max(
        nice(max(distances) / 2.0), min(step_at(value, table.unit), nice(max(distances))), finest
    )


def _mean(table: ProtectedTable) -> str:
    """The restricted mean, rounded to the change that a few cases could make."""
    step = max(nice(ROUNDED_TO * table.horizon / table.count), FINEST[table.unit])
    return _number(table.mean_within(), step)


def _horizon(table: ProtectedTable) -> str:
    shown = math.floor(table.horizon + 1e-9) if table.unit == "days" else table.horizon
    return f"{shown:,.6g}"


def _number(value: float, step: float) -> str:
    """A number to the nearest multiple of a step, with the decimals of the step."""
    if not math.isfinite(value):
        return NOT_REACHED
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{step * round(value / step):,.{decimals}f}"
