"""Words, dates, lengths and pounds as a case file writes them."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections.abc import Iterable
from typing import Final

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.schema.model import Model

MINUTES_AN_HOUR: Final = 60
WIDTH: Final = 100
MARGIN: Final = " " * 2

AGENCY_NAMES: Final = {
    "cps": "CPS",
    "hmcts": "HMCTS",
    "commissioner": "police and crime commissioner",
}
"""Agencies whose name is more than their word with its spaces back."""

DONE: Final = {
    # in police custody
    "custody_booking": "Booked in by a custody officer",
    "mental_health_assessment": "Mental health assessed",
    "suspect_interview": "Interviewed",
    "enquiries_in_custody": "Enquiries while the suspect is held",
    "further_enquiries_in_custody": "Further enquiries while the suspect is held",
    "enquiries_under_warrant": "Enquiries under the warrant",
    "detention_review": "Detention reviewed",
    "custody_clock_extension": "Detention extended by a superintendent",
    "custody_warrant": "Warrant of further detention granted by a magistrates' court",
    # elsewhere
    "mental_health_street_triage": "Mental health triage on the street",
    "voluntary_interview": "Interviewed as a volunteer",
    "return_on_bail": "On bail until the day to return",
    "pre_charge_report": "Report written for the charging decision",
    "streamlined_file": "Streamlined file built",
    "full_file": "Full file built",
    "file_upgrade": "File upgraded for trial",
    "summons_preparation": "Summons prepared",
    "police_charging_decision": "Charging decision by the police",
    "cps_direct_consultation": "CPS Direct consulted by telephone",
    "area_charging_consultation": "CPS area lawyer consulted",
    "action_plan_work": "Work on the prosecutor's action plan",
    "action_plan_return": "Waiting for the date to return with the action plan",
    "out_of_court_disposal": "Out of court disposal given",
    "prosecutor_review": "Reviewed by a prosecutor",
    "trial_preparation": "Trial prepared by the prosecution",
    "service_of_prosecution_case": "Prosecution case served",
    "pre_sentence_report": "Pre-sentence report",
    "warrant_outstanding": "Warrant outstanding for the defendant's arrest",
    "crown_warrant_outstanding": "Crown Court warrant outstanding for the defendant's arrest",
    "linked_case": "Waiting for a linked case to be over",
    "arrest_on_warrant": "Arrested on the warrant",
    "pre_charge_bail": "Released on bail before charge",
    "re_bail": "Bailed again",
    "forensic_submission": "Exhibits submitted for forensic examination",
    "digital_submission": "Devices submitted for digital examination",
    "conditional_caution_period": "Time to meet the conditions of the caution",
    # owed to victim and witnesses
    "reasons_for_ending_case": "Reasons for ending the case",
    "victim_contact_scheme_offer": "Offer of the victim contact scheme",
    "restorative_justice_offer": "Offer of restorative justice",
    "chasing_call": "The victim rang, having heard nothing",
    "chasing_call_to_police": "The victim rang the police, having heard nothing",
}
"""What is written down when an activity has been done; another is called by its own word."""

RESULTS: Final = {
    "guilty_plea_sentenced": "guilty plea, sentenced",
    "guilty_plea_report_ordered": "guilty plea, report ordered for the same day",
    "guilty_plea_sentence_later": "guilty plea, sentence on a later day",
    "not_guilty_plea": "not guilty plea",
    "committed_for_sentence": "committed to the Crown Court for sentence",
    "sent_for_trial": "sent to the Crown Court for trial",
    "proved_in_absence": "proved in the defendant's absence",
    "warrant_issued": "warrant issued",
    "prosecution_ended": "the prosecution ended the case",
    "managed": "directions given",
    "convicted_guilty_plea": "convicted on a guilty plea",
    "convicted_in_absence": "convicted in absence",
    "no_further_action_victim": "no further action, because the victim does not support it",
    "by_police": "by the police",
    "by_cps": "by the CPS",
    "by_summons": "by summons",
    "limit_reached": "cut short by the limit",
    "before_charge": "before charge",
    "after_charge": "after charge",
}
"""Results that say more than their words with the spaces back."""


REASONS: Final = {
    "interpreter_or_other": "no interpreter or another reason",
    "prosecution_ended": "the prosecution ended the case",
    "court_relisted": "relisted by the court",
    "late_guilty_plea": "late guilty plea",
}
"""Reasons that say more than their words with the spaces back."""


def words(word: str) -> str:
    """A word of the vocabulary as it is spoken: "magistrates_trial" is "magistrates' trial"."""
    spoken = word.replace("_", " ")
    for apart in ("pre charge", "pre sentence", "re bail"):
        spoken = spoken.replace(apart, apart.replace(" ", "-"))
    spoken = re.sub(r"\bmagistrates\b", "magistrates'", spoken)
    spoken = re.sub(r"\bcrown\b(?! Court| court)", "Crown Court", spoken)
    return re.sub(r"\bcps direct\b", "CPS Direct", spoken).replace("cps", "CPS")


def sentence(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def agency_name(agency: str) -> str:
    """An agency as it is spoken of."""
    return AGENCY_NAMES.get(agency, words(agency))


def done(activity: str) -> str:
    """What is written down of an activity."""
    return DONE.get(activity) or sentence(words(activity))


def result_of(result: str) -> str:
    """How something went; nothing when it was simply done."""
    return "" if result == "done" else RESULTS.get(result) or words(result)


def reason_of(reason: str) -> str:
    """Why something came to nothing."""
    return REASONS.get(reason) or words(reason)


def pool_name(place: str, model: Model) -> str:
    """A pool of staff or cells, with the division it serves: "officers, north"."""
    for division in model.divisions:
        if place.endswith(f"_{division}"):
            return f"{words(place.removesuffix(f'_{division}'))}, {words(division)}"
    return words(place)


def court_name(place: str, model: Model) -> str:
    """The list, the courthouse and the courtroom of a hearing."""
    name, _, rest = place.partition("@")
    house, _, room = rest.partition("#")
    houses = model.lists[name].houses if name in model.lists else {}
    title = houses[house].title if house in houses else sentence(words(house))
    room = f"court {room}" if room.isdigit() else words(room)
    return ", ".join(part for part in (f"{words(name)} list", title, room) if part)


# --- time -----------------------------------------------------------------------------------


def moment(minute: int, epoch: dt.date) -> dt.datetime:
    """The date and time of a minute of the run."""
    return dt.datetime.combine(epoch, dt.time()) + dt.timedelta(minutes=int(minute))


def day(minute: int, epoch: dt.date) -> str:
    """A day, as Tue 14 May 2013."""
    when = moment(minute, epoch)
    return f"{when:%a} {when.day} {when:%b %Y}"


def clock(minute: int, epoch: dt.date) -> str:
    """A time of day, as 10:12."""
    return f"{moment(minute, epoch):%H:%M}"


def days_between(first: int, last: int) -> int:
    """Midnights between two minutes."""
    return last // MINUTES_A_DAY - first // MINUTES_A_DAY


def span(minutes: float) -> str:
    """A length of time in the two largest units that a reader needs."""
    whole = round(minutes)
    if whole < MINUTES_AN_HOUR:
        return f"{whole} min"
    if whole < 2 * MINUTES_A_DAY:
        hours, rest = divmod(whole, MINUTES_AN_HOUR)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{round(whole / MINUTES_A_DAY)} days"


def count(number: int, one: str, many: str) -> str:
    """So many of something: "1 day", "no days"."""
    return f"{'no' if number == 0 else number} {one if number == 1 else many}"


def nth(number: int) -> str:
    """The place in an order: "2nd"."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if 10 < number % 100 < 14 else ends.get(number % 10, 'th')}"


def listed(items: Iterable[str]) -> str:
    """Items as English lists them: "a, b and c"."""
    parts = list(items)
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def laid_out(label: str, text: str, indent: int) -> list[str]:
    """A label in the margin and a text beside it, in lines of at most WIDTH letters."""
    first = f"{MARGIN}{label:<{indent}}"
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]
