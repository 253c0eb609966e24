"""The entries of a case file: each row of the log, dated, under its heading and in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cjsim.formatting.dates import clock, days_between, duration, weekday
from cjsim.formatting.labels import agency_name, court_title, phrase_of, spoken, title_of
from cjsim.formatting.words import count, nth, sentence_case
from cjsim.jurisdiction import Vocabulary
from cjsim.measures.measurement import measurement_of
from cjsim.schema.model import Model
from cjsim.simulation.contact_channels import CASE_TRACKER
from cjsim.trace.cost_tally import Row, court_at
from cjsim.trace.labels import court_name, done, pool_name, reason_of, result_of
from cjsim.trace.victim_account import Engagement, channel_said, kind_of_victim

BEFORE_COURT, CUSTODY, PEOPLE, OUTCOME = (
    "Before court",
    "Custody",
    "Victim and witnesses",
    "Outcome",
)
"""The headings of a file besides the courts."""

_ONCE_A_FILE: Final = ("vacated_trial",)
"""Marks that only repeat what the row of their hearing says."""


@dataclass(frozen=True)
class Entry:
    """A dated sentence under a heading; `order` settles what comes first in one minute."""

    heading: str
    minute: int
    order: int
    text: str


@dataclass(frozen=True)
class CoDefendant:
    """Somebody who was arrested with the defendant: the row of their case, and its events."""

    case: Row
    rows: Sequence[Row]

    @property
    def name(self) -> str:
        """What a file calls the case."""
        return f"case {self.case['case_id']}"


@dataclass(frozen=True)
class Formatter:
    """Writes a case file: knows the case, its model and the run's calendar.

    A jurisdiction may give a class of its own that says more than this one.
    """

    case: Row
    model: Model
    epoch: dt.date
    end: int
    co_defendants: Sequence[CoDefendant] = ()

    @property
    def words(self) -> Vocabulary:
        """The words of its jurisdiction."""
        return self.model.vocabulary

    def entries(self, rows: Sequence[Row]) -> list[Entry]:
        """Every entry of the file, under its heading in order of time."""
        felt = self.engagement(rows).after if self.case["has_victim"] else {}
        headings = self.headings()
        entries: list[Entry] = []
        for index, row in enumerate(rows):
            if row["activity"] in _ONCE_A_FILE or self.is_told_together(row):
                continue
            heading = self.heading(row, rows)
            level = f" Engagement {felt[index]:.2f}." if index in felt else ""
            for minute, text in self.entries_of(row):
                sentence = text + level if heading == PEOPLE else text
                entries.append(Entry(heading, minute, self.order(row, minute, index), sentence))
            if level and heading != PEOPLE:
                entries.append(Entry(PEOPLE, int(row["ended_at"]), index, self._worn(row) + level))
        entries += self.told_together(rows)
        return sorted(
            entries, key=lambda entry: (headings.index(entry.heading), entry.minute, entry.order)
        )

    # --- what a jurisdiction may say in its own way ---------------------------------------------

    def headings(self) -> tuple[str, ...]:
        """The headings in the order in which a file is read; one without entries is left out."""
        courts = (court_title(court) for court in self.words.courts)
        return (BEFORE_COURT, *courts, CUSTODY, PEOPLE, OUTCOME)

    def heading(self, row: Row, rows: Sequence[Row]) -> str:  # noqa: ARG002  # for those who need it
        """The heading under which a row of the case stands."""
        activity = row["activity"]
        if activity == "disposal":
            return OUTCOME
        if activity in (*self.words.duties, *self.words.attendances):
            return PEOPLE
        if activity in self.words.lengths_from_process:
            return CUSTODY
        hearing = self.model.hearings.get(activity)
        court = hearing.court if hearing else court_at(self.case, self.model, self.begins(row))
        return court_title(court) if court else BEFORE_COURT

    def entries_of(self, row: Row) -> Iterator[tuple[int, str]]:
        """What a row says and when."""
        activity = row["activity"]
        if activity in self.words.hearings:
            yield self.begins(row), self._hearing(row)
        elif activity in self.words.duties:
            yield int(row["queued_at"]), self._duty(row)
        elif activity in self.words.marks:
            yield int(row["queued_at"]), self.mark(row)
        else:
            yield self.begins(row), self._work(row)

    def order(self, row: Row, minute: int, index: int) -> int:  # noqa: ARG002  # for those who need it
        """What comes first among the entries of one minute."""
        return index

    def is_told_together(self, row: Row) -> bool:  # noqa: ARG002  # for those who need it
        """Whether a row shares one entry with others: none does, unless a jurisdiction says so."""
        return False

    def told_together(self, rows: Sequence[Row]) -> Iterator[Entry]:  # noqa: ARG002  # as above
        """The entries of the rows that share one."""
        return iter(())

    def mark(self, row: Row) -> str:
        """A moment without length."""
        activity, result = row["activity"], result_of(row["result"])
        if activity == "disposal":
            return self._end(row)
        if activity == "relisted":
            return f"{self._moved(row)}{self.reason(row)}."
        return f"{done(activity)}{f': {result}' if result else ''}{self.reason(row)}."

    def with_whom(self, row: Row) -> str:  # noqa: ARG002  # for those who need it
        """Who else was at a hearing, as it follows the hearing's name."""
        return ""

    def result_of_hearing(self, row: Row) -> str:
        """How a hearing went."""
        return result_of(row["result"]) or "held"

    def plea_when(self) -> str:
        """When the last plea was entered, if the case table says it."""
        return ""

    def begins(self, row: Row) -> int:
        """The minute of a row's entry: the start of work, or the time of a hearing."""
        if row["started_at"] >= 0:
            return int(row["started_at"])
        is_hearing = row["activity"] in self.words.hearings
        if is_hearing and row["result"] != "vacated" and row["due_at"] >= 0:
            return int(row["due_at"])  # listed for that minute and not reached
        if row["ended_at"] >= 0:
            return int(row["ended_at"])
        return int(row["queued_at"])

    def title(self) -> str:
        """What kind of case it is."""
        return sentence_case(spoken(self.case["offence_group"]))

    def facts(self, rows: Sequence[Row]) -> list[tuple[str, str]]:  # noqa: ARG002  # as above
        """Facts of the person and the case, each with its label, after the division."""
        way_in = phrase_of("way_in", self.case["way_in"])
        return [("Accused", f"{way_in} on {self.weekday(self.case['arrived_at'])}")]

    def kind_of_victim(self) -> str:
        """Who the victim is."""
        return kind_of_victim(self.case) if self.case["has_victim"] else "none identified"

    def attendances(self) -> list[tuple[str, str]]:
        """The stages in which somebody comes to court, and what their attendances are called."""
        return [(stage, f"{title_of(stage)}s") for stage in self.words.attendances]

    def spells(self) -> list[tuple[str, int, int]]:
        """The times between milestones: a label, and the minutes of the two ends."""
        case = self.case
        stays = measurement_of(self.model.jurisdiction).courts
        spells = [
            (f"In the {phrase_of('court', stay.court)}", case[stay.entered_at], case[stay.left_at])
            for stay in stays
        ]
        return [*spells, ("Arrival to the end", case["arrived_at"], case["ended_at"])]

    # --------------------------------------------------------------------------------------------

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

    def _end(self, row: Row) -> str:
        case = self.case
        parts = [sentence_case(result_of(row["result"]) or spoken(row["result"]))]
        if case["sentence"]:
            parts.append(f"Sentence: {spoken(case['sentence'])}")
        if case["plea"]:
            parts.append(f"Pleaded {spoken(case['plea'])} {self.plea_when()}".rstrip())
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
        return ", ".join(parts) + self.reason(row) + "."

    def _hearing(self, row: Row) -> str:
        """What was listed where; how it went and why; when it was called on, planned and real."""
        name = sentence_case(spoken(row["activity"]))
        if row["occurrence"] > 0:
            name += f" ({nth(row['occurrence'] + 1)} listing)"
        if "@" in row["place"] and row["result"] != "vacated":
            name += f", {court_name(row['place'], self.model)}"
        name += self.with_whom(row)
        if row["ended_at"] < 0:
            listed_for = f"listed for {self.weekday(row['due_at'])}, not heard when the run ended"
            return f"{name}: {listed_for if row['due_at'] >= 0 else 'not yet listed'}."
        result = self.result_of_hearing(row)
        if row["result"] == "vacated":
            was = f", listed for {self.weekday(row['due_at'])}" if row["due_at"] >= 0 else ""
            return f"{name}{was}, vacated{self.reason(row)}."
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
        return f"{name}: {result}{self.reason(row)}. {'; '.join(times)}."

    def reason(self, row: Row) -> str:
        """Why, and the agency that the reason belongs to."""
        if not row["reason"]:
            return ""
        agency = self.words.reason_agency.get(row["reason"])
        return f", {reason_of(row['reason'])}" + (f" ({agency_name(agency)})" if agency else "")

    # --- victim and witnesses -------------------------------------------------------------------

    def _duty(self, row: Row) -> str:
        """The contact, who owed it and by when, and whether it was made."""
        duty = next(spec for word, spec in self.model.duties.items() if word == row["activity"])
        name = done(row["activity"])
        if not duty.statutory:
            how = row["started_at"] >= 0 and row["activity"] not in self.words.chasing_duties
            channel = f" {channel_said(row, self.case, self.model)}" if how else ""
            return f"{name}{channel} ({self._who(row)}): {self._answered(row)}."
        owed = f"{name}, due {self.short(row['due_at'], row['queued_at'])}"
        if row["ended_at"] < 0:
            return f"{owed}: not made when the run ended ({agency_name(row['agency'])})."
        if row["started_at"] < 0:
            return f"{owed}: missed ({agency_name(row['agency'])}){self.reason(row)}."
        day_made = self.short(row["ended_at"], row["queued_at"])
        made = f"on {day_made} {clock(row['ended_at'], self.epoch)}"
        result = spoken(row["result"])
        channel = channel_said(row, self.case, self.model)
        if row["place"] == CASE_TRACKER:
            return f"{owed}: looked up {channel} {made}, {result}."
        return f"{owed}: made {channel} {made}, {result} ({self._who(row)}){self.reason(row)}."

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
        begun = "seen to" if row["activity"] in self.words.chasing_duties else "begun"
        return f"{begun}{after}, took {duration(row['minutes'])}"

    def _who(self, row: Row) -> str:
        """The pool that does it, or its agency."""
        return pool_name(row["place"], self.model) if row["place"] else agency_name(row["agency"])
