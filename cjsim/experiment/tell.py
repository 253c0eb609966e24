"""A case's rows in words: for somebody who knows the work and not the program."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from cjsim.calendar import MINUTES_A_DAY
from cjsim.experiment.price import Line, Till
from cjsim.spec.model import Model
from cjsim.vocabulary import DUTIES, HEARINGS, MARKS, REASON_AGENCY

Row = dict[str, Any]

MINUTES_AN_HOUR: Final = 60
AGENCY_NAMES: Final = {
    "police": "police", "cps": "CPS", "hmcts": "HMCTS", "legal_aid": "legal aid",
    "prisons": "prisons", "probation": "probation", "victim_services": "victim services",
    "health": "health", "commissioner": "police and crime commissioner",
    "victims_and_witnesses": "victims and witnesses", "defence": "defence",
}  # fmt: skip
WAYS_IN: Final = {
    "arrest_notifiable": "arrested for a notifiable offence",
    "arrest_other": "arrested for another offence",
    "voluntary_attendance": "interviewed as a volunteer",
    "summons": "proceeded against by summons",
}
SPOKEN: Final = {
    "guilty_plea_sentenced": "guilty plea, sentenced",
    "guilty_plea_report_ordered": "guilty plea, report ordered for the same day",
    "guilty_plea_sentence_later": "guilty plea, sentence on a later day",
    "not_guilty_plea": "not guilty plea",
    "convicted_guilty_plea": "convicted on a guilty plea",
    "no_further_action_victim": "no further action, the victim does not support it",
    "by_police": "by the police", "by_cps": "by the CPS", "by_summons": "by summons",
    "limit_reached": "cut short by the limit",
}  # fmt: skip
PLEA_WHEN: Final = {
    "first_hearing": "when first asked", "plea_hearing": "at the plea hearing",
    "before_trial": "before the trial", "day_of_trial": "on the day of the trial",
}  # fmt: skip
ATTENDANCES: Final = ("witness_attendance", "police_attendance")
LISTED: Final = {*HEARINGS, "vacated_trial", "relisted"}
LASTING: Final = (
    "detention", "remand", "return_on_bail", "action_plan_return", "warrant_outstanding",
    "pre_charge_bail", "re_bail", "outstanding_enquiries", "forensic_submission",
    "digital_submission", "conditional_caution_period",
)  # fmt: skip
"""Stays that are no work: they last, and do not take anybody's time."""


def tell(case: Row, rows: Sequence[Row], model: Model, epoch: dt.date, end: int) -> list[str]:
    """The facts of a case, its life in order of time, and what it cost whom.

    `case` is its row of the case table, `rows` its rows of the event log; `epoch` is the day on
    which minute 0 begins, `end` the minute in which the run ends.
    """
    lives = sorted(enumerate(rows), key=lambda item: (*_order(item[1]), item[0]))
    priced = Till(case, model, epoch, end).price([row for _, row in lives])
    lines = [*_facts(case, model, epoch), ""]
    for (_, row), costs in zip(lives, priced, strict=True):
        lines.append(_line(row, costs, model, epoch))
    lines += ["", *_standing(case, epoch), "", *_bill(priced, model)]
    return lines


def _facts(case: Row, model: Model, epoch: dt.date) -> list[str]:
    """The header: what kind of case it is and whom it concerns."""
    division = model.divisions[case["division"]].title
    who = "youth" if case["youth"] else "adult"
    what = (
        f"{_words(case['offence_group']).capitalize()} ({_words(case['offence_class'])}); {who}; "
        f"{WAYS_IN.get(case['way_in'], _words(case['way_in']))} on {_day(case['arrived'], epoch)}"
    )
    facts = [
        f"Case {case['case']}, {model.title}, {division}",
        what,
    ]
    people = []
    if case["domestic_abuse"]:
        people.append("domestic abuse")
    if case["has_victim"]:
        people.append("a vulnerable victim" if case["vulnerable_victim"] else "a victim")
    else:
        people.append("no victim identified")
    people.append(_count(case["civilian_witnesses"], "civilian witness", "civilian witnesses"))
    facts.append("; ".join(people).capitalize())
    return facts


