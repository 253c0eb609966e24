"""A fit in words and as TOML: the report that people read, the numbers that a model takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from cjsim.calibration.fitting.distributions import Distribution, FamilyName
from cjsim.calibration.fitting.goodness import Goodness, as_model_law, goodness
from cjsim.calibration.fitting.model_selection import Fit, Known, Selection, summaries
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
    file: FitFile, choice: Selection, register: Register, chart: str, made: str
) -> str:
    """The report of a fit to published figures."""
    known = file.known()
    good = goodness(choice.chosen, known)
    lines = [
        f"# {file.title}",
        "",
        f"{file.what}. In {file.unit}. Made by `{made}`; do not edit.",
        "",
        f"![{file.title}: the fitted law and its data]({chart})",
        "",
        "## What is published",
        "",
        *_published_table(file, register),
        "",
        "## The laws that were tried",
        "",
        *laws_table(choice, file.unit),
        "",
        *_chosen(choice),
        "",
        "## How well it agrees",
        "",
        *_agreement(choice, known, good),
        "",
        "## In a model file",
        "",
        *model_lines(choice, file.unit),
    ]
    if file.caution:
        lines += ["", "## Read with care", "", file.caution]
    return "\n".join(lines) + "\n"


def _published_table(file: FitFile, register: Register) -> list[str]:
    rows = []
    for source in [*file.sources()]:
        row = register.get(source)
        if row is None:
            rows.append(("assumption", "ours: nobody published it", "", ""))
        else:
            rows.append((f"`{source}`", row["figure"], row["period"], row["status"]))
    return markdown_table(("figure", "what", "period", "status"), rows)


def laws_table(choice: Selection, unit: str) -> list[str]:
    """Each law with its parameters, its free numbers, AIC, and what it makes of the length."""
    rows = []
    for fit in choice.fits:
        name = NAMES[fit.law.family.name]
        median, p90, mean = summaries(fit.law)
        rows.append(
            (
                f"**{name}**" if fit is choice.chosen else name,
                law_numbers(fit.law),
                str(fit.free_numbers),
                f"{fit.aic - choice.chosen.aic:+.1f}",
                *(figures_of(value) for value in (median, p90, mean)),
            )
        )
    lines = markdown_table(
        ("law", "numbers", "free", "AIC, from the chosen", f"median, {unit}", "p90", "mean"), rows
    )
    for name, why in choice.not_tried:
        lines += ["", f"Not tried: {NAMES[name]}, because {why}."]
    return lines


def law_numbers(law: Distribution) -> str:
    """The parameters of a law with their names, and its share at once."""
    given = [
        f"{key.replace('_', ' ')} {figures_of(value)}"
        for key, value in zip(law.family.parameters, law.parameters, strict=True)
    ]
    if law.at_once:
        given.append(f"at once {figures_of(law.at_once)}")
    return ", ".join(given)


def _chosen(choice: Selection) -> list[str]:
    chosen = NAMES[choice.chosen.law.family.name]
    if not choice.as_good:
        return [f"Chosen: {chosen}, by AIC."]
    others = " and ".join(NAMES[fit.law.family.name] for fit in choice.as_good)
    ends = [summaries(fit.law)[1] for fit in (choice.chosen, *choice.as_good)]
    between = f"{figures_of(min(ends))} to {figures_of(max(ends))}"
    text = f"Chosen: {chosen}. **These data do not tell it from {others}**; between these laws the "
    return [f"{text}90th percentile is anywhere from {between}."]


def _agreement(choice: Selection, known: Known, good: Goodness) -> list[str]:
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
        headings = ("figure", "published", "law", "off by", "used", "verdict")
        lines += [*markdown_table(headings, rows), ""]
        equal = sum(not (one.held_out or one.at_least) for one in good.figures)
        if not len(known.count) and equal == choice.chosen.free_numbers:
            same = f"{equal} figures and {equal} free numbers"
            lines += [f"{same}: that they agree is no proof of the law.", ""]
    if math.isfinite(good.largest_gap):
        lines += [
            f"Largest difference of cumulative shares: {100 * good.largest_gap:.1f} points.",
            "",
        ]
    if good.chi_square is not None:
        chi = good.chi_square
        freedom = f"{chi.degrees} degrees of freedom"
        lines += [f"Chi-square {chi.statistic:.1f} with {freedom}, p = {chi.p:.2g}.", ""]
    low, high = choice.chosen.interval("median", Z_95)
    lines.append(f"Median, 95 % interval: {_interval_text(low, high)}.")
    low, high = choice.chosen.interval("p90", Z_95)
    lines.append(f"90th percentile, 95 % interval: {_interval_text(low, high)}.")
    if not len(known.count) and not len(known.age_count):
        lines.append("Without counts the intervals follow from the tolerances of the figures.")
    return lines


def _interval_text(low: float, high: float) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return "not determined"
    return f"{figures_of(low)} to {figures_of(high)}"


def model_lines(choice: Selection, unit: str) -> list[str]:
    """The duration that a model file can say, and how far that is from the fitted law."""
    law = as_model_law(choice)
    numbers = f"median = {law.median:.3g}, p90 = {law.p90:.3g}"
    if law.at_once:
        numbers += f", at_once = {law.at_once:.3g}"
    lines = ["```toml", f'duration = {{ unit = "{unit}", {numbers} }}', "```", ""]
    if law.gap < 0.005:
        return [*lines, "This is the fitted law itself."]
    off = f"{100 * law.gap:.1f} points of cumulative share"
    return [*lines, f"A model says a lognormal; that differs from the chosen law by up to {off}."]


def fit_toml(choice: Selection, unit: str, good: Goodness, *, made: str, name: str) -> str:
    """The fit as TOML: the law, what it says, the duration of a model, how well it agrees."""
    fit = choice.chosen
    lines = [f"# Written by `{made}`; do not edit.", "", "[law]"]
    lines += [
        f'family = "{fit.law.family.name}"',
        f'unit = "{unit}"',
        f"at_once = {toml_number(fit.law.at_once)}",
    ]
    lines += [
        f"{key} = {toml_number(value)}"
        for key, value in zip(fit.law.family.parameters, fit.law.parameters, strict=True)
    ]
    median, p90, mean = summaries(fit.law)
    lines += [
        "",
        "[says]",
        f"median = {toml_number(median)}",
        f"p90 = {toml_number(p90)}",
        f"mean = {toml_number(mean)}",
    ]
    lines += ["", "[agrees]", f"aic = {toml_number(fit.aic)}", f"free_numbers = {fit.free_numbers}"]
    if math.isfinite(good.largest_gap):
        lines.append(f"largest_gap = {toml_number(good.largest_gap)}")
    if good.chi_square is not None:
        lines.append(f"chi_square_p = {toml_number(good.chi_square.p)}")
    outside = [error.name for error in good.figures if not error.within]
    lines.append(f"outside_tolerance = [{', '.join(chr(34) + each + chr(34) for each in outside)}]")
    as_good = [f'"{one.law.family.name}"' for one in choice.as_good]
    lines.append(f"as_good = [{', '.join(as_good)}]")
    return "\n".join([*lines, "", *duration_toml(choice, unit, name)]) + "\n"


def duration_toml(choice: Selection, unit: str, name: str) -> list[str]:
    """The table of a duration, as a model takes it."""
    law = as_model_law(choice)
    low, high = choice.chosen.interval("median", Z_95)
    lines = [
        "[duration]",
        f'unit = "{unit}"',
        f"median = {toml_number(law.median)}",
        f"p90 = {toml_number(law.p90)}",
    ]
    if law.at_once:
        lines.append(f"at_once = {toml_number(law.at_once)}")
    lines += [f'source = "{name}"', 'evidence = "derived"']
    if math.isfinite(low) and math.isfinite(high) and low <= law.median <= high:
        lines.append(f"range = [{toml_number(low)}, {toml_number(high)}]")
    return lines


def toml_number(value: float) -> str:
    """Four significant figures, as TOML writes a number: what lies beyond them is noise."""
    rounded = float(f"{value:.4g}")
    return repr(rounded) if rounded != int(rounded) or abs(rounded) > 1e9 else f"{int(rounded)}.0"


def fit_line(fit: Fit, unit: str) -> str:
    """One law in a line for a terminal."""
    median, p90, mean = summaries(fit.law)
    at_once = f"{100 * fit.law.at_once:.3g} % at once, " if fit.law.at_once else ""
    return (
        f"{NAMES[fit.law.family.name]}: {at_once}median {figures_of(median)}, "
        f"p90 {figures_of(p90)}, mean {figures_of(mean)} {unit}"
    )
