"""Charts of levels, option beside baseline: trials, victims, utilisation, adjournments."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cjsim.report import numbers, style
from cjsim.report.chart import (
    Chart,
    Row,
    finish_rows,
    looks,
    no_row_labels,
    row_labels,
    sentence,
)
from cjsim.report.data import ResultsFolder
from cjsim.report.labels import name_of, resource_name

MOST_RESOURCES, MOST_REASONS, ON_ONE_LINE = 12, 3, 34
LEAST_ADJOURNED = 0.05
"""Adjournments for every 100 cases: a reason that is rarer in every scenario has no bar to see."""
LEAST_USED, TIGHT = 0.01, 0.8  # of a capacity: what is worth a row, what may be a bottleneck
LEAST_TOLD = 0.1
"""Adjournments for every 100 cases: a smaller change is no heading."""

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
    """How trials in the magistrates' court ended, option beside baseline."""
    outcomes = _lines(results, [(name, kpi, "magistrates", "") for kpi, name in TRIALS])
    if not outcomes:
        return None
    lines = _with_reasons(results, outcomes)
    fig, row = _panels(results, len(lines), each=0.34, left=2.3)
    for axes, option in zip(row, results.options, strict=True):
        _pairs_of_bars(results, axes, option, lines)
    _share_axes(row, lines, to_hundred=False)
    rows = _flat(lines)
    mine = [one for one in rows if one.difference.scenario == results.focus]
    clear = sorted(
        (one for one in mine if numbers.is_clear(one.difference) and not one.name.startswith(" ")),
        key=lambda one: -abs(one.difference.difference),
    )
    title = (
        numbers.moves(f"{clear[0].name} trials", "share", clear[0].difference)
        if clear
        else "No clear change in how trials end"
    )
    second = (
        f"{title}, {numbers.moves(clear[1].name.lower(), 'share', clear[1].difference)}"
        if len(clear) > 1
        else title
    )
    return finish_rows(
        results,
        fig,
        key="trial_outcomes",
        title=numbers.title(second, title),
        measure="Trials in the magistrates' court by outcome and its main reasons, per cent of "
        "those called on (vacated: of all trials listed)",
        alternative="Bar chart with one panel for each option, the baseline in grey. "
        + " ".join(sentence(results, one) for one in mine),
        caption="Trials in the magistrates' court by outcome",
        rows=rows,
    )


def _with_reasons(results: ResultsFolder, outcomes: Lines) -> Lines:
    """Under cracked and ineffective trials their most frequent reasons, of all trials called on."""
    kpi, court = "trials_by_reason", "magistrates"
    lines: list[tuple[str, dict[str, Row]]] = []
    for name, found in outcomes:
        lines.append((name, found))
        outcome = name.lower() + ":"
        reasons: list[tuple[str, dict[str, Row]]] = []
        for group in results.groups(kpi, court):
            if group.startswith(outcome):
                reason = f"  {name_of(group.removeprefix(outcome))}"
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
    kpi, court = "adjournments_by_reason", "magistrates"
    cases = ("magistrates_proceeded_against", court, "")
    lines: list[tuple[str, dict[str, Row]]] = []
    for reason in results.groups(kpi, court):
        if not reason or ":" in reason:
            continue
        found = {
            option: results.difference_per(option, (kpi, court, reason), cases, 100)
            for option in results.options
        }
        if any(max(one.baseline, one.value) >= LEAST_ADJOURNED for one in found.values()):
            name = name_of(reason)
            lines.append((name, {option: Row(name, "ratio", one) for option, one in found.items()}))
    if not lines:
        return None
    lines.sort(key=lambda line: -_baseline(line[1]))
    fig, row = _panels(results, len(lines), each=0.4, left=2.35, foot=0.2)
    for axes, option in zip(row, results.options, strict=True):
        _pairs_of_bars(results, axes, option, lines)
    highest = max(max(one.difference.baseline, one.difference.value) for one in _flat(lines))
    for axes in row:
        axes.set_xlim(0, highest * (1.55 if len(row) < 3 else 2.1))
        axes.locator_params(axis="x", nbins=4)
    row[0].set_xlabel("Adjournments for every 100 cases", loc="left")
    rows = _flat(lines)
    mine = [one for one in rows if one.difference.scenario == results.focus]
    what = "Adjournments by reason for every 100 cases that the magistrates\u2019 court completed"
    return finish_rows(
        results,
        fig,
        key="adjournments",
        title=_adjournment_title(results, mine),
        measure=f"{what}; rarer than 1 in 2,000: left out",
        alternative="Bar chart with one panel for each option, the baseline in grey. "
        + " ".join(sentence(results, one) for one in mine[:6]),
        caption=what,
        rows=rows,
    )