def _line(row: Row, costs: Sequence[Line], model: Model, epoch: dt.date) -> str:
    """One line: when; what and where; how it went and why; who, waits, lengths and cost."""
    text = f"{_when(_begins(row), epoch)}  {_what(row, model)}"
    result = _result(row)
    if result:
        text += f": {result}"
    if row["activity"] in MARKS:
        return text
    aside = [AGENCY_NAMES.get(row["agency"], _words(row["agency"]))]
    aside += _times(row, epoch)
    if costs:
        alone = len(costs) == 1
        paid = (f"£{line.gbp:,.2f} {_payer(line, row, alone=alone)}".strip() for line in costs)
        aside.append(" and ".join(paid))
    return f"{text} [{'; '.join(aside)}]"


def _what(row: Row, model: Model) -> str:
    """The activity, and the list and courtroom if it is a hearing."""
    what = _sentence(row["activity"])
    if row["activity"] == "charge":
        what = "Summons issued" if row["result"] == "by_summons" else "Charged"
    if row["activity"] == "disposal":
        what = "Case ends"
    again = f" ({_nth(row['occurrence'] + 1)} time)" if _counted(row) else ""
    return f"{what}{again}{_where(row['place'], model)}"


def _counted(row: Row) -> bool:
    return row["occurrence"] > 0 and row["activity"] not in (*MARKS, *ATTENDANCES)


def _where(place: str, model: Model) -> str:
    """The list, the courthouse and the courtroom of a hearing; the pool that does the work."""
    if "@" not in place:
        return f", {_pool(place, model)}" if place else ""
    name, _, rest = place.partition("@")
    house, _, room = rest.partition("#")
    houses = model.lists[name].houses if name in model.lists else {}
    title = houses[house].title if house in houses else _words(house)
    room = room if not room.isdigit() else f"court {room}"
    return f", {_words(name)} list, {title} {_words(room)}".rstrip()


def _pool(place: str, model: Model) -> str:
    """A pool's name, with the division it serves."""
    for division in model.divisions:
        if place.endswith(f"_{division}"):
            return f"{_words(place.removesuffix(f'_{division}'))} ({division})"
    return _words(place)


def _result(row: Row) -> str:
    """How it went, with the reason and the agency that it belongs to."""
    if row["left"] < 0:
        return "still open at the end of the run"
    result = SPOKEN.get(row["result"], _words(row["result"]))
    if row["activity"] in DUTIES:
        result = f"contact {result}" if result else ""
    if result == "done" or row["activity"] == "vacated_trial":
        result = ""
    if not row["reason"]:
        return result
    agency = AGENCY_NAMES.get(REASON_AGENCY.get(row["reason"], ""), "")
    reason = f"{_words(row['reason'])}{f' ({agency})' if agency else ''}"
    return f"{result}, {reason}" if result else reason


def _times(row: Row, epoch: dt.date) -> list[str]:
    """Waits, lengths and deadlines, as far as the row has them."""
    said = []
    entered, started, left = row["entered"], row["started"], row["left"]
    if row["activity"] in LISTED:
        if row["result"] == "vacated" or row["activity"] == "relisted":
            said.append(f"it was listed for {_day(row['due'], epoch)}")
        elif row["due"] > entered:
            said.append(f"listed {_span(row['due'] - entered)} before")
        if row["minutes"]:
            said.append(
                f"took {_span(row['minutes'])} of court time, {row['planned']:.0f} min planned"
            )
        return said
    if row["activity"] in ATTENDANCES:
        return _at_court(row)
    if row["due"] >= 0:
        said.append(f"due by {_day(row['due'], epoch)}")
    if started > entered:
        said.append(f"waited {_span(started - entered)}")
    if started >= 0 and left > started:
        verb = "lasted" if row["activity"] in LASTING else "took"
        said.append(f"{verb} {_span(left - started)}")
    if row["minutes"] and abs(row["minutes"] - (left - started)) >= 1:
        said.append(f"{_span(row['minutes'])} of work")
    return said


def _at_court(row: Row) -> list[str]:
    """How long a witness was at court, and how much of that was waiting."""
    if not row["minutes"]:
        return []
    waited = (row["started"] if row["started"] >= 0 else row["left"]) - row["due"]
    return [f"{_span(row['minutes'])} at court", f"{_span(max(waited, 0))} of it waiting"]


