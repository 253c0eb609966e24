"""What a victim's file knows besides the rows: how they would be reached, and their engagement.

Engagement is worked out again from the event log: the moves of the model at the times at which the
log has them. A letter moves it when it is sent here, and some days later in the run itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from cjsim.des.working_time import DAYS_A_MONTH, MINUTES_A_DAY
from cjsim.formatting.labels import phrase_of
from cjsim.jurisdiction import Vocabulary
from cjsim.schema.dated import number_on
from cjsim.schema.model import Model
from cjsim.simulation.contact_channels import channel_of_contact
from cjsim.trace.cost_tally import Row

_MADE: Final[dict[str, str]] = {
    "in_time": "contact_in_time",
    "late": "contact_late",
    "missed": "contact_missed",
}


def channel_said(row: Row, case: Row, model: Model) -> str:
    """By which channel a contact was made: "by telephone", "in the case tracker"."""
    duty = next(spec for word, spec in model.duties.items() if word == row["activity"])
    return phrase_of(
        "channel", channel_of_contact(duty.channels, case["contact_channel"], row["place"])
    )


def kind_of_victim(case: Row) -> str:
    """Who the victim is: "a vulnerable victim"."""
    kind = " and ".join(
        word
        for fact, word in (
            ("vulnerable_victim", "vulnerable"),
            ("persistently_targeted", "persistently targeted"),
        )
        if case[fact]
    )
    return f"a {kind} victim" if kind else "a victim"


def who_is_owed(case: Row) -> str:
    """Who the victim is, which service they are owed, and how they would be reached."""
    enhanced = case["vulnerable_victim"] or case["persistently_targeted"]
    service = "enhanced" if enhanced else "usual"
    tracker = "; looks things up in the case tracker" if case["uses_case_tracker"] else ""
    reached = phrase_of("channel", case["contact_channel"])
    people = kind_of_victim(case).capitalize()
    return f"{people}, owed the {service} service; would be reached {reached}{tracker}."


class Engagement:
    """A victim's engagement, 0 to 1, through the rows of a case in the order of their ends.

    `after` has it for the place of every row that moved it; nothing moves it once the case has
    ended. `first` is at the report, `last` at the end of the case or of the run.
    """

    def __init__(
        self, case: Row, rows: Sequence[Row], model: Model, epoch: dt.date, end: int
    ) -> None:
        self._model = model
        self._epoch = epoch
        self._now = int(case["arrived_at"])
        self.first = self.last = self._move("at_report")
        self.after: dict[int, float] = {}
        ended = int(case["ended_at"]) if case["ended_at"] >= 0 else end
        for index, row in sorted(
            enumerate(rows), key=lambda indexed: (indexed[1]["ended_at"], indexed[1]["queued_at"])
        ):
            move = _moved_by(row, model.vocabulary)
            if move and row["ended_at"] <= ended:
                self._pass_to(row["ended_at"])
                self._to(self.last + self._move(move))
                self.after[index] = self.last
        self._pass_to(ended)

    def _pass_to(self, minute: int) -> None:
        months = max(minute - self._now, 0) / (DAYS_A_MONTH * MINUTES_A_DAY)
        self._to(self.last + months * self._move("per_month"))
        self._now = max(minute, self._now)

    def _to(self, level: float) -> None:
        self.last = min(max(level, 0.0), 1.0)

    def _move(self, word: str) -> float:
        day = self._epoch + dt.timedelta(days=self._now // MINUTES_A_DAY)
        return number_on(self._model.engagement[word], day, "", "")


def _moved_by(row: Row, words: Vocabulary) -> str | None:
    """The move that a row makes, if it is over and makes one."""
    activity, result = row["activity"], row["result"]
    if row["ended_at"] < 0:
        return None
    if activity in words.chasing_duties:
        return "chasing_call"
    if activity in words.support_duties and result != "missed":
        return "support_given"
    if activity in words.duties:
        return _MADE.get(result)
    in_vain = result in words.adjourned_results or result == "vacated"
    wears = (activity in words.hearings and in_vain) or result == "put_back"
    return "adjournment" if wears else None