def _adjournment_title(results: ResultsFolder, mine: list[Row]) -> str:
    overall = results.difference(results.focus, "adjournments_per_case", "magistrates")
    clear = [
        one
        for one in mine
        if numbers.is_clear(one.difference) and abs(one.difference.difference) >= LEAST_TOLD
    ]
    if not clear:
        return "No clear change in any main reason for adjourning"
    most = max(clear, key=lambda one: abs(one.difference.difference))
    reason = numbers.lower_first(most.name)
    if overall is not None and numbers.is_clear(overall):
        moved = numbers.moves("Adjournments", "ratio", overall)
        return numbers.title(f"{moved}, most for \u201c{reason}\u201d", moved)
    return numbers.title(
        numbers.moves(f"Adjournments for \u201c{reason}\u201d", "ratio", most.difference)
    )


def victims(results: ResultsFolder) -> Chart | None:
    """Victims and witnesses: duties met in time, withdrawals, wasted attendances."""
    kpi = "victim_contacts_in_time_share"
    duties = [one for one in results.groups(kpi, "all") if one and ":" not in one]
    wanted = [
        ("All contacts in time", kpi, "all", ""),
        *((f"  {name_of(duty)}", kpi, "all", duty) for duty in duties),
        *((name, one, "all", "") for one, name in VICTIMS),
    ]
    lines = _lines(results, wanted)
    if not lines:
        return None
    fig, row = _panels(results, len(lines), each=0.27, left=2.45, aside=True)
    bold = [place for place, line in enumerate(lines) if not line[0].startswith("  ")]
    for axes, option in zip(row, results.options, strict=True):
        _pairs_of_dots(results, axes, option, lines, bold=bold)
    _share_axes(row, lines, to_hundred=True)
    rows = [Row(one.name.strip(), one.kind, one.difference) for one in _flat(lines)]
    main = [
        one for one in rows if not one.difference.group and one.difference.scenario == results.focus
    ]
    noun = {
        kpi: "Victim contacts in time",
        "witness_attendances_wasted_share": "Wasted witness attendances",
        "victims_withdrawn_after_charge_share": "Victims withdrawing after charge",
        "victims_withdrawn_before_charge_share": "Victims withdrawing before charge",
    }
    told = [
        numbers.moves(noun[one.difference.kpi], "share", one.difference)
        for one in main
        if numbers.is_clear(one.difference)
    ]
    return finish_rows(
        results,
        fig,
        key="victims",
        title=numbers.title(*told[:1], "No clear change for victims and witnesses"),
        measure="Victims and witnesses: contacts made in time by duty, withdrawals and wasted "
        "attendances, per cent",
        alternative="Dot plot with one panel for each option, the baseline as a hollow dot. "
        + " ".join(sentence(results, one) for one in main),
        caption="Victims and witnesses",
        rows=rows,
    )


