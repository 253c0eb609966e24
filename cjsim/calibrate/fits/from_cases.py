"""`cjsim fit --data FILE`: the same laws fitted to an agency's own cases, without small numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from cjsim.calibrate.fits.cases import LENGTHS, Extract, Length, Spell, known_of, read_extract
from cjsim.calibrate.fits.chart import Seen, fit_chart
from cjsim.calibrate.fits.fitting import Choice, choose, summaries
from cjsim.calibrate.fits.goodness import Observed, is_poor, largest_gap, observed
from cjsim.calibrate.fits.laws import FAMILY_NAMES
from cjsim.calibrate.fits.suppression import (
    SMALLEST,
    shown_column,
    shown_count,
    shown_groups,
    shown_places,
)
from cjsim.calibrate.fits.text import (
    Z_95,
    duration_toml,
    figures_of,
    fit_line,
    laws_table,
    markdown_table,
    model_lines,
)
from cjsim.errors import Fault, Faults
from cjsim.storage.outputs import output_folder
from cjsim.storage.whole import write_bytes, write_text

FEWEST_TO_FIT: Final = 20
"""Completed cases below which a law would say more than the cases do."""
_QUANTILES: Final = (0.25, 0.5, 0.75, 0.9)
_MARK: Final = "fit of an extract"


@dataclass(frozen=True)
class Fitted:
    """One length of one group: how many cases, how they were fitted, what they show themselves."""

    length: Length
    group: str
    cases: int
    open_cases: int
    at_once: int
    choice: Choice | None
    seen: Observed
    gap: float
    places: tuple[float, ...]

    @property
    def poor(self) -> bool:
        """Whether even the best of the laws is far from the cases."""
        return is_poor(self.gap, self.cases - self.open_cases)

    @property
    def half(self) -> float:
        """How much longer a case may have taken than the length that is written for it."""
        if self.length.unit == "hours":
            return 0.5 / 60.0
        return 0.0 if self.length.name == "crown_trial_length" else 0.5


def fit_extract(
    path: Path,
    *,
    out: Path | None = None,
    by_group: bool = False,
    smallest: int = SMALLEST,
    as_of: dt.date | None = None,
    leave_out_bad_rows: bool = False,
) -> tuple[Path, list[str]]:
    """Fit every length that the extract holds; the folder written, and what to tell.

    The folder is `out`, or the extract's name with `_fit` beside it. It holds `report.md`, and a
    `.toml` and an `.svg` for each length. Nothing below `smallest` cases is shown in any of them.
    Raises Faults, RunFailed.
    """
    smallest = max(smallest, SMALLEST)
    extract, faults = read_extract(path, as_of=as_of, leave_out_bad_rows=leave_out_bad_rows)
    folder = out or path.with_name(f"{path.stem}_fit")
    if by_group and not any(spell.group for each in extract.spells.values() for spell in each):
        wrong = "no offence group is given, so there is nothing to tell groups by."
        raise Faults([Fault(extract.file, "line 1, offence_group", wrong, "Add the column.")])
    results = [
        _fitted_groups(length, extract.spells[length.name], smallest, by_group=by_group)
        for length in LENGTHS
        if extract.spells.get(length.name)
    ]
    if not results:
        wrong = "no length of time begins in any row."
        raise Faults([Fault(extract.file, "", wrong, "Fill in charged and first_listed, say.")])
    with output_folder(folder, "fit") as partial:
        write_text("\n".join(_report(extract, results, smallest)) + "\n", partial / "report.md")
        for fits, hidden in results:
            whole = fits[0]
            if whole.choice is not None:
                text = _toml(fits, hidden, extract, smallest)
                write_text(text, partial / f"{whole.length.name}.toml")
                write_bytes(_chart(whole, extract), partial / f"{whole.length.name}.svg")
    lines = [line for fits, _ in results for line in _told(fits, smallest)]
    lines += [f"Left out: {fault}" for fault in faults]
    return folder, lines


def _fitted_groups(
    length: Length, spells: list[Spell], smallest: int, *, by_group: bool
) -> tuple[list[Fitted], list[str]]:
    """The fit of all cases, those of the groups that may be shown, and the names of the others."""
    fits = [_fitted(length, "", spells, smallest)]
    if not by_group:
        return fits, []
    groups: dict[str, list[Spell]] = {}
    for spell in sorted(spells, key=lambda one: one.group):
        groups.setdefault(spell.group, []).append(spell)
    shown, hidden = shown_groups({name: len(each) for name, each in groups.items()}, smallest)
    return [*fits, *(_fitted(length, name, groups[name], smallest) for name in shown)], hidden


def _fitted(length: Length, group: str, spells: list[Spell], smallest: int) -> Fitted:
    done = [one.length for one in spells if one.complete]
    trial = length.name == "crown_trial_length"
    at_once = sum(one == 0 for one in done)
    choice = None
    if len(done) >= max(FEWEST_TO_FIT, smallest):
        # A share at once of two cases in a thousand would tell that there are two.
        with_at_once = length.unit == "days" and not trial and _both(at_once, len(done), smallest)
        known = known_of(spells, length.unit, trial=trial, with_at_once=with_at_once)
        choice = choose(known, FAMILY_NAMES, with_at_once=with_at_once)
    seen = observed(spells) if done else Observed(np.empty(0), np.empty(0))
    part = Fitted(
        length, group, len(spells), len(spells) - len(done), at_once, choice, seen, math.nan,
        tuple(shown_places(done, smallest)),
    )  # fmt: skip
    if choice is None:
        return part
    return replace(part, gap=largest_gap(choice.chosen.law, seen, part.half))


def _both(count: int, whole: int, smallest: int) -> bool:
    return count >= smallest and whole - count >= smallest


# --- what is told -----------------------------------------------------------------------------


def _told(fits: Sequence[Fitted], smallest: int) -> list[str]:
    lines = []
    for fit in fits:
        name = fit.group or fit.length.title
        indent = "  " if fit.group else ""
        count = f"{fit.cases:,} cases" if fit.cases >= smallest else f"fewer than {smallest} cases"
        if fit.choice is None:
            lines.append(f"{indent}{name}: {count}, too few completed to fit")
        else:
            law = fit_line(fit.choice.chosen, fit.length.unit)
            warning = f"; no good fit: off by {100 * fit.gap:.0f} points" if fit.poor else ""
            lines.append(f"{indent}{name}: {count}, {law}{warning}")
    return lines


def _report(
    extract: Extract, results: Sequence[tuple[list[Fitted], list[str]]], smallest: int
) -> list[str]:
    left_out = shown_count(extract.left_out, extract.rows, smallest)
    rows = f"{extract.rows:,} rows ({left_out} left out as faulty)"
    text = (
        f"A {_MARK} of {rows}, as of {extract.as_of.date()}. Cases that were open then count as "
        f"lasting at least so long (right-censored). No number of fewer than {smallest} cases is "
        "shown."
    )
    lines = ["# Lengths of time in an extract", "", text]
    for fits, hidden in results:
        whole = fits[0]
        lines += ["", f"## {whole.length.title}", ""]
        lines += _counts(fits, hidden, smallest)
        if whole.choice is None:
            lines += ["", f"Fewer than {max(FEWEST_TO_FIT, smallest)} are completed: not fitted."]
            continue
        unit = whole.length.unit
        lines += ["", f"![{whole.length.title}]({whole.length.name}.svg)", ""]
        lines += laws_table(whole.choice, unit)
        lines += ["", *_quantile_table(whole, smallest), "", *model_lines(whole.choice, unit)]
    return lines


def _counts(fits: Sequence[Fitted], hidden: Sequence[str], smallest: int) -> list[str]:
    rows = []
    whole = [fit.cases for fit in fits]
    open_cells = shown_column([fit.open_cases for fit in fits], whole, smallest)
    at_once_cells = shown_column([fit.at_once for fit in fits], whole, smallest)
    for place, fit in enumerate(fits):
        told = ("not fitted", "–", "–")
        if fit.choice is not None:
            law = fit.choice.chosen
            low, high = law.interval("median", Z_95)
            told = (
                f"{figures_of(summaries(law.rest)[0])} ({figures_of(low)} to {figures_of(high)})",
                figures_of(summaries(law.rest)[1]), figures_of(law.law.mean),
            )  # fmt: skip
        rows.append((
            fit.group or "all", f"{fit.cases:,}" if fit.cases >= smallest else
            f"fewer than {smallest}",
            open_cells[place], at_once_cells[place], *told,
        ))  # fmt: skip
    unit = fits[0].length.unit
    headings = (
        "offence group", "cases", "open", "at once",
        f"median of those not at once, {unit} (95 %)", "p90 of them", "mean of all",
    )  # fmt: skip
    lines = markdown_table(headings, rows)
    if hidden:
        lines += ["", f"Too small to show, or hidden with what is: {', '.join(hidden)}."]
    return lines


def _quantile_table(fit: Fitted, smallest: int) -> list[str]:
    """What the cases show beside what the law says; only where enough cases lie on both sides."""
    assert fit.choice is not None
    law = fit.choice.chosen.law
    completed = fit.cases - fit.open_cases
    rows = []
    for share in _QUANTILES:
        seen = fit.seen.quantile(share)
        if min(share, 1.0 - share) * completed < smallest or not math.isfinite(seen):
            continue
        told = law.quantile(share)
        rows.append((f"{100 * share:.0f} %", figures_of(seen), figures_of(told)))
    lines = markdown_table((f"completed within, {fit.length.unit}", "cases", "law"), rows)
    lines += ["", f"Largest difference of cumulative shares: {100 * fit.gap:.1f} points."]
    if fit.poor:
        lines += ["", "**None of these laws describes these cases well.** Look at the chart first."]
    return lines


def _toml(fits: Sequence[Fitted], hidden: Sequence[str], extract: Extract, smallest: int) -> str:
    whole = fits[0]
    assert whole.choice is not None
    lines = [
        f"# {whole.length.title}: a {_MARK} as of {extract.as_of.date()}.",
        "# Name your own source, and register it in calibration/register.csv.", "",
        *duration_toml(whole.choice, whole.length.unit, f"extract_{whole.length.name}"),
    ]  # fmt: skip
    median = summaries(whole.choice.chosen.rest)[0]
    factors = [
        f"{fit.group} = {summaries(fit.choice.chosen.rest)[0] / median:.3g}"
        for fit in fits[1:]
        if fit.choice is not None
    ]
    if factors:
        lines.append(f"by_group = {{ {', '.join(factors)} }}")
    if hidden:
        lines.append(f"# Groups with fewer than {smallest} cases, or hidden with them, keep 1.")
    return "\n".join(lines) + "\n"


def _chart(fit: Fitted, extract: Extract) -> bytes:
    assert fit.choice is not None
    shares = dict(zip(fit.seen.times.tolist(), fit.seen.shares.tolist(), strict=True))
    steps = tuple((place + fit.half, shares[place]) for place in fit.places)
    seen = Seen(steps=steps, steps_label="cases, with open ones censored")
    return fit_chart(
        fit.length.title, f"As of {extract.as_of.date()}", "Source: an agency's extract",
        fit.choice, seen, fit.length.unit,
    )  # fmt: skip