def _standing(case: Row, epoch: dt.date) -> list[str]:
    """How the case ended, or that it has not."""
    if case["ended"] < 0:
        return ["Not ended when the run ended."]
    days = (case["ended"] - case["arrived"]) // MINUTES_A_DAY
    after = f"after {_count(days, 'day', 'days')}" if days else "within a day"
    ended = f"Ended on {_day(case['ended'], epoch)} {after}"
    parts = [f"{ended}: {SPOKEN.get(case['outcome'], _words(case['outcome']))}"]
    if case["sentence"]:
        parts.append(_words(case["sentence"]))
    if case["plea"]:
        when = PLEA_WHEN.get(case["plea_when"], _words(case["plea_when"]))
        parts.append(f"pleaded {_words(case['plea'])} {when}".rstrip())
    parts.append(_count(case["hearings"], "hearing", "hearings"))
    parts.append(_count(case["adjournments"], "adjournment", "adjournments"))
    return ["; ".join(parts) + "."]


def _bill(priced: Sequence[Sequence[Line]], model: Model) -> list[str]:
    """What the case cost each agency, the dearest first, and in all."""
    by_agency: dict[str, float] = defaultdict(float)
    for lines in priced:
        for line in lines:
            by_agency[line.agency] += line.gbp
    total = sum(by_agency.values())
    base = model.costs.price_base
    if not by_agency:
        return [f"Nothing in this case has a unit cost (prices of {base})."]
    names = {agency: AGENCY_NAMES.get(agency, _words(agency)) for agency in by_agency}
    width = max(len("total"), *(len(name) for name in names.values()))
    dearest = sorted(by_agency.items(), key=lambda item: (-item[1], item[0]))
    return [
        f"Cost, in prices of {base} (staff and courtrooms that stand idle are not a case's):",
        *(f"  {names[agency]:<{width}}  £{gbp:>10,.2f}" for agency, gbp in dearest),
        f"  {'total':<{width}}  £{total:>10,.2f}",
    ]


def _payer(line: Line, row: Row, *, alone: bool) -> str:
    """The agency that pays, unless it is the one that acts and nobody pays beside it."""
    if alone and line.agency == row["agency"]:
        return ""
    return AGENCY_NAMES.get(line.agency, _words(line.agency))


def _begins(row: Row) -> int:
    """The minute under which a row is told: the start of work, or a hearing's day."""
    if row["started"] >= 0:
        return int(row["started"])
    if row["activity"] in HEARINGS and row["result"] != "vacated" and row["due"] >= 0:
        return int(row["due"])  # listed for that minute and not reached
    if row["left"] >= 0:
        return int(row["left"])
    return int(row["entered"])


def _order(row: Row) -> tuple[int, bool, bool, int]:
    """Rows in order of time; a stay that others happen in comes before them, a charge first."""
    left = row["left"] if row["left"] >= 0 else 1 << 31
    stay = row["activity"] in ("detention", "remand")
    return _begins(row), row["activity"] != "charge", not stay, left


def _when(minute: int, epoch: dt.date) -> str:
    """A day and its time, as Tue 14 May 2013 10:12, all of the same width."""
    moment = dt.datetime.combine(epoch, dt.time()) + dt.timedelta(minutes=int(minute))
    return f"{moment:%a} {moment.day:>2} {moment:%b %Y %H:%M}"


def _day(minute: int, epoch: dt.date) -> str:
    """A day, as Tue 14 May 2013."""
    return " ".join(_when(minute, epoch).split()[:-1])


def _span(minutes: float) -> str:
    """A length of time in the two largest units that a reader needs."""
    whole = round(minutes)
    if whole < MINUTES_AN_HOUR:
        return f"{whole} min"
    if whole < 2 * MINUTES_A_DAY:
        hours, rest = divmod(whole, MINUTES_AN_HOUR)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{round(whole / MINUTES_A_DAY)} days"


def _count(number: int, one: str, many: str) -> str:
    return f"{'no' if number == 0 else number} {one if number == 1 else many}"


def _nth(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if 10 < number % 100 < 14 else ends.get(number % 10, 'th')}"


def _words(word: str) -> str:
    """A word of the vocabulary as it is spoken."""
    spoken = word.replace("_", " ").replace("pre charge", "pre-charge")
    return spoken.replace("cps direct", "CPS Direct").replace("cps", "CPS")


def _sentence(word: str) -> str:
    words = _words(word)
    return words[:1].upper() + words[1:]
