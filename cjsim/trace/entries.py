"""The entries of a case file: each row of the log, dated, under its heading and in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cjsim.england_wales.labels import agency_name, spoken
from cjsim.england_wales.vocabulary import DUTIES, HEARINGS, MARKS, REASON_AGENCY
from cjsim.formatting.dates import clock, days_between, duration, weekday
from cjsim.formatting.words import count, listed, nth, sentence_case
from cjsim.schema.model import Model
from cjsim.simulation.contact_channels import CASE_TRACKER
from cjsim.trace.cost_tally import Row
from cjsim.trace.labels import court_name, done, pool_name, reason_of, result_of
from cjsim.trace.victim_account import CALLS, Engagement, channel_said

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
"""Rows that share one entry with others of the same time, result and reason."""
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
        entries: list[Entry] = []
        for index, row in enumerate(rows):
            if row["activity"] in _ONCE_A_FILE or row["activity"] in _TOGETHER:
                continue
            heading = self._heading(row, stays)
            level = f" Engagement {felt[index]:.2f}." if index in felt else ""
            for minute, text in self._entries_of(row):
                # A stay comes before other entries of the minute in which it begins.
                begun = row["activity"] == "detention" and minute == row["queued_at"]
                sentence = text + level if heading == PEOPLE else text
                entries.append(Entry(heading, minute, -1 if begun else index, sentence))
            if level and heading != PEOPLE:
                entries.append(Entry(PEOPLE, int(row["ended_at"]), index, self._worn(row) + level))
        entries += self._together(rows, stays)
        return sorted(
            entries, key=lambda entry: (HEADINGS.index(entry.heading), entry.minute, entry.order)
        )

    def engagement(self, rows: Sequence[Row]) -> Engagement:
        """The victim's engagement through the rows of the case."""
        return Engagement(self.case, rows, self.model, self.epoch, self.end)

    def left(self, row: Row) -> int:
        """The minute a stay ended, or the run's end."""
        return int(row["ended_at"]) if row["ended_at"] >= 0 else self.end

    def weekday(self, minute: int) -> str:
        """A day of the run."""
        return weekday(minute, self.epoch)

    def short(self, minute: int, beside: int) -> str:
        """A day without its year, if that is the year of its entry."""
        text, year = self.weekday(minute), self.weekday(beside)[-5:]
        return text.removesuffix(year)

    def _heading(self, row: Row, stays: list[tuple[int, int]]) -> str:
        activity, minute = row["activity"], begins(row)
        if activity == "disposal":
            return OUTCOME
        if (
            activity in DUTIES
            or activity == "victim_withdrawal"
            or activity.endswith("_attendance")
        ):
            return PEOPLE
        if activity in _IN_CUSTODY:
            return CUSTODY
        if activity in _HELD:
            return REMAND
        charged = self.case["charged_at"]
        if activity in _CHARGING or (row["agency"] == "cps" and not 0 <= charged <= minute):
            return CHARGING
        if activity in HEARINGS or 0 <= charged <= minute:
            crown = self.case["received_crown_at"]
            return CROWN if activity.startswith("crown") or 0 <= crown <= minute else MAGISTRATES
        in_custody = any(entered <= row["queued_at"] < left for entered, left in stays)
        return CUSTODY if in_custody else INVESTIGATION

    def _entries_of(self, row: Row) -> Iterator[tuple[int, str]]:
        """What a row says and when: once, or for a time in custody as it begins and ends."""
        activity = row["activity"]
        if activity in HEARINGS:
            yield begins(row), self._hearing(row)
        elif activity in DUTIES:
            yield int(row["queued_at"]), self._duty(row)
        elif activity == "detention":
            yield from self._detention(row)
        elif activity == "remand":
            yield int(row["queued_at"]), self._remand(row)
        elif activity in MARKS:
            yield int(row["queued_at"]), self._mark(row)
        elif activity in _BAILS:
            yield int(row["queued_at"]), self._bail(row)
        else:
            yield begins(row), self._work(row)

    # --- police custody and prison --------------------------------------------------------------

    def _detention(self, row: Row) -> Iterator[tuple[int, str]]:
        suite = pool_name(row["place"], self.model)
        wait = row["started_at"] - row["queued_at"]
        cell = f" In a cell after {duration(wait)}." if row["started_at"] >= 0 and wait else ""
        text = f"Arrived at the custody suite ({suite}); the clock starts.{cell}"
        yield int(row["queued_at"]), text
        if row["ended_at"] >= 0:
            how = f" ({result_of(row['result'])})" if result_of(row["result"]) else ""
            yield (
                int(row["ended_at"]),
                f"Left custody after {duration(row['ended_at'] - row['queued_at'])}{how}.",
            )

    def _remand(self, row: Row) -> str:
        nights = count(days_between(row["queued_at"], self.left(row)), "night", "nights")
        if row["ended_at"] < 0:
            return f"Remanded in custody: {nights} up to the end of the run."
        return f"Remanded in custody until {self.weekday(row['ended_at'])}: {nights}."

    def _mark(self, row: Row) -> str:
        activity, result = row["activity"], result_of(row["result"])
        if activity == "charge":
            return "Summons issued." if row["result"] == "by_summons" else f"Charged {result}."
        if activity == "victim_withdrawal":
            return f"The victim withdrew support {result}."
        if activity == "custody_time_limit":
            lapsed = row["result"] == "lapsed"
            return (
                "The custody time limit ran out; released on bail."
                if lapsed
                else "The custody time limit was extended by the court."
            )
        if activity == "disposal":
            return self._end(row)
        if activity == "relisted":
            return f"{self._moved(row)}{self._reason(row)}."
        reason = self._reason(row)
        return f"{done(activity)}{f': {result}' if result else ''}{reason}."

    def _end(self, row: Row) -> str:
        case = self.case
        parts = [sentence_case(result_of(row["result"]) or spoken(row["result"]))]
        if case["sentence"]:
            parts.append(f"Sentence: {spoken(case['sentence'])}")
        if case["plea"]:
            when = {
                "first_hearing": "when first asked",
                "plea_hearing": "at the plea hearing",
                "before_trial": "before the trial",
                "day_of_trial": "on the day of the trial",
            }.get(case["plea_when"], spoken(case["plea_when"]))
            parts.append(f"Pleaded {spoken(case['plea'])} {when}".rstrip())
        return ". ".join(parts) + "."

    def _moved(self, row: Row) -> str:
        given_up = self.short(row["due_at"], row["queued_at"])
        return f"The hearing listed for {given_up} was {spoken(row['result'])}"

    # --- work and hearings ----------------------------------------------------------------------

    def _work(self, row: Row) -> str:
        """Who did what; how long it waited, took or lasted; whether it is done."""
        entered, started, left = row["queued_at"], row["started_at"], row["ended_at"]
        worked = bool(row["place"]) or row["minutes"] > 0
        people = f" ({self._who(row)})" if worked else ""
        parts = [f"{done(row['activity'])}{people}"]
        if left < 0:
            parts.append("not done when the run ended")
        elif started > entered:
            parts.append(f"waited {duration(started - entered)}")
        if started >= 0 and left > started:
            verb = "took" if worked else "lasted"
            parts.append(f"{verb} {duration(left - started)}")
            if row["minutes"] and abs(row["minutes"] - (left - started)) >= 1:
                parts.append(f"{duration(row['minutes'])} of it work")
        if left >= 0 and row["due_at"] >= 0:
            due = f"{self.short(row['due_at'], left)} {clock(row['due_at'], self.epoch)}"
            parts.append(f"due {due}, {'late' if left > row['due_at'] else 'in time'}")
        if left >= 0 and result_of(row["result"]) and row["result"] not in ("in_time", "late"):
            parts.append(result_of(row["result"]))
        return ", ".join(parts) + self._reason(row) + "."

    def _bail(self, row: Row) -> str:
        """When the defendant had to return, and how long it really took."""
        until = (
            f", until {self.short(row['due_at'], row['queued_at'])}" if row["due_at"] >= 0 else ""
        )
        lasted = (
            f"ended after {duration(row['ended_at'] - row['queued_at'])}"
            if row["ended_at"] >= 0
            else "not over when the run ended"
        )
        return f"{done(row['activity'])}{until}; {lasted}."

    def _hearing(self, row: Row) -> str:
        """What was listed where; how it went and why; when it was called on, planned and real."""
        name = sentence_case(spoken(row["activity"]))
        if row["occurrence"] > 0:
            name += f" ({nth(row['occurrence'] + 1)} listing)"
        if "@" in row["place"] and row["result"] != "vacated":
            name += f", {court_name(row['place'], self.model)}"
        if row["ended_at"] < 0:
            listed_for = f"listed for {self.weekday(row['due_at'])}, not heard when the run ended"
            return f"{name}: {listed_for if row['due_at'] >= 0 else 'not yet listed'}."
        # Only where the case is managed are directions what a hearing is for.
        dealt = row["result"] == "managed" and row["activity"] != "case_management_hearing"
        result = "dealt with" if dealt else result_of(row["result"])
        if row["result"] == "vacated":
            was = f", listed for {self.weekday(row['due_at'])}" if row["due_at"] >= 0 else ""
            return f"{name}{was}, vacated{self._reason(row)}."
        ahead = days_between(row["queued_at"], max(row["due_at"], row["queued_at"]))
        times = [f"Listed {count(ahead, 'day', 'days')} before" if ahead else "Listed the same day"]
        times[0] += f" for {clock(row['due_at'], self.epoch)}" if row["due_at"] >= 0 else ""
        if row["started_at"] >= 0:
            times[0] += f", called at {clock(row['started_at'], self.epoch)}"
            times.append(
                f"planned {duration(row['planned_minutes'])}, took {duration(row['minutes'])}"
            )
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
        """The contact, who owed it and by when, and whether it was made."""
        duty = next(spec for word, spec in self.model.duties.items() if word == row["activity"])
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
        result = spoken(row["result"])
        channel = channel_said(row, self.case, self.model)
        if row["place"] == CASE_TRACKER:
            return f"{owed}: looked up {channel} {made}, {result}."
        return f"{owed}: made {channel} {made}, {result} ({self._who(row)}){self._reason(row)}."

    def _worn(self, row: Row) -> str:
        """An event that reduced the victim's engagement; its full entry is under the court."""
        if row["activity"] == "relisted":
            return f"{self._moved(row)}."
        result = "was vacated" if row["result"] == "vacated" else "came to nothing"
        return f"{sentence_case(spoken(row['activity']))} {result}."

    def _answered(self, row: Row) -> str:
        """The outcome of work without a deadline."""
        if row["ended_at"] < 0:
            return "not done when the run ended"
        if row["started_at"] < 0:
            return "not done"
        wait = row["started_at"] - row["queued_at"]
        after = f" after {duration(wait)}" if wait > 1 else ""
        begun = "seen to" if row["activity"] in CALLS else "begun"
        return f"{begun}{after}, took {duration(row['minutes'])}"

    def _who(self, row: Row) -> str:
        """The pool that does it, or its agency."""
        return pool_name(row["place"], self.model) if row["place"] else agency_name(row["agency"])

    def _together(self, rows: Sequence[Row], stays: list[tuple[int, int]]) -> Iterator[Entry]:
        """Those who came to court for one hearing and fared alike, in one entry."""
        alike: dict[tuple[str, int, str, str], list[Row]] = {}
        places: dict[tuple[str, int, str, str], int] = {}
        for index, row in enumerate(rows):
            if row["activity"] in _TOGETHER:
                key = (row["activity"], begins(row), row["result"], row["reason"])
                alike.setdefault(key, []).append(row)
                places.setdefault(key, index)
        for key, together in alike.items():
            activity, minute, _, _ = key
            text = self._came(together) if activity in _AT_COURT else self._produced(together)
            yield Entry(self._heading(together[0], stays), minute, places[key], text)

    def _produced(self, together: list[Row]) -> str:
        if together[0]["result"] == "missed":
            return "The prison did not produce the defendant at court."
        return "Produced at court" + (f", on {len(together)} days." if len(together) > 1 else ".")

    def _came(self, together: list[Row]) -> str:
        row = together[0]
        kind = _AT_COURT[row["activity"]]
        many = "witnesses" if kind == "witness" else "officers"
        people = f"One {kind}" if len(together) == 1 else f"{len(together)} {many}"
        if row["ended_at"] < 0:
            return f"{people} called to court for {self.weekday(row['due_at'])}."
        if row["result"] == "did_not_attend":
            return f"{people} did not come to court."
        lengths = listed(duration(attendance["minutes"]) for attendance in together)
        if row["result"] == "gave_evidence":
            return f"{people} gave evidence; at court for {lengths}."
        reason = f": {reason_of(row['reason'])}" if row["reason"] else ""
        return f"{people} sent home unheard after {lengths} at court{reason}."


def begins(row: Row) -> int:
    """The minute of a row's entry: the start of work, or the time of a hearing."""
    if row["activity"] in _AT_COURT and row["ended_at"] >= 0:
        return int(row["due_at"])  # when they had to be there
    if row["started_at"] >= 0:
        return int(row["started_at"])
    if row["activity"] in HEARINGS and row["result"] != "vacated" and row["due_at"] >= 0:
        return int(row["due_at"])  # listed for that minute and not reached
    if row["ended_at"] >= 0:
        return int(row["ended_at"])
    return int(row["queued_at"])
