"""Charts of levels, option beside baseline: trials, victims, utilisation, adjournments."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cjsim.formatting import numbers
from cjsim.formatting.labels import (
    court_title,
    courts_to_try,
    first_court,
    phrase_of,
    resource_name,
    title_of,
)
from cjsim.formatting.words import lower_first
from cjsim.report import style, wording
from cjsim.report.chart import (
    Chart,
    Row,
    finish_rows,
    looks,
    name_rows,
    sentence,
)
from cjsim.report.data import ResultsFolder

MOST_RESOURCES, MOST_REASONS, ON_ONE_LINE = 12, 3, 34
LEAST_ADJOURNED = 0.05
"""Adjournments for every 100 cases: a reason that is rarer in every scenario has no bar to see."""
LEAST_USED, TIGHT = 0.01, 0.8  # of a capacity: what is worth a row, what may be a bottleneck
LEAST_TOLD = 0.1
"""Adjournments for every 100 cases: a smaller change is no heading."""

FINISHED = ("magistrates_proceeded_against", "cases_disposed")
"""The cases that a court completed: the first of these measures that there is."""

TRIALS = (
    ("trials_effective_share", "Effective"),
    ("trials_cracked_share", "Cracked"),
    ("trials_ineffective_share", "Ineffective"),
    ("trials_vacated_share", "Vacated"),
)

VICTIMS = (
    ("victims_withdrawn_before_charge_share", "Victims withdrawn before charge"),
    ("victims_withdrawn_after_charge_share", "Victims withdrawn after charge"),
    ("witness_attendances_wasted_share", "Witness attendances wasted"),
)

Lines = Sequence[tuple[str, dict[str, Row]]]
"""The rows of a chart: a name, and each option's difference."""


def trial_outcomes(results: ResultsFolder) -> Chart | None:
    """How trials in the first court ended, option beside baseline."""
    court = first_court()
    where = f"Trials in the {phrase_of('court', court)}"
    outcomes = _lines(results, [(name, kpi, court, "") for kpi, name in TRIALS])
    if not outcomes:
        return None
    lines = _with_reasons(results, outcomes)
    fig, row = _panels(results, lines, each=0.34)
    for axes, option in zip(row, results.options, strict=True):
        _pairs_of_bars(results, axes, option, lines)
    _share_axes(row, lines, to_hundred=False)
    rows = _flat(lines)
    focus_rows = [row for row in rows if row.difference.scenario == results.focus]
    clear = sorted(
        (
            row
            for row in focus_rows
            if wording.is_clear(row.difference) and not row.name.startswith(" ")
        ),
        key=lambda row: -abs(row.difference.difference),
    )
    title = (
        wording.moves(f"{clear[0].name} trials", "share", clear[0].difference)
        if clear
        else "No clear change in how trials end"
    )
    second = (
        f"{title}, {wording.moves(clear[1].name.lower(), 'share', clear[1].difference)}"
        if len(clear) > 1
        else title
    )
    return finish_rows(
        results,
        fig,
        key="trial_outcomes",
        title=wording.title(second, title),
        measure=f"{where} by outcome and its main reasons, per cent of those called on (vacated: "
        "of all trials listed)",
        alternative="Bar chart with one panel for each option, the baseline in grey. "
        + " ".join(sentence(results, row) for row in focus_rows),
        caption=f"{where} by outcome",
        rows=rows,
    )


def _with_reasons(results: ResultsFolder, outcomes: Lines) -> Lines:
    """Under cracked and ineffective trials their most frequent reasons, of all trials called on."""
    kpi, court = "trials_by_reason", first_court()
    lines: list[tuple[str, dict[str, Row]]] = []
    for name, row_of in outcomes:
        lines.append((name, row_of))
        outcome = name.lower() + ":"
        reasons: list[tuple[str, dict[str, Row]]] = []
        for group in results.groups(kpi, court):
            if group.startswith(outcome):
                reason = f"  {title_of(group.removeprefix(outcome))}"
                reasons.append(
                    (
                        reason,
                        {
                            option: Row(
                                reason,
                                "share",
                                results.difference_per(
                                    option, (kpi, court, group), ("trial_hearings", court, ""), 1
                                ),
                            )
                            for option in results.options
                        },
                    )
                )
        reasons = [line for line in reasons if _baseline(line[1]) > 0 and name != "Vacated"]
        lines += sorted(reasons, key=lambda line: -_baseline(line[1]))[:MOST_REASONS]
    return lines


