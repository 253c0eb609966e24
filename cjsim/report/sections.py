"""Tables and sentences of the page: what changes, who is affected, who pays, what to trust."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence

from cjsim.england_wales.vocabulary import OFFENCE_GROUPS
from cjsim.measures.intervals import FEWEST_DIFFERING
from cjsim.report import numbers
from cjsim.report.chart import Row, Table, difference_table
from cjsim.report.charts.published import Published, met, parted
from cjsim.report.charts.study import Tornado
from cjsim.report.data import ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.headlines import headlines
from cjsim.report.labels import Kind, name_of, noun_of, parameter_name
from cjsim.report.run_metadata import Background, day_of, month_year

MOST_CAVEATS = 3

Line = tuple[str, str, str, str, Kind]
"""What a row is called, and its KPI, court, group and kind."""


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
        (line[0], "every option" if len(names) == every > 1 else numbers.listed(names), *line[1:])
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
    """Two or three things that could change the decision: the experiment's own come first."""
    about = results.background
    told = list(about.caveats)
    if results.replications < about.replications_asked:
        told.insert(
            0,
            (
                f"Only {results.replications} of the {about.replications_asked} replications asked "
                "for were run: intervals are wider than they should be, and a small effect is "
                "missed."
            ),
        )
    levers = [change for change in about.changes if change.evidence == "assumed"]
    if levers and not about.caveats:
        told.append(
            f"{_assumed(len(levers), len(about.changes))}: the answer moves with "
            f"{'it' if len(about.changes) == 1 else 'them'}."
        )
    published, _ = parted(figures)
    missed = [one for one in published if not one.inside]
    if missed:
        told.append(
            f"The baseline misses {len(missed)} of {len(published)} published figures, among them "
            f"{numbers.lower_first(missed[0].title)}."
        )
    told.append("The baseline is a yardstick, not a forecast: only differences carry weight.")
    return told[:MOST_CAVEATS]


def _assumed(some: int, every: int) -> str:
    """How many of the changes are assumptions, also where it is every one or there is only one."""
    if every == 1:
        return "The one change that the options make is an assumption"
    which = f"{some} of the {every}" if some < every else f"All {every}"
    return f"{which} changes that the options make are assumptions"


def sureness(results: ResultsFolder, tornado: Tornado | None) -> list[str]:
    """How sure the headlines of the option in focus are, and what would turn the answer."""
    mine = [
        (headline, row.difference)
        for headline in headlines(results)
        for row in headline.rows
        if row.difference.scenario == results.focus
    ]
    clear = [one for one in mine if numbers.is_clear(one[1])]
    slight = sum(numbers.is_too_small(one[1]) for one in mine)
    told = []
    if mine and results.replications == 1:
        told.append("One replication alone cannot tell a difference from chance.")
    elif mine and results.replications < FEWEST_DIFFERING:
        told.append(
            f"With {results.replications} replications chance cannot be told from an effect yet: "
            f"that takes {FEWEST_DIFFERING} at least."
        )
    elif mine:
        # Of what is too small to matter the interval leaves out nought as well: it is not unclear.
        rest = f"; {slight} more by too little to matter" if slight else ""
        told.append(
            f"{len(clear)} of {len(mine)} headlines {'differs' if len(clear) == 1 else 'differ'} "
            "clearly from the baseline in "
            f"{results.replications} paired replications{rest}."
        )
    sized = [one for one in clear if not one[1].always_the_same]
    if sized:
        weakest = min(sized, key=lambda one: _margin(one[1]))
        share = numbers.plain(100 * _margin(weakest[1]), 0)
        told.append(
            f"The least certain of them is {weakest[0].noun}: an effect {share}% smaller would no "
            "longer be clear."
        )
    if tornado is None:
        told.append(
            "No input has been varied over its range yet: until cjsim sensitivity has been run, "
            "nobody knows which of them could turn the answer."
        )
        return told
    turning = [bar for bar in tornado.bars if bar.break_even is not None]
    names = [
        f"{numbers.lower_first(bar.name)} at {bar.break_even:.3g}"
        for bar in turning[:3]
        if bar.break_even is not None
    ]
    noun = noun_of(tornado.kpi, "").text
    told.append(
        f"The difference in {noun} would be gone with {numbers.listed(names, 'or')}."
        if names
        else f"{_none_of(len(tornado.bars))} away with the difference in {noun}."
    )
    if tornado.not_varied:
        told.append(tornado.not_varied)
    return told


def _none_of(inputs: int) -> str:
    if inputs == 1:
        return "The one input that was varied over its range does not do"
    return f"None of {inputs} inputs, each varied over its range, does"


def _margin(one: Difference) -> float:
    """The share of a difference by which it could shrink before its interval held 0."""
    near = min(abs(one.low), abs(one.high))
    return near / abs(one.difference) if one.difference else 0.0


# --- who is affected ------------------------------------------------------------------------


def affected(results: ResultsFolder) -> list[tuple[str, Table, str]]:
    """By division, court, offence group and victims: a heading, a table, what it leaves out."""
    held = results.background.divisions
    divisions: list[Line] = [
        (f"{title}: {name}", kpi, court, f"division:{division}", kind)
        for division, title in held.items()
        for name, kpi, court, kind in BY_DIVISION
    ]
    courts: list[Line] = [
        (f"{COURTS[court]}: {name}", kpi, court, group, kind)
        for court in COURTS
        for name, kpi, group, kind in BY_COURT
    ]
    offences: list[Line] = [
        (f"{name_of(offence)}: {name}", kpi, "all", offence, kind)
        for offence in OFFENCE_GROUPS
        for name, kpi, kind in BY_OFFENCE
    ]
    victims: list[Line] = [(name, kpi, "all", group, kind) for name, kpi, group, kind in BY_VICTIM]
    found = [
        _part(results, "By division", divisions, only_clear=False),
        _part(results, "By court", courts, only_clear=False),
        _part(results, "By offence group", offences, only_clear=True),
        _part(results, "Victims and witnesses", victims, only_clear=False),
    ]
    return [part for part in found if part is not None]


