"""`cjsim fit`: fit distributions to published figures or to an extract, and write a folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cjsim.calibration.fitting.charts import cases_chart, fit_chart, seen_of
from cjsim.calibration.fitting.disclosure import (
    ROUNDED_TO,
    SMALLEST,
    protect,
    shown_count,
    shown_groups,
    shown_part,
)
from cjsim.calibration.fitting.distributions import FAMILY_NAMES
from cjsim.calibration.fitting.extract_layout import Length, read_columns_file, wrong_format
from cjsim.calibration.fitting.extract_reader import Extract, Spell, read_extract
from cjsim.calibration.fitting.goodness import goodness
from cjsim.calibration.fitting.model_selection import (
    ModelSelection,
    fit_candidates,
    select_best,
    select_distribution,
)
from cjsim.calibration.fitting.published import FitFile, load_fit_file
from cjsim.calibration.fitting.report import (
    MARK,
    Counts,
    LengthFit,
    fit_line,
    fit_markdown,
    fit_toml,
    length_section,
    model_toml,
    terminal_lines,
)
from cjsim.errors import Fault, Faults
from cjsim.jurisdiction import vocabulary
from cjsim.schema.files import shown_path, study_path
from cjsim.schema.register import register_near
from cjsim.storage.outputs import output_folder
from cjsim.storage.whole import write_bytes, write_text


def fit_published(path: Path, out: Path | None = None) -> tuple[Path, list[str]]:
    """Fit a file of published figures; the folder written, and lines for the terminal.

    The folder is `out`, or the file's own name beside it. It holds `fit.toml`, `report.md` and
    `fit.svg`, and is replaced as a whole. Raises Faults, RunFailed.
    """
    file = load_fit_file(path)
    selection = select_for_file(file, shown_path(path))
    register = register_near(path.parent) or {}
    folder = out or path.with_suffix("")
    good = goodness(selection.chosen, file.data())
    made = f"cjsim fit {study_path(path)}"
    sources = "; ".join(
        dict.fromkeys(
            register[source]["publication"] for source in file.sources() if source in register
        )
    )
    chart = fit_chart(
        file.title, file.what, f"Source: {sources}", selection, seen_of(file.data()), file.unit
    )
    toml = fit_toml(selection, file.unit, good, made=made, name=f"fit_{path.stem}")
    with output_folder(folder, "fit") as partial:
        write_text(toml, partial / "fit.toml")
        write_text(fit_markdown(file, selection, register, "fit.svg", made), partial / "report.md")
        write_bytes(chart, partial / "fit.svg")
    lines = [f"{file.title}, {file.unit}"]
    lines += [
        f"  {'chosen  ' if fit is selection.chosen else '        '}{fit_line(fit, file.unit)}"
        for fit in selection.fits
    ]
    lines += [
        f"  {error.name}: published {error.published:g}, fitted {error.fitted:.4g}"
        for error in good.figures
        if not error.within
    ]
    return folder, lines


def select_for_file(file: FitFile, shown: str) -> ModelSelection:
    """The fits of a file. Raises Faults when its figures determine none of them."""
    selection = select_distribution(file.data(), file.candidates, with_at_once=file.at_once)
    if selection is None:
        count = file.data().numbers
        wrong = f"{count} figure{' does' if count == 1 else 's do'} not determine any distribution."
        raise Faults(
            [Fault(shown, "candidates", wrong, "Add figures, or name a simpler distribution.")]
        )
    return selection


FEWEST_TO_FIT: Final = 20
"""The fewest completed cases that are fitted."""


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
    """Fit every length in an extract; the folder written, and lines for the terminal.

    The folder is `out`, or the extract's name with `_fit` beside it. It holds `report.md`, and for
    each length with enough cases an `.svg`, and a `.toml` where a model may use the fit. All of it
    comes from protected tables (`disclosure`). Raises Faults, RunFailed.
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
        wrong = "the extract has no offence group to separate groups by."
        raise Faults([Fault(extract.file, "line 1, offence_group", wrong, "Add the column.")])
    if not any(extract.spells.values()):
        wrong = "no length of time begins in any row."
        raise Faults([Fault(extract.file, "", wrong, "Fill in charged and first_listed, say.")])
    if as_of is None:
        extract = extract.until(extract.settled_day(smallest))
    # The month alone: the day could identify a person.
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
            all_cases = fits[0]
            name = all_cases.length.name
            text = model_toml(fits, hidden, day, f"extract_{name}")
            if text is not None:
                write_text(text, partial / f"{name}.toml")
            if all_cases.table is not None:
                chart = cases_chart(
                    all_cases.length.title,
                    f"As of {day}",
                    "Source: an agency's extract",
                    all_cases.table,
                    all_cases.selection,
                )
                write_bytes(chart, partial / f"{name}.svg")
    lines = [line for fits, _ in results for line in terminal_lines(fits)]
    if as_of is None:
        lines.append(f"Open cases are open as of {day}; set another day with --as-of.")
    lines += [f"Left out: {fault}" for fault in faults]
    return folder, lines