def adjournments(results: ResultsFolder) -> Chart | None:
    """Adjournments for every 100 cases by reason, the most frequent first."""
    kpi, court = "adjournments_by_reason", first_court()
    finished = next((word for word in FINISHED if results.groups(word, court)), FINISHED[-1])
    cases = (finished, court, "")
    lines: list[tuple[str, dict[str, Row]]] = []
    for reason in results.groups(kpi, court):
        if not reason or ":" in reason:
            continue
        row_of = {
            option: results.difference_per(option, (kpi, court, reason), cases, 100)
            for option in results.options
        }
        if any(
            max(difference.baseline, difference.value) >= LEAST_ADJOURNED
            for difference in row_of.values()
        ):
            name = title_of(reason)
            lines.append(
                (
                    name,
                    {
                        option: Row(name, "ratio", difference)
                        for option, difference in row_of.items()
                    },
                )
            )
    if not lines:
        return None
    lines.sort(key=lambda line: -_baseline(line[1]))
    fig, row = _panels(results, lines, each=0.4, foot=0.2)
    for axes, option in zip(row, results.options, strict=True):
        _pairs_of_bars(results, axes, option, lines)
    highest = max(max(row.difference.baseline, row.difference.value) for row in _flat(lines))
    for axes in row:
        axes.set_xlim(0, highest * (1.55 if len(row) < 3 else 2.1))
        axes.locator_params(axis="x", nbins=4)
    row[0].set_xlabel("Adjournments for every 100 cases", loc="left")
    rows = _flat(lines)
    focus_rows = [row for row in rows if row.difference.scenario == results.focus]
    caption = (
        f"Adjournments by reason for every 100 cases that the {lower_first(court_title(court))} "
        "completed"
    )
    return finish_rows(
        results,
        fig,
        key="adjournments",
        title=_adjournment_title(results, focus_rows),
        measure=f"{caption}; rarer than 1 in 2,000: left out",
        alternative="Bar chart with one panel for each option, the baseline in grey. "
        + " ".join(sentence(results, row) for row in focus_rows[:6]),
        caption=caption,
        rows=rows,
    )


def _adjournment_title(results: ResultsFolder, rows: list[Row]) -> str:
    overall = results.difference(results.focus, "adjournments_per_case", first_court())
    clear = [
        row
        for row in rows
        if wording.is_clear(row.difference) and abs(row.difference.difference) >= LEAST_TOLD
    ]
    if not clear:
        return "No clear change in any main reason for adjourning"
    most = max(clear, key=lambda row: abs(row.difference.difference))
    reason = lower_first(most.name)
    if overall is not None and wording.is_clear(overall):
        moved = wording.moves("Adjournments", "ratio", overall)
        return wording.title(f"{moved}, most for \u201c{reason}\u201d", moved)
    return wording.title(
        wording.moves(f"Adjournments for \u201c{reason}\u201d", "ratio", most.difference)
    )


def victims(results: ResultsFolder) -> Chart | None:
    """Victims and witnesses: duties met in time, withdrawals, wasted attendances."""
    kpi = "victim_contacts_in_time_share"
    duties = [duty for duty in results.groups(kpi, "all") if duty and ":" not in duty]
    wanted = [
        ("All contacts in time", kpi, "all", ""),
        *((f"  {title_of(duty)}", kpi, "all", duty) for duty in duties),
        *((name, share_kpi, "all", "") for share_kpi, name in VICTIMS),
    ]
    lines = _lines(results, wanted)
    if not lines:
        return None
    fig, row = _panels(results, lines, each=0.27)
    for axes, option in zip(row, results.options, strict=True):
        _pairs_of_dots(results, axes, option, lines)
    _share_axes(row, lines, to_hundred=True)
    rows = [Row(row.name.strip(), row.kind, row.difference) for row in _flat(lines)]
    main = [
        row for row in rows if not row.difference.group and row.difference.scenario == results.focus
    ]
    noun = {
        kpi: "Victim contacts in time",
        "witness_attendances_wasted_share": "Wasted witness attendances",
        "victims_withdrawn_after_charge_share": "Victims withdrawing after charge",
        "victims_withdrawn_before_charge_share": "Victims withdrawing before charge",
    }
    sentences = [
        wording.moves(noun[row.difference.kpi], "share", row.difference)
        for row in main
        if wording.is_clear(row.difference)
    ]
    return finish_rows(
        results,
        fig,
        key="victims",
        title=wording.title(*sentences[:1], "No clear change for victims and witnesses"),
        measure="Victims and witnesses: contacts made in time by duty, withdrawals and wasted "
        "attendances, per cent",
        alternative="Dot plot with one panel for each option, the baseline as a hollow dot. "
        + " ".join(sentence(results, row) for row in main),
        caption="Victims and witnesses",
        rows=rows,
    )


