"""What is said of an agency's cases: on the terminal, in the report, and as TOML for a model.

Every number here comes from a protected table or from a count that is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cjsim.calibration.fitting.disclosure import FINEST, ROUNDED_TO, Protected, nice, step_at
from cjsim.calibration.fitting.distributions import FamilyName
from cjsim.calibration.fitting.goodness import ModelLaw, as_model_law, is_poor, largest_gap
from cjsim.calibration.fitting.layout import Length
from cjsim.calibration.fitting.model_selection import Selection, summaries
from cjsim.calibration.fitting.text import (
    NAMES,
    Z_95,
    figures_of,
    law_numbers,
    markdown_table,
    model_lines,
    toml_number,
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
class Fitted:
    """One length of one group: its counts, its protected table, and what was fitted to that."""

    length: Length
    group: str
    counts: Counts
    table: Protected | None
    choice: Selection | None
    refused: tuple[tuple[FamilyName, str], ...] = ()

    @property
    def gap(self) -> float:
        """The largest difference between the chosen law and the cases; NaN without a law."""
        if self.table is None or self.choice is None:
            return math.nan
        seen = self.table.survival
        return largest_gap(self.choice.chosen.law, seen.times, seen.done)

    @property
    def is_poor(self) -> bool:
        """Whether even the best of the laws is far from the cases."""
        return self.table is not None and is_poor(self.gap, int(self.table.completed.sum()))

    def model_law(self) -> ModelLaw | None:
        """What a model may take; None where one of its numbers would lie beyond the cases."""
        if self.table is None or self.choice is None:
            return None
        law = as_model_law(self.choice)
        seen = self.table.survival.still_open(self.table.horizon) <= (1 - _P90) * (1 - law.at_once)
        return law if seen and law.p90 <= self.table.horizon else None


def told(fits: Sequence[Fitted]) -> list[str]:
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
        if fit.choice is not None:
            line += f"; {NAMES[fit.choice.chosen.law.family.name]}"
            line += f", no good fit: off by {100 * fit.gap:.0f} points" if fit.is_poor else ""
        if not fit.group and fit.model_law() is None:
            line += "; nothing for a model"
        lines.append(line)
    return lines


def section(fits: Sequence[Fitted], hidden: Sequence[str], fewest: int) -> list[str]:
    """The section of a length: counts, chart, the cases beside the laws, and what a model takes."""
    everybody = fits[0]
    table, choice = everybody.table, everybody.choice
    lines = ["", f"## {everybody.length.title}", "", *_counts(fits), *_groups_left_out(hidden)]
    if table is None:
        return [*lines, "", f"Fewer than {fewest} are completed: not fitted."]
    lines += ["", f"![{everybody.length.title}]({everybody.length.name}.svg)", ""]
    lines += [*_laws(everybody, table), ""]
    lines += [_what_is_not_told(table), ""]
    if choice is not None:
        lines += [*_quantile_table(everybody, table, choice), ""]
    return [*lines, *_for_a_model(everybody, table)]


def _what_is_not_told(table: Protected) -> str:
    return (
        f"Nothing is said of lengths beyond {_horizon(table)} {table.unit}: too few cases end "
        f"there to be shown one by one. A quantile is {NOT_REACHED} where it lies beyond that, or "
        "where too many cases are still open; the mean counts no case for longer."
    )


def _counts(fits: Sequence[Fitted]) -> list[str]:
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


def _laws(fit: Fitted, table: Protected) -> list[str]:
    """The cases and every law that was admitted, side by side, over the lengths that were seen."""
    headings = (
        "",
        "numbers",
        "free",
        "AIC, from the chosen",
        f"median, {table.unit}",
        "p90",
        f"mean within {_horizon(table)}",
    )
    seen = (_with_limits(table, 0.5), _quantile(table, _P90), _mean(table))
    rows: list[Sequence[str]] = [("cases (Kaplan and Meier)", "", "", "", *seen)]
    for tried in fit.choice.fits if fit.choice else ():
        name = NAMES[tried.law.family.name]
        chosen = fit.choice is not None and tried is fit.choice.chosen
        median, p90, _ = summaries(tried.law)
        above = fit.choice.chosen.aic if fit.choice else math.nan
        rows.append(
            (
                f"**{name}**" if chosen else name,
                law_numbers(tried.law),
                str(tried.free_numbers),
                f"{tried.aic - above:+.1f}",
                figures_of(median),
                figures_of(p90) if p90 <= table.horizon else NOT_REACHED,
                figures_of(tried.law.mean_within(table.horizon)),
            )
        )
    lines = markdown_table(headings, rows)
    for name, why in fit.choice.not_tried if fit.choice else ():
        lines += ["", f"Not tried: {NAMES[name]}, because {why}."]
    for name, why in fit.refused:
        lines += ["", f"Refused: {NAMES[name]}, because {why}."]
    return lines


def _quantile_table(fit: Fitted, table: Protected, choice: Selection) -> list[str]:
    """What the cases show beside what the law says."""
    rows = []
    for share in _QUANTILES:
        says = choice.chosen.law.quantile(share)
        shown = figures_of(says) if says <= table.horizon else NOT_REACHED
        rows.append((f"{100 * share:.0f} %", _with_limits(table, share), shown))
    headings = (f"completed within, {table.unit}", "cases (95 %)", "distribution")
    lines = markdown_table(headings, rows)
    low, high = choice.chosen.interval("median", Z_95)
    if math.isfinite(low) and math.isfinite(high) and high <= table.horizon:
        after = " of those not at once" if choice.chosen.law.at_once else ""
        ends = f"{figures_of(low)} to {figures_of(high)}"
        lines += ["", f"Median{after} by the distribution, 95 %: {ends}."]
    lines += ["", f"Largest difference of cumulative shares: {100 * fit.gap:.1f} points."]
    if fit.is_poor:
        worst = "**None of these distributions describes these cases well.**"
        lines += ["", f"{worst} Look at the chart first."]
    return lines


def _for_a_model(fit: Fitted, table: Protected) -> list[str]:
    if fit.model_law() is not None and fit.choice is not None:
        return model_lines(fit.choice, table.unit)
    if fit.choice is None:
        return ["Nothing to put into a model: no distribution rests on these cases alone."]
    text = (
        "Nothing to put into a model: it would take a median and a 90th percentile, and these "
        f"cases do not reach one of them within {_horizon(table)} {table.unit}. What lies beyond "
        "would be the distribution's guess."
    )
    return [text]


def model_toml(
    fits: Sequence[Fitted], hidden: Sequence[str], as_of: str, source: str
) -> str | None:
    """The duration for a model, with factors of groups; None where a number would be a guess."""
    everybody = fits[0]
    law = everybody.model_law()
    if law is None or everybody.choice is None or everybody.table is None:
        return None
    lines = [
        f"# {everybody.length.title}: a {MARK} as of {as_of}.",
        "# Name your own source, and register it in calibration/register.csv.",
        "",
    ]
    if everybody.is_poor:
        lines[2:2] = ["# No distribution describes these cases well: see report.md."]
    lines += [
        "[duration]",
        f'unit = "{everybody.length.unit}"',
        f"median = {toml_number(law.median)}",
        f"p90 = {toml_number(law.p90)}",
    ]
    if law.at_once:
        lines.append(f"at_once = {toml_number(law.at_once)}")
    lines += [f'source = "{source}"', 'evidence = "derived"']
    low, high = _range(everybody.table, everybody.choice, law)
    if math.isfinite(low) and math.isfinite(high) and low <= law.median <= high:
        lines.append(f"range = [{toml_number(low)}, {toml_number(high)}]")
    median = summaries(everybody.choice.chosen.rest)[0]
    factors = [
        f"{fit.group} = {summaries(fit.choice.chosen.rest)[0] / median:.2g}"
        for fit in fits[1:]
        if fit.choice is not None
    ]
    if factors:
        lines.append(f"by_group = {{ {', '.join(factors)} }}")
    if hidden:
        lines.append("# Groups that are not named keep 1: too few cases to be shown.")
    return "\n".join(lines) + "\n"


def _range(table: Protected, choice: Selection, law: ModelLaw) -> tuple[float, float]:
    """The 95 % limits of the median: those of the cases and those of the law, both covered.

    The law's alone would be too narrow where it follows chance (a likelihood with a spike).
    """
    of_cases = table.quantile_limits(law.at_once + 0.5 * (1.0 - law.at_once))
    of_law = choice.chosen.interval("median", Z_95)
    low = min((each for each in (of_cases[0], of_law[0]) if math.isfinite(each)), default=math.nan)
    high = max((each for each in (of_cases[1], of_law[1]) if math.isfinite(each)), default=math.nan)
    return low, high


# --- numbers ----------------------------------------------------------------------------------


def _with_limits(table: Protected, share: float) -> str:
    low, high = table.quantile_limits(share)
    step = _step(table, share)
    ends = [_number(end, step) for end in (low, high)]
    if not math.isfinite(low):
        return _quantile(table, share)
    upper = ends[1] if math.isfinite(high) else NOT_REACHED
    return f"{_quantile(table, share)} ({ends[0]} to {upper})"


def _quantile(table: Protected, share: float) -> str:
    value = table.quantile(share)
    return _number(value, _step(table, share)) if math.isfinite(value) else NOT_REACHED


def _step(table: Protected, share: float) -> float:
    """To what a quantile is rounded: about a quarter of its 95 % interval, where that is known."""
    value = table.quantile(share)
    low, high = table.quantile_limits(share)
    known = [abs(end - value) for end in (low, high) if math.isfinite(end)]
    finest = FINEST[table.unit]
    if not math.isfinite(value) or not known:
        return finest
    return max(nice(max(known) / 2.0), min(step_at(value, table.unit), nice(max(known))), finest)


def _mean(table: Protected) -> str:
    """The restricted mean, rounded to what a few cases could change it by."""
    step = max(nice(ROUNDED_TO * table.horizon / table.count), FINEST[table.unit])
    return _number(table.mean_within(), step)


def _horizon(table: Protected) -> str:
    whole = math.floor(table.horizon + 1e-9) if table.unit == "days" else table.horizon
    return f"{whole:,.6g}"


def _number(value: float, step: float) -> str:
    """A number to the nearest multiple of a step, with the decimals of the step."""
    if not math.isfinite(value):
        return NOT_REACHED
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{step * round(value / step):,.{decimals}f}"
