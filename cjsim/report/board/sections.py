"""Tables and sentences of the Board page: changes, people affected, evidence for the model."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence

from cjsim.formatting import numbers
from cjsim.formatting.dates import day_of, month_year
from cjsim.formatting.labels import court_title, first_court, noun_of, parameter_name, title_of
from cjsim.formatting.numbers import Kind
from cjsim.formatting.tables import Table
from cjsim.formatting.words import counted, listed, lower_first
from cjsim.jurisdiction import vocabulary
from cjsim.measures.intervals import FEWEST_DIFFERING
from cjsim.report import wording
from cjsim.report.board.headlines import headlines
from cjsim.report.chart import Row, difference_table
from cjsim.report.charts.published import Published, met, parted
from cjsim.report.charts.study import Tornado
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.run_metadata import Background

MOST_CAVEATS = 3

Line = tuple[str, str, str, str, Kind]
"""A row's name, KPI, court, group and kind."""


# --- what changes ---------------------------------------------------------------------------


def changes_table(about: Background) -> Table | None:
    """Every dated change that the options make to the model, with its source and evidence."""
    options: dict[tuple[str, ...], list[str]] = {}
    for change in (*about.changes, *about.declared):
        line = (
            parameter_name(change.parameter),
            f"{change.starts.day} {month_year(change.starts)}",
            about.divisions.get(change.area, change.area) or "everywhere",
            change.before,
            change.value,
            change.unit,
            change.range,
            change.source,
            change.evidence,
        )
        options.setdefault(line, []).append(about.labels[change.scenario])
    if not options:
        return None
    every = len(about.labels) - 1
    rows = [
        (line[0], "every option" if len(names) == every > 1 else listed(names), *line[1:])
        for line, names in options.items()
    ]
    columns = (
        "Parameter",
        "Option",
        "From",
        "Where",
        "Before",
        "After",
        "Unit",
        "Range",
        "Source",
        "Evidence",
    )
    return Table("What each option changes in the model", columns, tuple(sorted(rows)))


# --- the summary ----------------------------------------------------------------------------


def caveats(results: ResultsFolder, figures: Sequence[Published]) -> list[str]:
    """The three most important caveats: those of the experiment first."""
    about = results.background
    sentences = list(about.caveats)
    if results.replications < about.replications_asked:
        sentences.insert(
            0,
            (
                f"Only {results.replications} of {about.replications_asked} planned replications "
                "were run: intervals are wide, and small effects are not detected."
            ),
        )
    levers = [change for change in about.changes if change.evidence == "assumed"]
    if levers and not about.caveats:
        sentences.append(
            f"{_assumed(len(levers), len(about.changes))}: other values would give other results."
        )
    published, _ = parted(figures)
    missed = [figure for figure in published if not figure.inside]
    if missed:
        sentences.append(
            f"The baseline does not match {len(missed)} of {len(published)} published figures, "
            "such as "
            f"{lower_first(missed[0].title)}."
        )
    sentences.append("The baseline is not a forecast: use the differences from it, not its levels.")
    return sentences[:MOST_CAVEATS]


def _assumed(some: int, every: int) -> str:
    """How many of the changes are assumptions, in words."""
    if every == 1:
        return "The only change that the options make is an assumption"
    number = f"{some} of the {every}" if some < every else f"All {every}"
    return f"{number} changes that the options make are assumptions"


def sureness(results: ResultsFolder, tornado: Tornado | None) -> list[str]:
    """How certain the headlines of the option in focus are, and what would change them."""
    in_focus = [
        (headline, row.difference)
        for headline in headlines(results)
        for row in headline.rows
        if row.difference.scenario == results.focus
    ]
    clear = [pair for pair in in_focus if wording.is_clear(pair[1])]
    slight = sum(wording.is_too_small(pair[1]) for pair in in_focus)
    sentences = []
    if in_focus and results.replications == 1:
        sentences.append("One replication cannot separate an effect from chance.")
    elif in_focus and results.replications < FEWEST_DIFFERING:
        sentences.append(
            f"{results.replications} replications cannot separate an effect from chance: at least "
            f"{FEWEST_DIFFERING} are needed."
        )
    elif in_focus:
        # A difference that is too small to matter has an interval without 0: it is not unclear.
        verb = "differs" if slight == 1 else "differ"
        rest = f"; {slight} more {verb} by too little to matter" if slight else ""
        sentences.append(
            f"{len(clear)} of {len(in_focus)} headlines "
            f"{'differs' if len(clear) == 1 else 'differ'} clearly from the baseline in "
            f"{results.replications} paired replications{rest}."
        )
    sized = [pair for pair in clear if not pair[1].always_the_same]
    if sized:
        weakest = min(sized, key=lambda pair: _margin(pair[1]))
        share = numbers.plain(100 * _margin(weakest[1]), 0)
        sentences.append(
            f"The least certain of these is {weakest[0].noun}: if the effect were {share}% "
            "smaller, it would not be clear."
        )
    if tornado is None:
        sentences.append(
            "No sensitivity analysis has been run: it is not known which inputs could change the "
            "result. Run cjsim sensitivity."
        )
        return sentences
    turning = [bar for bar in tornado.bars if bar.break_even is not None]
    names = [
        f"{lower_first(bar.name)} at {bar.break_even:.3g}"
        for bar in turning[:3]
        if bar.break_even is not None
    ]
    noun = noun_of(tornado.kpi, "").text
    sentences.append(
        f"The difference in {noun} would be 0 with {listed(names, 'or')}."
        if names
        else f"{_none_of(len(tornado.bars))} the difference in {noun} to 0."
    )
    if tornado.not_varied:
        sentences.append(tornado.not_varied)
    return sentences