def utilisation(results: ResultsFolder) -> Chart | None:
    """How busy staff, cells and court lists are, the busiest first and named."""
    about = results.background
    courts = [court for court in courts_to_try() if results.groups("utilisation", court)]
    wanted = [
        (resource_name(group, about.divisions), "utilisation", court, group)
        for court in courts
        for group in results.groups("utilisation", court)
        if group and ":" not in group and not _is_sum(group, results.groups("utilisation", court))
    ]
    lines = [line for line in _lines(results, wanted) if _last(line[1]) > LEAST_USED]
    if not lines:
        return None
    everything = _flat(lines)
    lines = sorted(lines, key=lambda line: -_last(line[1]))[:MOST_RESOURCES]
    # A court list and its court make a long name: two lines of it would touch the next row's.
    long = max(len(name) for name, _ in lines) > ON_ONE_LINE
    fig, row = _panels(results, lines, each=0.33 if long else 0.27, bold=[0])
    for axes, option in zip(row, results.options, strict=True):
        _pairs_of_dots(results, axes, option, lines)
        axes.axvline(1, color=style.DARK_GREY, linewidth=0.8, linestyle=(0, (1, 2)))
    _share_axes(row, lines, to_hundred=True)
    rows = _flat(lines)
    focus_rows = [row for row in rows if row.difference.scenario == results.focus]
    busiest = focus_rows[0]
    share = numbers.plain(100 * busiest.difference.value, 0)
    # The busiest resource is no bottleneck if it is half empty.
    subject = "The bottleneck" if busiest.difference.value >= TIGHT else "No bottleneck, busiest"
    return finish_rows(
        results,
        fig,
        key="utilisation",
        title=wording.title(
            f"{subject}: {lower_first(busiest.name)}, {share}% used",
            f"{subject.rpartition(' ')[2].capitalize()}: {lower_first(busiest.name)}",
        ),
        measure=f"Capacity used, per cent, busiest {len(lines)} of "
        f"{len(everything) // len(results.options)} groups of staff, cells and court lists",
        alternative=f"Dot plot with one panel for each option, the baseline as a hollow dot. The "
        f"busiest: {lower_first(busiest.name)}. "
        + " ".join(sentence(results, row) for row in focus_rows[:5]),
        caption="Capacity used, busiest first",
        rows=rows,
        data=everything,
    )


# --- parts ----------------------------------------------------------------------------------


def _lines(results: ResultsFolder, wanted: Sequence[tuple[str, str, str, str]]) -> Lines:
    """Those wanted (name, kpi, court, group) that the comparison has for any option."""
    lines: list[tuple[str, dict[str, Row]]] = []
    for name, kpi, court, group in wanted:
        row_of = {
            option: Row(name, "share", difference)
            for option in results.options
            if (difference := results.difference(option, kpi, court, group)) is not None
            and math.isfinite(difference.baseline)
        }
        if row_of:
            lines.append((name, row_of))
    return lines


def _is_sum(group: str, groups: Sequence[str]) -> bool:
    """Whether a pool or list is the sum of divisions or courthouses that have rows."""
    return any(other.startswith((f"{group}_", f"{group}@")) for other in groups)


def _flat(lines: Lines) -> list[Row]:
    return [row for _, row_of in lines for row in row_of.values()]


def _baseline(row_of: dict[str, Row]) -> float:
    return next(iter(row_of.values())).difference.baseline


def _last(row_of: dict[str, Row]) -> float:
    """The level under the last option, of which the title speaks."""
    return list(row_of.values())[-1].difference.value


