"""A case's rows as a case file: heading, dated entries by stage, and what it came to."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from cjsim.england_wales.labels import agency_name, phrase_of, spoken
from cjsim.england_wales.vocabulary import HEARINGS, REASON_AGENCY
from cjsim.formatting.dates import clock, days_between, duration, weekday
from cjsim.formatting.words import count, listed, sentence_case
from cjsim.schema.model import Model
from cjsim.trace.cost_tally import CostTally, Row
from cjsim.trace.entries import IN_VAIN, PEOPLE, Entry, Formatter
from cjsim.trace.labels import MARGIN, laid_out, reason_of, result_of
from cjsim.trace.victim_account import CALLS, kind_of_victim, who_is_owed

LABEL: Final = 12
DATE: Final = len("Wed 14 May 2013 10:12  ")
MILESTONE: Final = 47
MOST_ITEMS: Final = 3
"""The dearest items named beside an agency's cost."""


def render(case: Row, rows: Sequence[Row], model: Model, epoch: dt.date, end: int) -> list[str]:
    """The file of a case: who and what, its life by stage, how long and how dear it was.

    `case` is its row of the case table, `rows` its rows of the event log; `epoch` is the day on
    which minute 0 begins, `end` the minute in which the run ends.
    """
    formatter = Formatter(case, model, epoch, end)
    return [
        *_heading(formatter, rows),
        *_chronology(formatter, rows),
        "",
        "SUMMARY",
        *_milestones(case),
        *_hearings(rows),
        *_contacts(rows, model),
        *_bill(formatter, rows),
    ]


# --- the heading ----------------------------------------------------------------------------


def _heading(formatter: Formatter, rows: Sequence[Row]) -> Iterator[str]:
    """What kind of case it is, and whom it concerns."""
    case, model, epoch = formatter.case, formatter.model, formatter.epoch
    offence = f"{sentence_case(spoken(case['offence_group']))} ({spoken(case['offence_class'])})"
    yield f"CASE {case['case_id']}: {offence}"
    yield model.title
    yield ""
    way_in = phrase_of("way_in", case["way_in"])
    people = "A youth" if case["youth"] else "An adult"
    facts = [
        ("Division", model.divisions[case["division"]].title),
        ("Defendant", f"{people}, {way_in} on {weekday(case['arrived_at'], epoch)}"),
        ("Liberty", _liberty(formatter, rows)),
        ("Victim", _victim(case)),
        ("Witnesses", count(case["civilian_witnesses"], "civilian witness", "civilian witnesses")),
        ("Outcome", _outcome(formatter)),
    ]
    for label, text in facts:
        yield from laid_out(label, sentence_case(text), LABEL)


def _liberty(formatter: Formatter, rows: Sequence[Row]) -> str:
    """How long the defendant was in police custody and on remand."""
    stays = [
        formatter.left(row) - row["queued_at"] for row in rows if row["activity"] == "detention"
    ]
    nights = sum(
        days_between(row["queued_at"], formatter.left(row))
        for row in rows
        if row["activity"] == "remand"
    )
    parts = [
        f"{listed(map(duration, stays))} in police custody" if stays else "not in police custody"
    ]
    if nights:
        then = "then " if stays else ""
        parts.append(f"{then}{count(nights, 'night', 'nights')} remanded in prison")
    elif formatter.case["charged_at"] >= 0:
        parts.append(
            "not remanded" if formatter.case["charged_by"] != "by_summons" else "summonsed"
        )
    return ", ".join(parts)


def _victim(case: Row) -> str:
    if not case["has_victim"]:
        return "none identified"
    abuse = " of domestic abuse" if case["domestic_abuse"] else ""
    return f"{kind_of_victim(case)}{abuse}"


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


def _milestones(case: Row) -> Iterator[str]:
    """Days between the milestones that the case reached, in their order."""
    first = {"summons": "Report", "voluntary_attendance": "Interview"}.get(case["way_in"], "Arrest")
    charge = "summons" if case["charged_by"] == "by_summons" else "charge"
    sent = case["received_crown_at"] >= 0
    spells = [
        (f"{first} to {charge}", case["arrived_at"], case["charged_at"]),
        (f"{sentence_case(charge)} to first hearing", case["charged_at"], case["first_listed_at"]),
        (
            f"First hearing to {'leaving' if sent else 'end in'} the magistrates' court",
            case["first_listed_at"],
            case["magistrates_completed_at"],
        ),
        ("In the Crown Court", case["received_crown_at"], case["ended_at"] if sent else -1),
        (f"{first} to the end", case["arrived_at"], case["ended_at"]),
    ]
    for label, start, stop in spells:
        if start >= 0 and stop >= 0:
            days = days_between(start, stop)
            yield from _figure(label, count(days, "day", "days") if days else "the same day")


def _figure(label: str, text: str) -> list[str]:
    return laid_out(f"{label:<{MILESTONE}}  ", text, MILESTONE + 2)


def _hearings(rows: Sequence[Row]) -> Iterator[str]:
    """How many hearings there were, and why those that came to nothing did."""
    listings = [row for row in rows if row["activity"] in HEARINGS and row["ended_at"] >= 0]
    heard = [row for row in listings if row["result"] != "vacated"]
    if not listings:
        return
    yield from _figure("Hearings", count(len(heard), "hearing", "hearings"))
    for label, vain in (
        ("Adjourned or ineffective", [row for row in heard if row["result"] in IN_VAIN]),
        ("Vacated before the day", [row for row in listings if row["result"] == "vacated"]),
    ):
        if vain:
            whys = Counter(_why(row) for row in vain)
            reasons = listed(
                why if number in (1, len(vain)) else f"{number} times {why}"
                for why, number in whys.items()
            )
            yield from _figure(label, f"{len(vain)}: {reasons}")


def _why(row: Row) -> str:
    reason = reason_of(row["reason"]) or spoken(row["result"])
    agency = REASON_AGENCY.get(row["reason"])
    return f"{reason} ({agency_name(agency)})" if agency else reason


def _contacts(rows: Sequence[Row], model: Model) -> Iterator[str]:
    """The contacts owed and made, and the calls to ask what is happening."""
    statutory = {str(word) for word, duty in model.duties.items() if duty.statutory}
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
    rung = sum(row["activity"] in CALLS for row in rows)
    if rung:
        yield from _figure("Calls to ask what is happening", str(rung))
    for activity, label in (
        ("witness_attendance", "Witness attendances for nothing"),
        ("police_attendance", "Officers' attendances for nothing"),
    ):
        wasted = sum(row["activity"] == activity and row["result"] == "wasted" for row in rows)
        if wasted:
            yield from _figure(label, str(wasted))


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
