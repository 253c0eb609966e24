"""What a case file of England and Wales says in its own way: custody, bail, remand, the charge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from cjsim.des.event_log import JOINT
from cjsim.formatting.dates import days_between, duration
from cjsim.formatting.labels import phrase_of, spoken
from cjsim.formatting.words import count, listed, sentence_case
from cjsim.trace.cost_tally import Row
from cjsim.trace.entries import OUTCOME, PEOPLE, CoDefendant, Entry, Formatter
from cjsim.trace.labels import done, pool_name, reason_of, result_of

CUSTODY, INVESTIGATION, CHARGING, MAGISTRATES, CROWN, REMAND = (
    "Police custody",
    "Investigation",
    "Charging",
    "Magistrates' court",
    "Crown Court",
    "Remand",
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
_AT_COURT: Final = {"witness_attendance": "witness", "police_attendance": "officer"}
_TOGETHER: Final = (*_AT_COURT, "production_at_court")
"""Rows that share one entry with others of the same time, result and reason."""
_PLEADED: Final = {
    "first_hearing": "when first asked",
    "plea_hearing": "at the plea hearing",
    "before_trial": "before the trial",
    "day_of_trial": "on the day of the trial",
}
"""When a plea was entered, in words."""
_IN_CUSTODY: Final = ("custody_booking", "detention", "detention_review")
_BAILS: Final = ("pre_charge_bail", "re_bail", "conditional_caution_period")


def _is_joint(row: Row) -> bool:
    """Whether a hearing is counted under the row of a co-defendant."""
    place: str = row["place"]
    return place.endswith(JOINT)


def _is_one_trial(row: Row, other: Row) -> bool:
    """Whether the rows of two defendants are of one trial."""
    alike = (row["started_at"], row["ended_at"]) == (other["started_at"], other["ended_at"])
    return alike and (_is_joint(row) or _is_joint(other) or row["started_at"] >= 0)


def _place(row: Row) -> str:
    """The list and the courthouse of a hearing."""
    place: str = row["place"]
    return place.partition("#")[0]


class CaseFile(Formatter):
    """Writes the case file of a case in England and Wales."""

    def headings(self) -> tuple[str, ...]:
        """The headings in the order in which a file is read."""
        return HEADINGS

    def heading(self, row: Row, rows: Sequence[Row]) -> str:
        """The heading under which a row of the case stands."""
        activity, minute = row["activity"], self.begins(row)
        if activity == "disposal":
            return OUTCOME
        if (
            activity in self.words.duties
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
        if activity in self.words.hearings or 0 <= charged <= minute:
            crown = self.case["received_crown_at"]
            return CROWN if activity.startswith("crown") or 0 <= crown <= minute else MAGISTRATES
        in_custody = any(
            stay["queued_at"] <= row["queued_at"] < self.left(stay)
            for stay in rows
            if stay["activity"] == "detention"
        )
        return CUSTODY if in_custody else INVESTIGATION

    def entries_of(self, row: Row) -> Iterator[tuple[int, str]]:
        """What a row says and when: once, or for a time in custody as it begins and ends."""
        activity = row["activity"]
        if activity == "detention":
            yield from self._detention(row)
        elif activity == "remand":
            yield int(row["queued_at"]), self._remand(row)
        elif activity in _BAILS:
            yield int(row["queued_at"]), self._bail(row)
        elif activity == "linked_case" and self.co_defendants:
            yield int(row["queued_at"]), self._waited_for_others(row)
        elif activity in self.words.hearings:
            yield from super().entries_of(self._as_heard(row))
        else:
            yield from super().entries_of(row)

    def order(self, row: Row, minute: int, index: int) -> int:
        """A stay comes before other entries of the minute in which it begins."""
        return -1 if row["activity"] == "detention" and minute == row["queued_at"] else index

    def begins(self, row: Row) -> int:
        """For those who come to court, the time at which they have to be there."""
        if row["activity"] in _AT_COURT and row["ended_at"] >= 0:
            return int(row["due_at"])
        return super().begins(row)

    def result_of_hearing(self, row: Row) -> str:
        """Only where the case is managed are directions what a hearing is for."""
        dealt = row["result"] == "managed" and row["activity"] != "case_management_hearing"
        return "dealt with" if dealt else result_of(row["result"])

    def plea_when(self) -> str:
        """When the last plea was entered."""
        when: str = self.case["plea_when"]
        return _PLEADED.get(when, spoken(when))

    # --- co-defendants --------------------------------------------------------------------------

    def with_whom(self, row: Row) -> str:
        """The co-defendants at a hearing: tried in one trial, or called in the same session."""
        if row["activity"] in self.words.trials:
            others = self._together(row, lambda other: _is_one_trial(row, other))
            return f", with {self._named(others)}" if others else ""
        others = self._together(row, lambda other: _place(row) == _place(other))
        return f", in one session with {self._named(others)}" if others else ""

    def _together(self, row: Row, fits: Callable[[Row], bool]) -> list[tuple[CoDefendant, Row]]:
        """The co-defendants who had the same hearing at the same time, with the row of each."""
        return [
            (other, beside)
            for other in self.co_defendants
            for beside in other.rows
            if (beside["activity"], beside["due_at"]) == (row["activity"], row["due_at"])
            and "vacated" not in (row["result"], beside["result"])
            and fits(beside)
        ]

    def _named(self, others: Sequence[tuple[CoDefendant, Row]]) -> str:
        """The cases of some co-defendants."""
        return listed(other.name for other, _ in others)

    def _as_heard(self, row: Row) -> Row:
        """A row whose hearing is counted under a co-defendant's, with its courtroom and times."""
        if not _is_joint(row):
            return row
        for _, other in self._together(row, lambda other: not _is_joint(other)):
            heard = ("place", "minutes", "planned_minutes")
            return {**row, **{key: other[key] for key in heard}}
        return {**row, "place": _place(row)}

    def _waited_for_others(self, row: Row) -> str:
        """How long the sentence waited for the trial of the others."""
        waited = duration(self.left(row) - row["queued_at"])
        over = "" if row["ended_at"] >= 0 else ", which was not over when the run ended"
        tried = [
            other
            for other in self.co_defendants
            if any(
                trial["activity"] in self.words.trials and trial["ended_at"] > row["queued_at"]
                for trial in other.rows
            )
        ]
        whom = listed(other.name for other in tried or self.co_defendants)
        return f"The sentence waited {waited} for the trial of {whom}{over}."

    def _co_defendant(self, other: CoDefendant) -> str:
        outcome = other.case["outcome"]
        how = result_of(outcome) or spoken(outcome) if outcome else "not ended when the run ended"
        return f"{other.name} ({how})"

    # --- the heading and the milestones ---------------------------------------------------------

    def title(self) -> str:
        """What kind of case it is."""
        return f"{super().title()} ({spoken(self.case['offence_class'])})"

    def facts(self, rows: Sequence[Row]) -> list[tuple[str, str]]:
        """Who the defendant is, and how long they were in police custody and on remand."""
        people = "A youth" if self.case["youth"] else "An adult"
        way_in = phrase_of("way_in", self.case["way_in"])
        facts = [("Defendant", f"{people}, {way_in} on {self.weekday(self.case['arrived_at'])}")]
        if self.co_defendants:
            others = listed(map(self._co_defendant, self.co_defendants))
            facts.append(("Together", f"arrested with {others}"))
        return [*facts, ("Liberty", self._liberty(rows))]

    def kind_of_victim(self) -> str:
        """Who the victim is, and whether it is domestic abuse."""
        abuse = self.case["has_victim"] and self.case["domestic_abuse"]
        return super().kind_of_victim() + (" of domestic abuse" if abuse else "")

    def attendances(self) -> list[tuple[str, str]]:
        """The stages in which somebody comes to court, and what their attendances are called."""
        return [
            ("witness_attendance", "Witness attendances"),
            ("police_attendance", "Officers' attendances"),
        ]

    def _liberty(self, rows: Sequence[Row]) -> str:
        """How long the defendant was in police custody and on remand."""
        stays = [
            self.left(row) - row["queued_at"] for row in rows if row["activity"] == "detention"
        ]
        nights = sum(
            days_between(row["queued_at"], self.left(row))
            for row in rows
            if row["activity"] == "remand"
        )
        parts = [
            f"{listed(map(duration, stays))} in police custody"
            if stays
            else "not in police custody"
        ]
        if nights:
            then = "then " if stays else ""
            parts.append(f"{then}{count(nights, 'night', 'nights')} remanded in prison")
        elif self.case["charged_at"] >= 0:
            parts.append("not remanded" if self.case["charged_by"] != "by_summons" else "summonsed")
        return ", ".join(parts)

    def spells(self) -> list[tuple[str, int, int]]:
        """The times between milestones."""
        case = self.case
        first = {"summons": "Report", "voluntary_attendance": "Interview"}.get(
            case["way_in"], "Arrest"
        )
        charge = "summons" if case["charged_by"] == "by_summons" else "charge"
        sent = case["received_crown_at"] >= 0
        return [
            (f"{first} to {charge}", case["arrived_at"], case["charged_at"]),
            (
                f"{sentence_case(charge)} to first hearing",
                case["charged_at"],
                case["first_listed_at"],
            ),
            (
                f"First hearing to {'leaving' if sent else 'end in'} the magistrates' court",
                case["first_listed_at"],
                case["magistrates_completed_at"],
            ),
            ("In the Crown Court", case["received_crown_at"], case["ended_at"] if sent else -1),
            (f"{first} to the end", case["arrived_at"], case["ended_at"]),
        ]

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

    def mark(self, row: Row) -> str:
        """A moment without length."""
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
        return super().mark(row)

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

    # --- those who come to court for one hearing ------------------------------------------------

    def is_told_together(self, row: Row) -> bool:
        """Those who came to court for one hearing and fared alike share one entry."""
        return row["activity"] in _TOGETHER

    def told_together(self, rows: Sequence[Row]) -> Iterator[Entry]:
        """Those who came to court for one hearing and fared alike, in one entry."""
        alike: dict[tuple[str, int, str, str], list[Row]] = {}
        places: dict[tuple[str, int, str, str], int] = {}
        for index, row in enumerate(rows):
            if row["activity"] in _TOGETHER:
                key = (row["activity"], self.begins(row), row["result"], row["reason"])
                alike.setdefault(key, []).append(row)
                places.setdefault(key, index)
        for key, together in alike.items():
            activity, minute, _, _ = key
            text = self._came(together) if activity in _AT_COURT else self._produced(together)
            yield Entry(self.heading(together[0], rows), minute, places[key], text)

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
