"""`cjsim fit --data FILE`: how long an agency's own cases take, without giving anybody away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cjsim.calibration.fitting.cases import Extract, Spell, read_extract
from cjsim.calibration.fitting.cases_text import MARK, Counts, Fitted, model_toml, section, told
from cjsim.calibration.fitting.chart_of_cases import cases_chart
from cjsim.calibration.fitting.disclosure import (
    ROUNDED_TO,
    SMALLEST,
    protect,
    shown_count,
    shown_groups,
    shown_part,
)
from cjsim.calibration.fitting.distributions import FAMILY_NAMES
from cjsim.calibration.fitting.layout import Length, read_columns_file, wrong_format
from cjsim.calibration.fitting.model_selection import Selection, chosen_of, tried_on
from cjsim.england_wales.vocabulary import OFFENCE_GROUPS
from cjsim.errors import Fault, Faults
from cjsim.storage.outputs import output_folder
from cjsim.storage.whole import write_bytes, write_text

FEWEST_TO_FIT: Final = 20
"""Completed cases below which a law would say more than the cases do."""


def fit_extract(
    path: Path,
    *,
    out: Path | None = None,
    by_group: bool = False,
    smallest: int = SMALLEST,
    as_of: dt.date | None = None,
    leave_out_bad_rows: bool = False,
    columns: Path | None = None,
    date_format: str | None = None,
) -> tuple[Path, list[str]]:
    """Fit every length that the extract holds; the folder written, and what to tell.

    The folder is `out`, or the extract's name with `_fit` beside it. It holds `report.md`, and for
    each length with enough cases an `.svg`, and a `.toml` where a model may take what was fitted.
    All of it is worked out from protected tables (`disclosure`). Raises Faults, RunFailed.
    """
    smallest = max(smallest, SMALLEST)
    if date_format is not None and (slip := wrong_format(date_format)):
        raise Faults([Fault("--date-format", "", *slip)])
    layout = read_columns_file(columns) if columns else None
    extract, faults = read_extract(
        path,
        as_of=as_of,
        leave_out_bad_rows=leave_out_bad_rows,
        columns=layout,
        date_format=date_format,
    )
    folder = out or path.with_name(f"{path.stem}_fit")
    if by_group and not any(spell.group for each in extract.spells.values() for spell in each):
        wrong = "no offence group is given, so there is nothing to tell groups by."
        raise Faults([Fault(extract.file, "line 1, offence_group", wrong, "Add the column.")])
    if not any(extract.spells.values()):
        wrong = "no length of time begins in any row."
        raise Faults([Fault(extract.file, "", wrong, "Fill in charged and first_listed, say.")])
    if as_of is None:
        extract = extract.until(extract.settled_day(smallest))
    # The month alone: the day could be one person's.
    day = f"{as_of}" if as_of else f"{extract.as_of:%B %Y}"
    results = [
        _fitted_groups(
            length, extract.spells.get(length.name, []), extract, smallest, by_group=by_group
        )
        for length in extract.lengths
    ]
    with output_folder(folder, "fit") as partial:
        report = "\n".join(_report(extract, day, results, smallest)) + "\n"
        write_text(report, partial / "report.md")
        for fits, hidden in results:
            everybody = fits[0]
            name = everybody.length.name
            text = model_toml(fits, hidden, day, f"extract_{name}")
            if text is not None:
                write_text(text, partial / f"{name}.toml")
            if everybody.table is not None:
                chart = cases_chart(
                    everybody.length.title,
                    f"As of {day}",
                    "Source: an agency's extract",
                    everybody.table,
                    everybody.choice,
                )
                write_bytes(chart, partial / f"{name}.svg")
    lines = [line for fits, _ in results for line in told(fits)]
    if as_of is None:
        lines.append(f"Open cases are open as of {day}; say the day with --as-of.")
    lines += [f"Left out: {fault}" for fault in faults]
    return folder, lines


def _fitted_groups(
    length: Length, spells: list[Spell], extract: Extract, smallest: int, *, by_group: bool
) -> tuple[list[Fitted], list[str]]:
    """The fit of all cases, those of the groups that may be shown, and the names of the others."""
    fits = [_fitted(length, "", spells, extract, smallest)]
    if not by_group:
        return fits, []
    groups: dict[str, list[Spell]] = {name: [] for name in OFFENCE_GROUPS}
    for spell in spells:
        groups[spell.group].append(spell)
    counts = {name: len(each) for name, each in groups.items()}
    shown, hidden = shown_groups(counts, OFFENCE_GROUPS, _fewest(smallest))
    fits += [_fitted(length, name, groups[name], extract, smallest) for name in shown]
    return fits, hidden


def _fewest(smallest: int) -> int:
    """The completed cases, and the cases of a group, from which on they are fitted."""
    return max(FEWEST_TO_FIT, 2 * smallest)


def _fitted(
    length: Length, group: str, spells: list[Spell], extract: Extract, smallest: int
) -> Fitted:
    completed = [spell for spell in spells if spell.complete]
    waiting = [spell for spell in spells if not spell.complete]
    otherwise = sum(_ended_otherwise(spell, length, extract) for spell in waiting)
    at_once = sum(spell.length == 0 for spell in completed)
    counts = Counts(
        shown_count(len(spells), smallest),
        shown_part(len(completed), len(spells), smallest),
        shown_part(len(waiting) - otherwise, len(spells), smallest),
        shown_part(otherwise, len(spells), smallest),
        shown_part(at_once, len(spells), smallest),
    )
    table = None
    choice: Selection | None = None
    refused = []
    if len(completed) >= _fewest(smallest):
        table = protect(spells, length.unit, counted_up=length.is_counted, smallest=smallest)
    if table is not None:
        tried, not_tried = tried_on(table.known(), FAMILY_NAMES, with_at_once=table.with_at_once)
        choice = chosen_of(tried, not_tried)
        refused = [(fit.law.family.name, fit.refusal) for fit in tried if fit.refusal]
    return Fitted(length, group, counts, table, choice, tuple(refused))


def _ended_otherwise(spell: Spell, length: Length, extract: Extract) -> bool:
    """Whether a case that is not completed was lost sight of before the day of the extract."""
    if spell.begins is None:
        return False
    span = {"days": dt.timedelta(days=1), "hours": dt.timedelta(hours=1)}[length.unit]
    return (spell.begins + spell.length * span).date() < extract.as_of.date()


def _report(
    extract: Extract,
    day: str,
    results: Sequence[tuple[list[Fitted], list[str]]],
    smallest: int,
) -> list[str]:
    left_out = shown_count(extract.left_out, smallest)
    text = (
        f"A {MARK} of {shown_count(extract.rows, smallest)} rows, as of {day}. Cases that were "
        "open then, or had ended another way, count as lasting at least so long (right-censored). "
        f"Counts are rounded to the nearest {ROUNDED_TO}, and every figure is worked out from "
        f"counts of at least {smallest} cases by interval: it can differ a little from what the "
        "rows would give. What this does not protect against: docs/fitting.md."
    )
    lines = ["# Lengths of time in an extract", "", text]
    if extract.left_out:
        biased = "If they are no chance selection, every length here is biased."
        lines += ["", f"Left out as faulty: {left_out} rows. {biased}"]
    for fits, hidden in results:
        lines += section(fits, hidden, _fewest(smallest))
    return lines