def _none_of(inputs: int) -> str:
    if inputs == 1:
        return "The one input that was varied over its range does not bring"
    return f"None of {inputs} inputs, each varied over its range, brings"


def _margin(difference: Difference) -> float:
    """The share by which a difference could shrink before its interval includes 0."""
    near = min(abs(difference.low), abs(difference.high))
    return near / abs(difference.difference) if difference.difference else 0.0


# --- who is affected ------------------------------------------------------------------------


def affected(results: ResultsFolder) -> list[tuple[str, Table, str]]:
    """By division, court, offence group and victims: a heading, a table, and a note below it."""
    division_titles = results.background.divisions
    divisions: list[Line] = [
        (f"{title}: {name}", kpi, court, f"division:{division}", kind)
        for division, title in division_titles.items()
        for name, kpi, court, kind in _by_division()
    ]
    courts: list[Line] = [
        (f"{court_title(court)}: {name}", kpi, court, group, kind)
        for court in vocabulary().courts
        for name, kpi, group, kind in BY_COURT
    ]
    offences: list[Line] = [
        (f"{title_of(offence)}: {name}", kpi, "all", offence, kind)
        for offence in vocabulary().offence_groups
        for name, kpi, kind in BY_OFFENCE
    ]
    victims: list[Line] = [(name, kpi, "all", group, kind) for name, kpi, group, kind in BY_VICTIM]
    parts = [
        _part(results, "By division", divisions, only_clear=False),
        _part(results, "By court", courts, only_clear=False),
        _part(results, "By offence group", offences, only_clear=True),
        _part(results, "Victims and witnesses", victims, only_clear=False),
    ]
    return [part for part in parts if part is not None]


def _part(
    results: ResultsFolder, heading: str, lines: Sequence[Line], *, only_clear: bool
) -> tuple[str, Table, str] | None:
    rows = [
        Row(name, kind, difference)
        for name, kpi, court, group, kind in lines
        for option in results.options
        if (difference := results.difference(option, kpi, court, group)) is not None
        and math.isfinite(difference.baseline)
    ]
    if not rows:
        return None
    shown = [row for row in rows if wording.is_clear(row.difference)] if only_clear else rows
    left_out = len(rows) - len(shown)
    note = f"{left_out} of {len(rows)} differences are not clear and not shown." if left_out else ""
    if not shown:
        note = f"None of the {len(rows)} differences is clear."
    return heading, difference_table(results, heading, shown), note


def _by_division() -> tuple[tuple[str, str, str, Kind], ...]:
    court = first_court()
    return (
        ("early guilty pleas", "early_guilty_plea_rate", court, "share"),
        ("arrest to disposal, mean", "arrest_to_disposal_days", "all", "days"),
        ("wait for trial, mean", "first_listing_to_trial_days", court, "days"),
        ("adjournments per case", "adjournments_per_case", court, "ratio"),
        ("victims withdrawn after charge", "victims_withdrawn_after_charge_share", "all", "share"),
    )


