"""A case's rows as a case file: heading, dated entries by stage, and what it came to."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, cast

from cjsim.formatting.dates import clock, days_between, weekday
from cjsim.formatting.labels import agency_name, spoken
from cjsim.formatting.words import count, listed, sentence_case
from cjsim.jurisdiction import Jurisdiction, jurisdiction_named, using
from cjsim.schema.model import Model
from cjsim.trace.cost_tally import CostTally, Row
from cjsim.trace.entries import PEOPLE, CoDefendant, Entry, Formatter
from cjsim.trace.labels import MARGIN, laid_out, reason_of, result_of
from cjsim.trace.victim_account import who_is_owed

LABEL: Final = 12
DATE: Final = len("Wed 14 May 2013 10:12  ")
MILESTONE: Final = 47
MOST_ITEMS: Final = 3
"""The dearest items named beside an agency's cost."""


def render(
    case: Row,
    rows: Sequence[Row],
    model: Model,
    epoch: dt.date,
    end: int,
    co_defendants: Sequence[CoDefendant] = (),
) -> list[str]:
    """The file of a case: who and what, its life by stage, how long and how dear it was.

    `case` is its row of the case table, `rows` its rows of the event log; `epoch` is the day on
    which minute 0 begins, `end` the minute in which the run ends; `co_defendants` are those who
    were arrested with the defendant.
    """
    jurisdiction = jurisdiction_named(model.jurisdiction)
    with using(jurisdiction):
        formatter = formatter_of(jurisdiction)(case, model, epoch, end, co_defendants)
        return _file(formatter, rows)


def formatter_of(jurisdiction: Jurisdiction) -> type[Formatter]:
    """The class that writes the case files of a jurisdiction."""
    if jurisdiction.load_case_file is None:
        return Formatter
    return cast("type[Formatter]", jurisdiction.load_case_file())


def _file(formatter: Formatter, rows: Sequence[Row]) -> list[str]:
    return [
        *_heading(formatter, rows),
        *_chronology(formatter, rows),
        "",
        "SUMMARY",
        *_milestones(formatter),
        *_hearings(formatter, rows),
        *_contacts(formatter, rows),
        *_bill(formatter, rows),
    ]


# --- the heading ----------------------------------------------------------------------------


def _heading(formatter: Formatter, rows: Sequence[Row]) -> Iterator[str]:
    """What kind of case it is, and whom it concerns."""
    case, model = formatter.case, formatter.model
    yield f"CASE {case['case_id']}: {formatter.title()}"
    yield model.title
    yield ""
    facts = [
        ("Division", model.divisions[case["division"]].title),
        *formatter.facts(rows),
        ("Victim", formatter.kind_of_victim()),
        ("Witnesses", count(case["civilian_witnesses"], "civilian witness", "civilian witnesses")),
        ("Outcome", _outcome(formatter)),
    ]
    for label, text in facts:
        yield from laid_out(label, sentence_case(text), LABEL)


def _outcome(formatter: Formatter) -> str:
    case = formatter.case
    if case["ended_at"] < 0:
        return "not ended when the run ended"
    parts = [result_of(case["outcome"]) or spoken(case["outcome"])]
    if case["sentence"]:
        parts.append(spoken(case["sentence"]))
    return f"{', '.join(parts)}, on {formatter.weekday(case['ended_at'])}"


# --- the chronology -------------------------------------------------------------------------


def _chronology(formatter: Formatter, rows: Sequence[Row]) -> Iterator[str]:
    """The entries under their headings; about the victim, who they are and what became of them."""
    for heading, entries in groupby(formatter.entries(rows), lambda entry: entry.heading):
        of_victim = heading == PEOPLE and formatter.case["has_victim"]
        yield ""
        yield heading.upper()
        if of_victim:
            yield from laid_out("", who_is_owed(formatter.case), 0)
        yield from _dated(entries, formatter.epoch)
        if of_victim:
            felt = formatter.engagement(rows)
            text = f"Engagement at the report {felt.first:.2f}, at the last {felt.last:.2f}."
            yield from laid_out("", text, 0)


def _dated(entries: Iterable[Entry], epoch: dt.date) -> Iterator[str]:
    """The entries of one heading, a date said once for all that follows on it."""
    last = ""
    for entry in entries:
        on = weekday(entry.minute, epoch)
        date = "" if on == last else on
        last = on
        yield from laid_out(f"{date:<16}{clock(entry.minute, epoch)}  ", entry.text, DATE)