def utilisation(results: ResultsFolder) -> Chart | None:
    """How busy staff, cells and court lists are, the busiest first and named."""
    about = results.background
    courts = [one for one in ("all", "magistrates", "crown") if results.groups("utilisation", one)]
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
    fig, row = _panels(results, len(lines), each=0.33 if long else 0.27, left=2.45, aside=True)
    for axes, option in zip(row, results.options, strict=True):
        _pairs_of_dots(results, axes, option, lines, bold=[0])
        axes.axvline(1, color=style.DARK_GREY, linewidth=0.8, linestyle=(0, (1, 2)))
    _share_axes(row, lines, to_hundred=True)
    rows = _flat(lines)
    mine = [one for one in rows if one.difference.scenario == results.focus]
    busiest = mine[0]
    share = numbers.plain(100 * busiest.difference.value, 0)
    # What is half empty holds nobody up, even where nothing else is busier.
    what = "The bottleneck" if busiest.difference.value >= TIGHT else "No bottleneck, busiest"
    return finish_rows(
        results,
        fig,
        key="utilisation",
        title=numbers.title(
            f"{what}: {numbers.lower_first(busiest.name)}, {share}% used",
            f"{what.rpartition(' ')[2].capitalize()}: {numbers.lower_first(busiest.name)}",
        ),
        measure=f"Capacity used, per cent, busiest {len(lines)} of "
        f"{len(everything) // len(results.options)} groups of staff, cells and court lists",
        alternative=f"Dot plot with one panel for each option, the baseline as a hollow dot. The "
        f"busiest: {numbers.lower_first(busiest.name)}. "
        + " ".join(sentence(results, one) for one in mine[:5]),
        caption="Capacity used, busiest first",
        rows=rows,
        data=everything,
    )


# --- parts ----------------------------------------------------------------------------------


def _lines(results: ResultsFolder, wanted: Sequence[tuple[str, str, str, str]]) -> Lines:
    """Those wanted (name, kpi, court, group) that the comparison has for any option."""
    lines: list[tuple[str, dict[str, Row]]] = []
    for name, kpi, court, group in wanted:
        found = {
            option: Row(name, "share", one)
            for option in results.options
            if (one := results.difference(option, kpi, court, group)) is not None
            and math.isfinite(one.baseline)
        }
        if found:
            lines.append((name, found))
    return lines


def _is_sum(group: str, groups: Sequence[str]) -> bool:
    """Whether a pool or list stands for its divisions or houses, which have rows of their own."""
    return any(other.startswith((f"{group}_", f"{group}@")) for other in groups)


def _flat(lines: Lines) -> list[Row]:
    return [row for _, found in lines for row in found.values()]


def _baseline(found: dict[str, Row]) -> float:
    return next(iter(found.values())).difference.baseline


def _last(found: dict[str, Row]) -> float:
    """The level under the last option, of which the title speaks."""
    return list(found.values())[-1].difference.value


def _panels(
    results: ResultsFolder,
    lines: int,
    *,
    each: float,
    left: float,
    aside: bool = False,
    foot: float = 0.0,
) -> tuple[Figure, list[Axes]]:
    """One panel for each option under its name.

    `aside` leaves a column of text beside each, `foot` leaves inches below for an axis label.
    """
    count = len(results.options)
    column = (1.4 if count < 3 else 0.85) if aside else 0.3
    narrow = count > 2  # then a name is given a third line
    fig = style.figure(each * lines + 0.95 + foot + 0.15 * narrow)
    row = style.panels(
        fig,
        count,
        left=left,
        top=0.62 + 0.15 * narrow,
        height=each * lines,
        right=column,
        gap=column + 0.05,
    )
    for axes, option in zip(row, results.options, strict=True):
        style.bare(axes, keep=("left",))
        axes.grid(axis="x")
        look, labels = looks(results)[option], results.background.labels
        width = int((style.WIDTH - left) / count * 10.5)
        text = style.wrap(f"{look.sign} {labels[option]}", width, 3 if narrow else 2)
        against = f"{style.BASELINE.sign} {labels[results.baseline]}"
        against = style.wrap(against if narrow else f"against {against}", width, 1)
        high = each * lines
        axes.text(
            0, 1 + 0.24 / high, text, transform=axes.transAxes, fontweight="bold", va="bottom"
        )
        axes.text(
            0,
            1 + 0.06 / high,
            against,
            transform=axes.transAxes,
            fontsize=8.5,
            color=style.DARK_GREY,
            va="bottom",
        )
    return fig, row