BY_COURT: tuple[tuple[str, str, str, Kind], ...] = (
    ("open cases", "open_cases", "", "count"),
    ("arrest to disposal, median", "arrest_to_disposal_days", "median", "days"),
    ("trials effective", "trials_effective_share", "", "share"),
    ("adjournments per case", "adjournments_per_case", "", "ratio"),
)
BY_OFFENCE: tuple[tuple[str, str, Kind], ...] = (
    ("victims withdrawn after charge", "victims_withdrawn_after_charge_share", "share"),
    ("support reached", "support_reached_share", "share"),
)
BY_VICTIM: tuple[tuple[str, str, str, Kind], ...] = (
    ("Contacts made in time", "victim_contacts_in_time_share", "", "share"),
    ("Duties done in time", "victim_duties_in_time_share", "", "share"),
    ("Withdrawn before charge", "victims_withdrawn_before_charge_share", "", "share"),
    ("Withdrawn after charge", "victims_withdrawn_after_charge_share", "", "share"),
    ("Witness attendances wasted", "witness_attendances_wasted_share", "", "share"),
    ("Witnesses\u2019 wait at court, mean", "witness_waiting_minutes", "mean", "minutes"),
    ("Calls to ask what is happening", "chasing_calls", "", "count"),
)


# --- trust ----------------------------------------------------------------------------------


def trust(
    results: ResultsFolder, figures: Sequence[Published], tornado: Tornado | None
) -> list[tuple[str, str]]:
    """The evidence for and against the model, as terms and descriptions."""
    about = results.background
    sentences = []
    if figures:
        published, laws = parted(figures)
        sentences.append(("Published figures met", f"{met(published)} (table and chart below)"))
        for use, words in (("seen", "not fitted, but seen"), ("blind", "blind")):
            of_use = [figure for figure in figures if figure.use == use]
            if of_use:
                sentences.append((f"Of these, {words}", met(of_use)))
        if laws:
            sentences.append(("Figures from distributions fitted to published figures", met(laws)))
    else:
        sentences.append(
            ("Published figures met", "not checked: this model has no published targets")
        )
    of_requested = f" of {about.replications_asked} planned" if about.replications_asked else ""
    sentences.append(
        ("Replications", f"{results.replications}{of_requested}, each with common random numbers")
    )
    if about.began:
        sentences.append(("Start of a run", about.began))
    sourced = sum(about.grades.values())
    if sourced:
        graded = [f"{count} {grade}" for grade, count in about.grades.items()]
        sentences.append((f"Evidence for the model's {sourced} numbers", listed(graded)))
    # The assumptions of the options and their ranges are in the table of changes.
    ranked = (
        f"{tornado.varied}, in the first chart of this page and the table below"
        if tornado is not None
        else f"not yet: run cjsim sensitivity {shlex.quote(about.experiment_file or 'FILE')}"
    )
    sentences.append(("Assumptions ranked by effect", ranked))
    return sentences


LOGIC = (
    "Each case goes from its arrival to its disposal and queues for staff, cells and court lists. "
    "The appendix shows every step, drawn from the code."
)


def stress_des(results: ResultsFolder) -> Table:
    """The headings of STRESS-DES (Monks and others, 2019) and this run's answer to each."""
    about = results.background
    libraries = ", ".join(
        f"{name} {about.versions[name]}"
        for name in ("python", "simpy", "numpy")
        if name in about.versions
    )
    code = f"cjsim {about.version}" + (f", commit {about.commit}" if about.commit else "")
    sourced = sum(about.grades.values())
    until = f"; data as of {day_of(about.data_as_of)}" if about.data_as_of else ""
    experiment = (
        f"{about.period}, {counted(results.replications, 'replication')}, "
        f"seed {about.seed}; scenarios have the same cases and random numbers."
    )
    return Table(
        "STRESS-DES: what a reader needs to judge a discrete-event simulation",
        ("Heading", "This run"),
        (
            ("Objectives", about.question or about.title),
            ("Logic", LOGIC),
            (
                "Data",
                f"{sourced} numbers, each with source and evidence; a range if assumed{until}.",
            ),
            ("Experimentation", experiment),
            ("Implementation", libraries or "not recorded"),
            ("Code access", f"{code}, open source (MIT)"),
        ),
    )


def assumptions(results: ResultsFolder, tornado: Tornado | None) -> Table | None:
    """Assumptions ranked by their effect on the result; None without a sensitivity analysis."""
    if tornado is None:
        return None
    kind = tornado.kind
    rows = tuple(
        (
            bar.name,
            f"{bar.low_level:.3g} to {bar.high_level:.3g}",
            numbers.size_of_change(
                kind,
                numbers.in_shown_unit(kind, bar.swing),
                numbers.level_exponent([numbers.in_shown_unit(kind, bar.swing)]),
            ),
            "nowhere" if bar.break_even is None else f"at {bar.break_even:.3g}",
        )
        for bar in tornado.bars
    )
    label = results.background.labels[tornado.scenario]
    return Table(
        f"Inputs ranked by their effect on the difference of \u201c{label}\u201d: "
        + tornado.varied,
        ("Input", "Range", f"Changes {noun_of(tornado.kpi, '').text} by", "Difference is 0"),
        rows,
    )
