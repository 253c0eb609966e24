"""A case as its victim lived it: what was owed, how and when it came, and what it did to them.

Engagement is worked out again from the event log: the moves of the model at the times at which the
log has them. A letter moves it when it is sent here, and some days later in the run itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cjsim.calendar import DAYS_A_MONTH, MINUTES_A_DAY
from cjsim.channels import channel_of_contact
from cjsim.spec.dated import number_on
from cjsim.spec.model import Model
from cjsim.vocabulary import DUTIES, HEARINGS, EngagementMove

Row = dict[str, Any]
_IN_VAIN: Final = ("adjourned", "ineffective", "warrant_issued", "vacated")
_CALLS: Final = ("chasing_call", "chasing_call_to_police")
_MADE: Final[dict[str, EngagementMove]] = {
    "in_time": "contact_in_time", "late": "contact_late", "missed": "contact_missed",
}  # fmt: skip
_SPOKEN: Final = {
    "in_time": "made in time", "late": "made late", "missed": "never made",
    "self_service": "looked up in the case tracker", "telephone": "by telephone",
    "letter": "by letter", "face_to_face": "face to face",
    "gave_evidence": "gave evidence", "wasted": "came for nothing",
    "did_not_attend": "did not come",
}  # fmt: skip


def victim_account(case: Row, rows: Sequence[Row], model: Model, epoch: dt.date) -> list[str]:
    """The lines of the account; none for a case without a victim.

    `case` is its row of the case table, `rows` its rows of the event log, in any order; `epoch` is
    the day on which minute 0 begins.
    """
    if not case["has_victim"]:
        return []
    lines = ["THE VICTIM'S ACCOUNT", f"  {_who(case)}"]
    felt = _Engagement(case, model, epoch)
    for row in sorted(rows, key=lambda row: (_moment(row), row["entered"])):
        felt.passes(row)
        lines += [f"  {_when(_moment(row), epoch)}  {text}" for text in _told(row, case, felt)]
    return [*lines, f"  Engagement at the report {felt.first:.2f}, at the last {felt.level:.2f}."]


def _who(case: Row) -> str:
    kind = [
        word
        for fact, word in (
            ("vulnerable_victim", "vulnerable"), ("persistently_targeted", "persistently targeted"),
        ) if case[fact]
    ]  # fmt: skip
    owed = f"{' and '.join(kind)}, owed the enhanced service" if kind else "owed the usual service"
    tracker = "; looks things up in the case tracker" if case["uses_case_tracker"] else ""
    return f"A victim {owed}; would be reached {_SPOKEN[case['contact_channel']]}{tracker}."


class _Engagement:
    """Engagement through the rows of a case, in the order in which they ended."""

    def __init__(self, case: Row, model: Model, epoch: dt.date) -> None:
        self.model = model
        self.epoch = epoch
        self.now = int(case["arrived"])
        self.ended = int(case["ended"]) if case["ended"] >= 0 else 1 << 31
        self.first = self.level = self._move("at_report")

    def passes(self, row: Row) -> None:
        """Time passes up to a row, which may move it."""
        moment = _moment(row)
        if row["left"] < 0 or moment > self.ended:
            return
        months = (moment - self.now) / (DAYS_A_MONTH * MINUTES_A_DAY)
        if months > 0:
            self._to(self.level + months * self._move("per_month"))
            self.now = moment
        if row["activity"] in DUTIES:
            self._to(self.level + self._move(_contact(row)))
        elif row["activity"] in HEARINGS and row["result"] in _IN_VAIN:
            self._to(self.level + self._move("adjournment"))

    def _to(self, level: float) -> None:
        self.level = min(max(level, 0.0), 1.0)

    def _move(self, word: EngagementMove) -> float:
        day = self.epoch + dt.timedelta(days=self.now // MINUTES_A_DAY)
        return number_on(self.model.engagement[word], day, "", "")


def _contact(row: Row) -> EngagementMove:
    if row["activity"] in _CALLS:
        return "chasing_call"
    if row["activity"] == "support_given" and row["result"] != "missed":
        return "support_given"
    return _MADE[row["result"]]


def _moment(row: Row) -> int:
    return int(row["left"] if row["left"] >= 0 else row["entered"])


def _told(row: Row, case: Row, felt: _Engagement) -> Iterator[str]:
    """What the victim would say of a row, if anything."""
    what, engagement = row["activity"], f"Engagement {felt.level:.2f}."
    name = what.replace("_", " ").capitalize()
    if what in _CALLS:
        yield f"Rang in, having heard nothing. {engagement}"
    elif what in DUTIES:
        due = f"due by {_when(row['due'], felt.epoch)[:-6]}"
        if row["left"] < 0:
            yield f"{name}, {due}: still owed."
            return
        duty = felt.model.duties[what]
        channel = channel_of_contact(duty.channels, case["contact_channel"], row["place"])
        how = "" if row["result"] == "missed" else f" {_SPOKEN[channel]}"
        yield f"{name}{how}, {due}: {_SPOKEN[row['result']]}. {engagement}"
    elif what in HEARINGS and row["result"] in _IN_VAIN and row["left"] >= 0:
        yield f"{name} came to nothing ({row['result'].replace('_', ' ')}). {engagement}"
    elif what == "witness_attendance":
        waited = (row["started"] if row["started"] >= 0 else row["left"]) - row["due"]
        at_court = f", {waited} min waiting at court" if row["minutes"] else ""
        yield f"A witness {_SPOKEN[row['result']]}{at_court}."
    elif what == "victim_withdrawal":
        yield f"Withdrew support, {row['result'].replace('_', ' ')}."


def _when(minute: int, epoch: dt.date) -> str:
    moment = dt.datetime.combine(epoch, dt.time()) + dt.timedelta(minutes=int(minute))
    return f"{moment:%a} {moment.day:>2} {moment:%b %Y %H:%M}"
