"""The entries of a case file: each row of the log, dated, under its heading and in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cjsim.england_wales.vocabulary import DUTIES, HEARINGS, MARKS, REASON_AGENCY
from cjsim.schema.model import Model
from cjsim.simulation.contact_channels import CASE_TRACKER
from cjsim.trace.labels import (
    agency_name,
    clock,
    count,
    court_name,
    day,
    days_between,
    done,
    listed,
    nth,
    pool_name,
    reason_of,
    result_of,
    sentence,
    span,
    words,
)
from cjsim.trace.victim_account import CALLS, Engagement, channel_said

Row = dict[str, Any]

CUSTODY, INVESTIGATION, CHARGING, MAGISTRATES, CROWN, REMAND, PEOPLE, OUTCOME = (
    "Police custody",
    "Investigation",
    "Charging",
    "Magistrates' court",
    "Crown Court",
    "Remand",
    "Victim and witnesses",
    "Outcome",
)
HEADINGS: Final = (
    CUSTODY,
    INVESTIGATION,
    CHARGING,
    MAGISTRATES,
    CROWN,
    REMAND,
    PEOPLE,
    OUTCOME,
)
"""In the order in which a file is read; a heading without entries is left out."""

_CHARGING: Final = (
    "charge",
    "pre_charge_report",
    "police_charging_decision",
    "action_plan_work",
    "action_plan_return",
    "summons_preparation",
)
_HELD: Final = ("detention", "remand", "custody_time_limit", "production_at_court")
_ONCE_A_FILE: Final = ("vacated_trial",)
"""Marks that only repeat what the row of their hearing says."""
_AT_COURT: Final = {"witness_attendance": "witness", "police_attendance": "officer"}
_TOGETHER: Final = (*_AT_COURT, "production_at_court")
"""Rows that are told together with others of the same moment that fared alike."""
_IN_CUSTODY: Final = ("custody_booking", "detention", "detention_review")
_BAILS: Final = ("pre_charge_bail", "re_bail", "conditional_caution_period")
IN_VAIN: Final = ("adjourned", "ineffective", "warrant_issued")


@dataclass(frozen=True)
class Entry:
    """A dated sentence under a heading; `order` settles what comes first in one minute."""

    heading: str
    minute: int
    order: int
    text: str


@dataclass(frozen=True)
class Formatter:
    """Who writes a file up: knows the case, its model and the run's calendar."""

    case: Row
    model: Model
    epoch: dt.date
    end: int

    def entries(self, rows: Sequence[Row]) -> list[Entry]:
        """Every entry of the file, under its heading in order of time."""
        stays = [
            (row["queued_at"], self.left(row)) for row in rows if row["activity"] == "detention"
        ]
        felt = self.engagement(rows).after if self.case["has_victim"] else {}
        found: list[Entry] = []
        for place, row in enumerate(rows):
            if row["activity"] in _ONCE_A_FILE or row["activity"] in _TOGETHER:
                continue
            heading = self._heading(row, stays)
            level = f" Engagement {felt[place]:.2f}." if place in felt else ""
            for minute, text in self._told(row):
                # A stay is told before what happens in the minute in which it begins.
                begun = row["activity"] == "detention" and minute == row["queued_at"]
                said = text + level if heading == PEOPLE else text
                found.append(Entry(heading, minute, -1 if begun else place, said))
            if level and heading != PEOPLE:
                found.append(Entry(PEOPLE, int(row["ended_at"]), place, self._worn(row) + level))
        found += self._together(rows, stays)
        return sorted(
            found, key=lambda entry: (HEADINGS.index(entry.heading), entry.minute, entry.order)
        )

    def engagement(self, rows: Sequence[Row]) -> Engagement:
        """The victim's engagement through the rows of the case."""
        return Engagement(self.case, rows, self.model, self.epoch, self.end)

    def left(self, row: Row) -> int:
        """The minute a stay ended, or the run's end."""
        return int(row["ended_at"]) if row["ended_at"] >= 0 else self.end

    def day(self, minute: int) -> str:
        """A day of the run."""
        return day(minute, self.epoch)

    def short(self, minute: int, beside: int) -> str:
        """A day without its year, where that is the year of the entry that it stands in."""
        text, year = self.day(minute), self.day(beside)[-5:]
        return text.removesuffix(year)

    def _heading(self, row: Row, stays: list[tuple[int, int]]) -> str:
        what, minute = row["activity"], begins(row)
        if what == "disposal":
            return OUTCOME
        if what in DUTIES or what == "victim_withdrawal" or what.endswith("_attendance"):
            return PEOPLE
        if what in _IN_CUSTODY:
            return CUSTODY
        if what in _HELD:
            return REMAND
        charged = self.case["charged_at"]
        if what in _CHARGING or (row["agency"] == "cps" and not 0 <= charged <= minute):
            return CHARGING
        if what in HEARINGS or 0 <= charged <= minute:
            crown = self.case["received_crown_at"]
            return CROWN if what.startswith("crown") or 0 <= crown <= minute else MAGISTRATES
        held = any(entered <= row["queued_at"] < left for entered, left in stays)
        return CUSTODY if held else INVESTIGATION

    def _told(self, row: Row) -> Iterator[tuple[int, str]]:
        """What a row says and when: once, or for a time in custody as it begins and ends."""
        what = row["activity"]
        if what in HEARINGS:
            yield begins(row), self._hearing(row)
        elif what in DUTIES:
            yield int(row["queued_at"]), self._duty(row)
        elif what == "detention":
            yield from self._detention(row)
        elif what == "remand":
            yield int(row["queued_at"]), self._remand(row)
        elif what in MARKS:
            yield int(row["queued_at"]), self._mark(row)
        elif what in _BAILS:
            yield int(row["queued_at"]), self._bail(row)
        else:
            yield begins(row), self._work(row)

    # --- police custody and prison --------------------------------------------------------------

    def _detention(self, row: Row) -> Iterator[tuple[int, str]]:
        suite = pool_name(row["place"], self.model)
        wait = row["started_at"] - row["queued_at"]
        cell = f" In a cell after {span(wait)}." if row["started_at"] >= 0 and wait else ""
        text = f"Arrived at the custody suite ({suite}); the clock starts.{cell}"
        yield int(row["queued_at"]), text
        if row["ended_at"] >= 0:
            how = f" ({result_of(row['result'])})" if result_of(row["result"]) else ""
            yield (
                int(row["ended_at"]),
                f"Left custody after {span(row['ended_at'] - row['queued_at'])}{how}.",
            )

    def _remand(self, row: Row) -> str:
        nights = count(days_between(row["queued_at"], self.left(row)), "night", "nights")
        if row["ended_at"] < 0:
            return f"Remanded in custody: {nights} up to the end of the run."
        return f"Remanded in custody until {self.day(row['ended_at'])}: {nights}."

    def _mark(self, row: Row) -> str:
        what, result = row["activity"], result_of(row["result"])
        if what == "charge":
            return "Summons issued." if row["result"] == "by_summons" else f"Charged {result}."
        if what == "victim_withdrawal":
            return f"The victim withdrew support {result}."
        if what == "custody_time_limit":
            lapsed = row["result"] == "lapsed"
            return (
                "The custody time limit ran out; released on bail."
                if lapsed
                else "The custody time limit was extended by the court."
            )
        if what == "disposal":
            return self._end(row)
        if what == "relisted":
            return f"{self._moved(row)}{self._reason(row)}."
        reason = self._reason(row)
        return f"{done(what)}{f': {result}' if result else ''}{reason}."

    def _end(self, row: Row) -> str:
        case = self.case
        parts = [sentence(result_of(row["result"]) or words(row["result"]))]
        if case["sentence"]:
            parts.append(f"Sentence: {words(case['sentence'])}")
        if case["plea"]:
            when = {
                "first_hearing": "when first asked",
                "plea_hearing": "at the plea hearing",
                "before_trial": "before the trial",
                "day_of_trial": "on the day of the trial",
            }.get(case["plea_when"], words(case["plea_when"]))
            parts.append(f"Pleaded {words(case['plea'])} {when}".rstrip())
        return ". ".join(parts) + "."

    def _moved(self, row: Row) -> str:
        given_up = self.short(row["due_at"], row["queued_at"])
        return f"The hearing listed for {given_up} was {words(row['result'])}"

    # --- work and hearings ----------------------------------------------------------------------

    def _work(self, row: Row) -> str:
        """Who did what; how long it waited, took or lasted; whether it is done."""
        entered, started, left = row["queued_at"], row["started_at"], row["ended_at"]
        worked = bool(row["place"]) or row["minutes"] > 0
        who = f" ({self._who(row)})" if worked else ""
        parts = [f"{done(row['activity'])}{who}"]
        if left < 0:
            parts.append("not done when the run ended")
        elif started > entered:
            parts.append(f"waited {span(started - entered)}")
        if started >= 0 and left > started:
            verb = "took" if worked else "lasted"
            parts.append(f"{verb} {span(left - started)}")
            if row["minutes"] and abs(row["minutes"] - (left - started)) >= 1:
                parts.append(f"{span(row['minutes'])} of it work")
        if left >= 0 and row["due_at"] >= 0:
            due = f"{self.short(row['due_at'], left)} {clock(row['due_at'], self.epoch)}"
            parts.append(f"due {due}, {'late' if left > row['due_at'] else 'in time'}")
        if left >= 0 and result_of(row["result"]) and row["result"] not in ("in_time", "late"):
            parts.append(result_of(row["result"]))
        return ", ".join(parts) + self._reason(row) + "."

    def _bail(self, row: Row) -> str:
        """Until when somebody was bidden, and how long it really was."""
        until = (
            f", until {self.short(row['due_at'], row['queued_at'])}" if row["due_at"] >= 0 else ""
        )
        lasted = (
            f"ended after {span(row['ended_at'] - row['queued_at'])}"
            if row["ended_at"] >= 0
            else "not over when the run ended"
        )
        return f"{done(row['activity'])}{until}; {lasted}."

    def _hearing(self, row: Row) -> str:
        """What was listed where; how it went and why; when it was called on, planned and real."""
        name = sentence(words(row["activity"]))
        if row["occurrence"] > 0:
            name += f" ({nth(row['occurrence'] + 1)} listing)"
        if "@" in row["place"] and row["result"] != "vacated":
            name += f", {court_name(row['place'], self.model)}"
        if row["ended_at"] < 0:
            said = f"listed for {self.day(row['due_at'])}, not heard when the run ended"
            return f"{name}: {said if row['due_at'] >= 0 else 'not yet listed'}."
        # Only where the case is managed are directions what a hearing is for.
        dealt = row["result"] == "managed" and row["activity"] != "case_management_hearing"
        result = "dealt with" if dealt else result_of(row["result"])
        if row["result"] == "vacated":
            was = f", listed for {self.day(row['due_at'])}" if row["due_at"] >= 0 else ""
            return f"{name}{was}, vacated{self._reason(row)}."
        ahead = days_between(row["queued_at"], max(row["due_at"], row["queued_at"]))
        times = [f"Listed {count(ahead, 'day', 'days')} before" if ahead else "Listed the same day"]
        times[0] += f" for {clock(row['due_at'], self.epoch)}" if row["due_at"] >= 0 else ""
        if row["started_at"] >= 0:
            times[0] += f", called at {clock(row['started_at'], self.epoch)}"
            times.append(f"planned {span(row['planned_minutes'])}, took {span(row['minutes'])}")
            over = days_between(row["started_at"], row["ended_at"])
            if over:
                times.append(f"ended on {self.short(row['ended_at'], row['started_at'])}")
        else:
            times.append("not called on")
        return f"{name}: {result}{self._reason(row)}. {'; '.join(times)}."

    def _reason(self, row: Row) -> str:
        """Why, and the agency that the reason belongs to."""
        if not row["reason"]:
            return ""
        agency = REASON_AGENCY.get(row["reason"])
        return f", {reason_of(row['reason'])}" + (f" ({agency_name(agency)})" if agency else "")

    # --- victim and witnesses -------------------------------------------------------------------

    def _duty(self, row: Row) -> str:
        """What was owed by whom and by when, and whether it was made."""
        duty = next(one for word, one in self.model.duties.items() if word == row["activity"])
        name = done(row["activity"])
        if not duty.statutory:
            how = row["started_at"] >= 0 and row["activity"] not in CALLS
            channel = f" {channel_said(row, self.case, self.model)}" if how else ""
            return f"{name}{channel} ({self._who(row)}): {self._answered(row)}."
        owed = f"{name}, due {self.short(row['due_at'], row['queued_at'])}"
        if row["ended_at"] < 0:
            return f"{owed}: not made when the run ended ({agency_name(row['agency'])})."
        if row["started_at"] < 0:
            return f"{owed}: missed ({agency_name(row['agency'])}){self._reason(row)}."
        day_made = self.short(row["ended_at"], row["queued_at"])
        made = f"on {day_made} {clock(row['ended_at'], self.epoch)}"
        result = words(row["result"])
        channel = channel_said(row, self.case, self.model)
        if row["place"] == CASE_TRACKER:
            return f"{owed}: looked up {channel} {made}, {result}."
        return f"{owed}: made {channel} {made}, {result} ({self._who(row)}){self._reason(row)}."

    def _worn(self, row: Row) -> str:
        """What wore on the victim, told in full under the court that it happened in."""
        if row["activity"] == "relisted":
            return f"{self._moved(row)}."
        result = "was vacated" if row["result"] == "vacated" else "came to nothing"
        return f"{sentence(words(row['activity']))} {result}."

    def _answered(self, row: Row) -> str:
        """What came of work that nobody set a deadline for."""
        if row["ended_at"] < 0:
            return "not done when the run ended"
        if row["started_at"] < 0:
            return "nobody saw to it"
        wait = row["started_at"] - row["queued_at"]
        after = f" after {span(wait)}" if wait > 1 else ""
        begun = "seen to" if row["activity"] in CALLS else "begun"
        return f"{begun}{after}, took {span(row['minutes'])}"

    def _who(self, row: Row) -> str:
        """The pool that does it, or its agency."""
        return pool_name(row["place"], self.model) if row["place"] else agency_name(row["agency"])

    def _together(self, rows: Sequence[Row], stays: list[tuple[int, int]]) -> Iterator[Entry]:
        """Those who came to court for one hearing and fared alike, in one entry."""
        alike: dict[tuple[str, int, str, str], list[Row]] = {}
        places: dict[tuple[str, int, str, str], int] = {}
        for place, row in enumerate(rows):
            if row["activity"] in _TOGETHER:
                key = (row["activity"], begins(row), row["result"], row["reason"])
                alike.setdefault(key, []).append(row)
                places.setdefault(key, place)
        for key, together in alike.items():
            what, minute, _, _ = key
            text = self._came(together) if what in _AT_COURT else self._produced(together)
            yield Entry(self._heading(together[0], stays), minute, places[key], text)

    def _produced(self, together: list[Row]) -> str:
        if together[0]["result"] == "missed":
            return "The prison did not produce the defendant at court."
        return "Produced at court" + (f", on {len(together)} days." if len(together) > 1 else ".")

    def _came(self, together: list[Row]) -> str:
        row = together[0]
        kind = _AT_COURT[row["activity"]]
        many = "witnesses" if kind == "witness" else "officers"
        who = f"One {kind}" if len(together) == 1 else f"{len(together)} {many}"
        if row["ended_at"] < 0:
            return f"{who} called to court for {self.day(row['due_at'])}."
        if row["result"] == "did_not_attend":
            return f"{who} did not come to court."
        lengths = listed(span(one["minutes"]) for one in together)
        if row["result"] == "gave_evidence":
            return f"{who} gave evidence; at court for {lengths}."
        reason = f": {reason_of(row['reason'])}" if row["reason"] else ""
        return f"{who} sent home unheard after {lengths} at court{reason}."


def begins(row: Row) -> int:
    """The minute under which a row is told: the start of work, or the day of a hearing."""
    if row["activity"] in _AT_COURT and row["ended_at"] >= 0:
        return int(row["due_at"])  # when they had to be there
    if row["started_at"] >= 0:
        return int(row["started_at"])
    if row["activity"] in HEARINGS and row["result"] != "vacated" and row["due_at"] >= 0:
        return int(row["due_at"])  # listed for that minute and not reached
    if row["ended_at"] >= 0:
        return int(row["ended_at"])
    return int(row["queued_at"])