# --- the summary ----------------------------------------------------------------------------


def _milestones(formatter: Formatter) -> Iterator[str]:
    """Days between the milestones that the case reached, in their order."""
    for label, start, stop in formatter.spells():
        if start >= 0 and stop >= 0:
            days = days_between(start, stop)
            yield from _figure(label, count(days, "day", "days") if days else "the same day")


def _figure(label: str, text: str) -> list[str]:
    return laid_out(f"{label:<{MILESTONE}}  ", text, MILESTONE + 2)


def _hearings(formatter: Formatter, rows: Sequence[Row]) -> Iterator[str]:
    """How many hearings there were, and why those that came to nothing did."""
    listings = [
        row for row in rows if row["activity"] in formatter.words.hearings and row["ended_at"] >= 0
    ]
    heard = [row for row in listings if row["result"] != "vacated"]
    if not listings:
        return
    yield from _figure("Hearings", count(len(heard), "hearing", "hearings"))
    for label, vain in (
        (
            "Adjourned or ineffective",
            [row for row in heard if row["result"] in formatter.words.adjourned_results],
        ),
        ("Vacated before the day", [row for row in listings if row["result"] == "vacated"]),
    ):
        if vain:
            whys = Counter(_why(formatter, row) for row in vain)
            reasons = listed(
                why if number in (1, len(vain)) else f"{number} times {why}"
                for why, number in whys.items()
            )
            yield from _figure(label, f"{len(vain)}: {reasons}")


def _why(formatter: Formatter, row: Row) -> str:
    reason = reason_of(row["reason"]) or spoken(row["result"])
    agency = formatter.words.reason_agency.get(row["reason"])
    return f"{reason} ({agency_name(agency)})" if agency else reason


def _contacts(formatter: Formatter, rows: Sequence[Row]) -> Iterator[str]:
    """The contacts owed and made, and the calls to ask what is happening."""
    statutory = {str(word) for word, duty in formatter.model.duties.items() if duty.statutory}
    owed = [row for row in rows if row["activity"] in statutory]
    if owed:
        tally = [
            f"{number} {spoken(result)}"
            for result in ("in_time", "late", "missed")
            if (number := sum(row["result"] == result and row["ended_at"] >= 0 for row in owed))
        ]
        still = sum(row["ended_at"] < 0 for row in owed)
        tally += [f"{still} still open"] if still else []
        yield from _figure("Contacts owed to victim and witnesses", f"{len(owed)}: {listed(tally)}")
    rung = sum(row["activity"] in formatter.words.chasing_duties for row in rows)
    if rung:
        yield from _figure("Calls to ask what is happening", str(rung))
    for activity, name in formatter.attendances():
        wasted = sum(row["activity"] == activity and row["result"] == "wasted" for row in rows)
        if wasted:
            yield from _figure(f"{name} for nothing", str(wasted))


def _bill(formatter: Formatter, rows: Sequence[Row]) -> Iterator[str]:
    """What the case cost each agency and on what most, the dearest agency first, and in all."""
    priced = CostTally(formatter.case, formatter.model, formatter.epoch, formatter.end).price(rows)
    items: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row, lines in zip(rows, priced, strict=True):
        for line in lines:
            items[line.agency][row["activity"]] += line.gbp
    base = formatter.model.costs.price_base
    yield ""
    if not items:
        yield f"{MARGIN}Nothing in this case has a unit cost (prices of {base})."
        return
    sums = {agency: sum(spent.values()) for agency, spent in items.items()}
    width = max(len("All agencies"), *(len(agency_name(agency)) for agency in sums))
    yield f"{MARGIN}Cost in prices of {base}, without staff and courtrooms that stood idle"
    for agency, gbp in sorted(sums.items(), key=lambda item: (-item[1], item[0])):
        dearest = sorted(items[agency].items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(
            f"{spoken(activity)} £{spent:,.0f}" for activity, spent in dearest[:MOST_ITEMS]
        )
        label = f"{sentence_case(agency_name(agency)):<{width}}  £{gbp:>9,.2f}  "
        yield from laid_out(label, named if len(dearest) > 1 else spoken(dearest[0][0]), len(label))
    yield f"{MARGIN}{'All agencies':<{width}}  £{sum(sums.values()):>9,.2f}"