def _pairs_of_bars(results: ResultsFolder, axes: Axes, option: str, lines: Lines) -> None:
    look = looks(results)[option]
    for place, (_, found) in enumerate(lines):
        row = found.get(option)
        if row is None:
            continue
        one = row.difference
        axes.barh([place - 0.2], [one.baseline], height=0.36, color=style.GREY)
        axes.barh([place + 0.2], [one.value], height=0.36, color=look.colour)
        alike = [other.difference for other in found.values()]
        before, after = (
            numbers.level(row.kind, value, *alike) for value in (one.baseline, one.value)
        )
        for value, offset, text in (
            (one.baseline, -0.2, before),
            (one.value, 0.2, f"{after}, {_short_change(row)}"),
        ):
            sign = style.BASELINE.sign if offset < 0 else look.sign
            style.note(axes, f"{sign} {text}", (value, place + offset), xytext=(4, 0))
    inset = any(name.startswith(" ") for name, _ in lines)
    bold = [place for place, (name, _) in enumerate(lines) if inset and not name.startswith(" ")]
    _names(results, axes, option, lines, bold)


def _pairs_of_dots(
    results: ResultsFolder, axes: Axes, option: str, lines: Lines, *, bold: Sequence[int]
) -> None:
    look = looks(results)[option]
    for place, (_, found) in enumerate(lines):
        row = found.get(option)
        if row is None:
            continue
        one = row.difference
        axes.plot(
            [one.baseline, one.value], [place, place], color=style.GREY, linewidth=3, zorder=2
        )
        axes.plot(
            [one.baseline],
            [place],
            marker="o",
            markersize=6.5,
            color=style.DARK_GREY,
            markerfacecolor="white",
            zorder=3,
            clip_on=False,
        )
        axes.plot(
            [one.value],
            [place],
            marker=look.marker,
            markersize=4.5,
            color=look.colour,
            zorder=4,
            clip_on=False,
        )
        alike = [other.difference for other in found.values()]
        level = f"{numbers.level(row.kind, one.value, *alike)}, "
        text = f"{level if len(results.options) < 3 else ''}{_short_change(row)}"
        style.note(axes, text, (1.0, place), xycoords=("axes fraction", "data"), xytext=(6, 0))
    _names(results, axes, option, lines, bold)


def _short_change(row: Row) -> str:
    """The change beside a bar or dot: "+6 points", or "not clear"."""
    one = row.difference
    if not numbers.is_clear(one):
        return numbers.short_verdict(one)
    return numbers.signed_change(row.kind, one)


def _names(
    results: ResultsFolder, axes: Axes, option: str, lines: Lines, bold: Sequence[int]
) -> None:
    if option == results.options[0]:
        row_labels(axes, [name for name, _ in lines], ON_ONE_LINE, bold=bold)
    else:
        no_row_labels(axes, len(lines))


def _share_axes(row: Sequence[Axes], lines: Lines, *, to_hundred: bool) -> None:
    """Per cent from 0, with room at the right for the labels, the same in every panel."""
    highest = max(max(one.difference.baseline, one.difference.value) for one in _flat(lines))
    widest = 1.0 if to_hundred else min(1.0, math.ceil(highest * 10) / 10)
    step = 0.5 if widest > 0.5 else 0.1 if len(row) < 3 else 0.2
    ticks = [step * place for place in range(math.floor(widest / step + 1e-9) + 1)]
    for axes in row:
        room = 1.03 if to_hundred else 1.6 if len(row) < 3 else 2.2
        axes.set_xlim(0, max(widest, highest) * room)
        axes.set_xticks(ticks, [f"{100 * tick:.0f}%" for tick in ticks])