def _panels(
    results: ResultsFolder,
    lines: Lines,
    *,
    each: float,
    foot: float = 0.0,
    bold: Sequence[int] | None = None,
) -> tuple[Figure, list[Axes]]:
    """One panel for each option under its name, with the names of the lines at their left.

    `foot` leaves inches below for an axis label. `bold` are the lines in bold: by default
    those that are not indented, if others are.
    """
    count = len(results.options)
    narrow = count > 2  # names have a third line
    fig = style.figure(each * len(lines) + 0.95 + foot + 0.15 * narrow)
    (row,) = style.grid(fig, 1, count)
    for axes, option in zip(row, results.options, strict=True):
        style.bare(axes, keep=("left",))
        axes.grid(axis="x")
        look, labels = looks(results)[option], results.background.labels
        width = 58 // count
        text = style.wrap(f"{look.sign} {labels[option]}", width, 3 if narrow else 2)
        against = f"{style.BASELINE.sign} {labels[results.baseline]}"
        against = style.wrap(against if narrow else f"against {against}", width, 1)
        style.heading(axes, text, above=20)
        axes.annotate(
            against,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 6),
            textcoords="offset points",
            fontsize=8.5,
            color=style.DARK_GREY,
        )
    names = [name for name, _ in lines]
    if bold is None:
        inset = any(name.startswith(" ") for name in names)
        bold = [y for y, name in enumerate(names) if inset and not name.startswith(" ")]
    name_rows(row, names, ON_ONE_LINE, bold=bold)
    return fig, row


def _pairs_of_bars(results: ResultsFolder, axes: Axes, option: str, lines: Lines) -> None:
    look = looks(results)[option]
    for y, (_, row_of) in enumerate(lines):
        row = row_of.get(option)
        if row is None:
            continue
        difference = row.difference
        axes.barh([y - 0.2], [difference.baseline], height=0.36, color=style.GREY)
        axes.barh([y + 0.2], [difference.value], height=0.36, color=look.colour)
        alike = [other.difference for other in row_of.values()]
        before, after = (
            wording.level(row.kind, value, *alike)
            for value in (difference.baseline, difference.value)
        )
        for value, offset, text in (
            (difference.baseline, -0.2, before),
            (difference.value, 0.2, f"{after}, {_short_change(row)}"),
        ):
            sign = style.BASELINE.sign if offset < 0 else look.sign
            style.note(axes, f"{sign} {text}", (value, y + offset), xytext=(4, 0))


def _pairs_of_dots(results: ResultsFolder, axes: Axes, option: str, lines: Lines) -> None:
    look = looks(results)[option]
    for y, (_, row_of) in enumerate(lines):
        row = row_of.get(option)
        if row is None:
            continue
        difference = row.difference
        axes.plot(
            [difference.baseline, difference.value], [y, y], color=style.GREY, linewidth=3, zorder=2
        )
        axes.plot(
            [difference.baseline],
            [y],
            marker="o",
            markersize=6.5,
            color=style.DARK_GREY,
            markerfacecolor="white",
            zorder=3,
            clip_on=False,
        )
        axes.plot(
            [difference.value],
            [y],
            marker=look.marker,
            markersize=4.5,
            color=look.colour,
            zorder=4,
            clip_on=False,
        )
        alike = [other.difference for other in row_of.values()]
        level = f"{wording.level(row.kind, difference.value, *alike)}, "
        text = f"{level if len(results.options) < 3 else ''}{_short_change(row)}"
        style.note(axes, text, (1.0, y), xycoords=("axes fraction", "data"), xytext=(6, 0))


def _short_change(row: Row) -> str:
    """The change beside a bar or dot: "+6 points", or "not clear"."""
    difference = row.difference
    if not wording.is_clear(difference):
        return wording.short_verdict(difference)
    return wording.signed_change(row.kind, difference)


def _share_axes(row: Sequence[Axes], lines: Lines, *, to_hundred: bool) -> None:
    """Per cent from 0, with space for labels at the right, the same in every panel."""
    highest = max(max(row.difference.baseline, row.difference.value) for row in _flat(lines))
    widest = 1.0 if to_hundred else min(1.0, math.ceil(highest * 10) / 10)
    step = 0.5 if widest > 0.5 else 0.1 if len(row) < 3 else 0.2
    ticks = [step * index for index in range(math.floor(widest / step + 1e-9) + 1)]
    for axes in row:
        stretch = 1.03 if to_hundred else 1.6 if len(row) < 3 else 2.2
        axes.set_xlim(0, max(widest, highest) * stretch)
        axes.set_xticks(ticks, [f"{100 * tick:.0f}%" for tick in ticks])