def _part(
    results: ResultsFolder, heading: str, lines: Sequence[Line], *, only_clear: bool
) -> tuple[str, Table, str] | None:
    rows = [
        Row(name, kind, found)
        for name, kpi, court, group, kind in lines
        for option in results.options
        if (found := results.difference(option, kpi, court, group)) is not None
        and math.isfinite(found.baseline)
    ]
    if not rows:
        return None
    shown = [row for row in rows if numbers.is_clear(row.difference)] if only_clear else rows
    left_out = len(rows) - len(shown)
    note = f"{left_out} of {len(rows)} differences are not clear and left out." if left_out else ""
    if not shown:
        note = f"None of {len(rows)} differences is clear."
    return heading, difference_table(results, heading, shown), note


COURTS = {"magistrates": "Magistrates\u2019 court", "crown": "Crown Court"}

BY_DIVISION: tuple[tuple[str, str, str, Kind], ...] = (
    ("early guilty pleas", "early_guilty_plea_rate", "magistrates", "share"),
    ("arrest to disposal, mean", "arrest_to_disposal_days", "all", "days"),
    ("adjournments per case", "adjournments_per_case", "magistrates", "ratio"),
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
    ("Duties due done in time", "victim_duties_in_time_share", "", "share"),
    ("Withdrawn before charge", "victims_withdrawn_before_charge_share", "", "share"),
    ("Withdrawn after charge", "victims_withdrawn_after_charge_share", "", "share"),
    ("Witness attendances wasted", "witness_attendances_wasted_share", "", "share"),
    ("Witnesses\u2019 wait at court, mean", "witness_waiting_minutes", "mean", "minutes"),
    ("Calls to ask what goes on", "chasing_calls", "", "count"),
)


# --- trust ----------------------------------------------------------------------------------


def trust(
    results: ResultsFolder, figures: Sequence[Published], tornado: Tornado | None
) -> list[tuple[str, str]]:
    """What speaks for and against the model, as terms and their descriptions."""
    about = results.background
    told = []
    if figures:
        published, laws = parted(figures)
        told.append(("Published figures met", f"{met(published)} (table and chart below)"))
        held_out = [one for one in figures if one.use == "held out"]
        if held_out:
            told.append(("Of those held out of the fitting", met(held_out)))
        if laws:
            told.append(("Of what laws say that were fitted to such figures", met(laws)))
    else:
        told.append(
            ("Published figures met", "not checked: there are no targets beside this model")
        )
    asked = f" of {about.replications_asked} asked for" if about.replications_asked else ""
    told.append(("Replications", f"{results.replications}{asked}, each with the same luck for all"))
    if about.began:
        told.append(("How a run starts", about.began))
    sourced = sum(about.grades.values())
    if sourced:
        graded = [f"{count} {grade}" for grade, count in about.grades.items()]
        told.append((f"Evidence of its {sourced} numbers", numbers.listed(graded)))
    # What the options assume stands above, with its ranges; a second table would rank nothing.
    ranked = (
        f"{tornado.varied}, in the first chart of this page and the table below"
        if tornado is not None
        else f"not yet: cjsim sensitivity {shlex.quote(about.experiment_file or 'FILE')} does it"
    )
    told.append(("Assumptions ranked by influence", ranked))
    return told


LOGIC = (
    "One defendant-case at a time from arrest or summons to disposal, through finite staff, cells "
    "and court lists. The appendix draws every step from the code."
)


def stress_des(results: ResultsFolder) -> Table:
    """The headings of STRESS-DES (Monks and others, 2019), each with what holds of this run."""
    about = results.background
    libraries = ", ".join(
        f"{name} {about.versions[name]}"
        for name in ("python", "simpy", "numpy")
        if name in about.versions
    )
    code = f"cjsim {about.version}" + (f", commit {about.commit}" if about.commit else "")
    sourced = sum(about.grades.values())
    until = f"; they are of the time up to {day_of(about.data_as_of)}" if about.data_as_of else ""
    experiment = (
        f"{about.period}, {numbers.counted(results.replications, 'replication')}, "
        f"seed {about.seed}; scenarios meet the same cases with the same luck."
    )
    return Table(
        "STRESS-DES: what a reader needs to judge a discrete-event simulation",
        ("Heading", "Here"),
        (
            ("Objectives", about.question or about.title),
            ("Logic", LOGIC),
            ("Data", f"{sourced} numbers, each with source and grade, a range if assumed{until}."),
            ("Experimentation", experiment),
            ("Implementation", libraries or "not recorded"),
            ("Code access", f"{code}, open source (MIT)"),
        ),
    )


def assumptions(results: ResultsFolder, tornado: Tornado | None) -> Table | None:
    """Assumptions ranked by influence, where a study has ranked them."""
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
        f"Inputs ranked by how far they move the difference of \u201c{label}\u201d: "
        + tornado.varied,
        ("Input", "Range", f"Moves {noun_of(tornado.kpi, '').text} by", "Breaks even"),
        rows,
    )