def _fitted_groups(
    length: Length, spells: list[Spell], extract: Extract, smallest: int, *, by_group: bool
) -> tuple[list[LengthFit], list[str]]:
    """The fit of all cases, those of the groups that may be shown, and the names of the others."""
    fits = [_fitted(length, "", spells, extract, smallest)]
    if not by_group:
        return fits, []
    groups: dict[str, list[Spell]] = {name: [] for name in vocabulary().offence_groups}
    for spell in spells:
        groups[spell.group].append(spell)
    counts = {name: len(each) for name, each in groups.items()}
    shown, hidden = shown_groups(counts, vocabulary().offence_groups, _fewest(smallest))
    fits += [_fitted(length, name, groups[name], extract, smallest) for name in shown]
    return fits, hidden


def _fewest(smallest: int) -> int:
    """The fewest completed cases of a fit, and the fewest cases of a group."""
    return max(FEWEST_TO_FIT, 2 * smallest)


def _fitted(
    length: Length, group: str, spells: list[Spell], extract: Extract, smallest: int
) -> LengthFit:
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
    selection: ModelSelection | None = None
    refused = []
    if len(completed) >= _fewest(smallest):
        table = protect(spells, length.unit, counted_up=length.is_counted, smallest=smallest)
    if table is not None:
        tried, untried = fit_candidates(table.data(), FAMILY_NAMES, with_at_once=table.with_at_once)
        selection = select_best(tried, untried)
        refused = [(fit.distribution.family.name, fit.refusal) for fit in tried if fit.refusal]
    return LengthFit(length, group, counts, table, selection, tuple(refused))


def _ended_otherwise(spell: Spell, length: Length, extract: Extract) -> bool:
    """Whether a case that is not completed left observation before the day of the extract."""
    if spell.begins is None:
        return False
    span = {"days": dt.timedelta(days=1), "hours": dt.timedelta(hours=1)}[length.unit]
    return (spell.begins + spell.length * span).date() < extract.as_of.date()


def _report(
    extract: Extract, day: str, results: Sequence[tuple[list[LengthFit], list[str]]], smallest: int
) -> list[str]:
    left_out = shown_count(extract.left_out, smallest)
    text = (
        f"A {MARK} of {shown_count(extract.rows, smallest)} rows, as of {day}. Cases that were "
        "open then, or had ended another way, count as lasting at least so long (right-censored). "
        f"Counts are rounded to the nearest {ROUNDED_TO}, and every figure is worked out from "
        f"counts of at least {smallest} cases by interval: it can differ a little from the "
        "rows. Limits of this protection: docs/fitting.md."
    )
    lines = ["# Lengths of time in an extract", "", text]
    if extract.left_out:
        biased = "Unless they are missing at random, every length here is biased."
        lines += ["", f"Left out as faulty: {left_out} rows. {biased}"]
    for fits, hidden in results:
        lines += length_section(fits, hidden, _fewest(smallest))
    return lines
