"""The few verbs that the journey may use of a case.

A case can `work`, `wait`, `appear`, `decide`, `choose`, `tell` and `end`; `fix` gives it a date in
a court's diary. Every verb writes its row of the event log; none computes a measure or a cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cjsim.case.activities import Activities, Ended, NextStep, ProcessStep, Steps
from cjsim.case.custody import CustodyStatus
from cjsim.case.victim_contact import Contact, ContactTask, self_serve
from cjsim.des.environment import ENDED
from cjsim.des.event_log import (
    ACTIVITY_CODE,
    AGENCY_CODE,
    NEVER,
    REASON_CODE,
    RESULT_CODE,
    case_row,
)
from cjsim.des.random_streams import DrawBlock, OwnDraws
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import (
    MARK_AGENCY,
    Advocates,
    CourtList,
    Duty,
    Hearing,
    Mark,
    Outcome,
    Plea,
    Reason,
    Result,
    WayIn,
)
from cjsim.errors import CannotRun
from cjsim.listing.diary import Heard, Listing

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation

__all__ = ["Case", "Ended", "Heard", "NextStep", "ProcessStep", "Steps"]

_VACATED = ACTIVITY_CODE["vacated_trial"]
_RELISTED = ACTIVITY_CODE["relisted"]
_COURT_RELISTED = REASON_CODE["court_relisted"]
_FAR_AWAY = 1 << 30
_MARK_AGENCY_CODE = {mark: AGENCY_CODE[agency] for mark, agency in MARK_AGENCY.items()}


class Case(Activities):
    """A defendant-case: one suspect in one matter, from arrest or summons to disposal."""

    __slots__ = ("contact", "held")

    def __init__(
        self,
        simulation: Simulation,
        number: int,
        way_in: WayIn,
        group: int,
        area: int,
        columns: DrawBlock | OwnDraws,
    ) -> None:
        """`group` and `area` are places in OFFENCE_GROUPS and the model's divisions."""
        super().__init__(simulation, number, way_in, group, area, columns)
        self.held = CustodyStatus(self)
        self.contact = Contact(self)

    @property
    def victim_engagement(self) -> float:
        """How far the victim is with the prosecution, 0 to 1."""
        return self.contact.engagement()

    # --- courts --------------------------------------------------------------------------

    def wait_until_shortly_before(self, listing: Listing) -> Steps[bool]:
        """Until a hearing can only just be vacated; False if preparation ran on past its day.

        The time is spent under the listing's own row. A court that brings the hearing forward
        wakes the case the sooner (`was_moved`); one that puts it back lets it sleep on.
        """
        env = self.simulation.env
        while (delay := self.shortly_before(listing) - env.minute) > 0 and not listing.called:
            listing.near = env.event()
            env.after(delay, listing.near.happen)
            yield listing.near
        listing.near = None
        return not listing.called

    def fix(
        self,
        word: Hearing,
        on: CourtList,
        goes: Callable[[Case], Heard],
        kind: str = "",
        if_moved: Callable[[Case, Listing], object] | None = None,
    ) -> Listing:
        """A date in a court's diary, with the notice that the hearing needs on that list.

        `if_moved` is what the case does if the court gives it another date.
        """
        simulation = self.simulation
        hearing = simulation.hearings[word]
        occurrence = self.count(hearing.activity)
        if occurrence >= simulation.limits["most_hearings_of_one_kind"]:
            raise CannotRun(
                f"case {self.number} has been listed {occurrence} times for {word}: "
                "some chance of an adjournment in the model is too near to 1"
            )
        now = simulation.env.minute
        # Notice runs to the morning of a day: a hearing "in 7 days" can be on the 7th day at 10:00.
        notice = hearing.notice_again if occurrence else hearing.notice
        not_before = (now + notice[on][self.area_index]) // MINUTES_A_DAY * MINUTES_A_DAY
        return simulation.diaries[on][self.area_index].fix(
            self,
            word,
            occurrence,
            goes,
            not_before,
            hearing.estimate[self.area_index][self.group_index],
            kind,
            if_moved,
        )

    def fix_before(
        self, trial: Listing, word: Hearing, on: CourtList, goes: Callable[[Case], Heard]
    ) -> Listing | None:
        """A date before the day of a trial, or none where the court has no time for it by then."""
        hearing = self.fix(word, on, goes)
        if hearing.day < trial.day:
            return hearing
        hearing.diary.vacate(hearing)
        return None

    def has_advocate(self, side: Advocates, word: Hearing) -> bool:
        """Whether an advocate of a side can take the hearing today; its estimate is then taken."""
        simulation = self.simulation
        minutes = simulation.hearings[word].estimate[self.area_index][self.group_index]
        return simulation.advocates[side][self.area_index].engage(
            simulation.env.minute // MINUTES_A_DAY, minutes
        )

    def shortly_before(self, listing: Listing) -> int:
        """The minute from which a hearing can only just be vacated."""
        return listing.start - self._last_look()

    def move_up(self, listing: Listing) -> Listing:
        """Into the first session that leaves time for a last look, however full."""
        listing.diary.move_up(listing, self.simulation.env.minute + self._last_look())
        return listing

    def next_day_of(self, on: CourtList) -> int:
        """The next day, counted from the model's first, on which a list is called."""
        diary = self.simulation.diaries[on][self.area_index]
        return diary.sessions.starts[diary.next_sitting()] // MINUTES_A_DAY

    def _last_look(self) -> int:
        return round(self.simulation.limits["last_look_before_trial_days"] * MINUTES_A_DAY)

    def appear(self, listing: Listing) -> Steps[None]:
        """Wait for the day and the hearing's end; `listing` then says how it went."""
        env = self.simulation.env
        if not listing.called or listing.left < 0:
            listing.over = env.event()
            yield listing.over
        elif listing.left > env.minute:
            yield listing.left - env.minute

    def minutes_needed(self, listing: Listing) -> int:
        """Courtroom minutes of a hearing, from its result and the case's own luck."""
        hearing = self.simulation.hearings[listing.hearing]
        result = listing.result if listing.result in hearing.laws else "default"
        length = hearing.laws[result][self.area_index].of(self.draw(hearing.point))
        return max(1, round(length * hearing.factors[result][self.group_index]))

    def was_heard(self, listing: Listing) -> None:
        """Write the hearing's row and count it; an adjournment wears on the victim."""
        simulation = self.simulation
        hearing = simulation.hearings[listing.hearing]
        simulation.log.row(
            self.number,
            hearing.activity,
            listing.occurrence,
            hearing.agency,
            listing.diary.place_of(listing),
            listing.entered,
            listing.start,
            listing.started,
            listing.left,
            listing.minutes,
            listing.planned,
            RESULT_CODE[listing.result],
            REASON_CODE[listing.reason],
        )
        if self.remanded and not self.by_video:
            self._produced(listing)
        self.hearings += 1
        self.kept_for_court = False
        if self.first_listed < 0:
            self.first_listed = listing.start
        if listing.result in ("adjourned", "ineffective", "warrant_issued"):
            self.adjournments += 1
            self.contact.move(simulation.engagement["adjournment"])
            if listing.result == "ineffective":
                self.earlier_ineffective_trial = True

    def _produced(self, listing: Listing) -> None:
        """Brought to court from prison and back, on each day of the hearing."""
        result: Result = "missed" if listing.reason == "defendant_not_produced" else "done"
        session = listing.diary.sessions.minutes[listing.sitting]
        for _ in range(max(1, -(-listing.minutes // session))):
            self.note("production_at_court", result)

    def was_moved(self, listing: Listing, given_up: int) -> None:
        """The court has given the hearing another date: a row in the log, and the victim is told.

        A later date wears on the victim as an adjournment does.
        """
        if listing.if_moved is not None:
            listing.if_moved(self, listing)
        if listing.start == given_up:
            return
        simulation = self.simulation
        now = simulation.env.minute
        put_back = listing.start > given_up
        simulation.log.row(
            self.number,
            _RELISTED,
            self.count(_RELISTED),
            simulation.hearings[listing.hearing].agency,
            0,
            now,
            given_up,
            now,
            now,
            0.0,
            0.0,
            RESULT_CODE["put_back" if put_back else "brought_forward"],
            _COURT_RELISTED,
        )
        if put_back:
            self.contact.level += simulation.engagement["adjournment"]
        asleep = listing.near
        if asleep is not None and not put_back:
            wakes = max(0, self.shortly_before(listing) - now)
            listing.near = simulation.env.event()
            asleep.hand_over(listing.near)
            simulation.env.after(wakes, listing.near.happen)
        self.tell("change_of_date")

    def takes_earlier_date(self, chance: float) -> bool:
        """Whether everybody in the case can come to a freed slot that it is offered."""
        return self.draw(self.simulation.earlier_date) < chance

    def last_day_in_custody(self) -> int:
        """The day by which a trial in custody must start; far away for whoever is at large."""
        limit = self.held.time_limit
        return limit.last_day() if self.remanded and limit is not None else _FAR_AWAY

    def vacate(self, listing: Listing, reason: Reason) -> None:
        """Taken out of the list before the day."""
        listing.diary.vacate(listing)
        listing.result, listing.reason = "vacated", reason
        simulation = self.simulation
        now = simulation.env.minute
        hearing = simulation.hearings[listing.hearing]
        code = REASON_CODE[reason]
        simulation.log.row(
            self.number,
            hearing.activity,
            listing.occurrence,
            hearing.agency,
            listing.diary.place_of(listing),
            listing.entered,
            listing.start,
            NEVER,
            now,
            0.0,
            listing.planned,
            RESULT_CODE["vacated"],
            code,
        )
        simulation.log.row(
            self.number,
            _VACATED,
            listing.occurrence,
            hearing.agency,
            0,
            now,
            listing.start,
            now,
            now,
            0.0,
            0.0,
            RESULT_CODE["vacated"],
            code,
        )
        self.contact.move(simulation.engagement["adjournment"])

    def charged(self, by: Result) -> None:
        """Charged, or summonsed."""
        self.charged_at = self.simulation.env.minute
        self.charged_by = by
        self.note("charge", by)

    def pleads(self, plea: Plea, when: str) -> None:
        """Enter a plea: at the first hearing, the plea hearing, before or at trial."""
        self.plea = plea
        self.plea_when = when
        if self.received_crown < 0:
            self.magistrates_plea = self.magistrates_plea or plea
        else:
            self.crown_plea = self.crown_plea or plea
        if plea == "not_guilty":
            self.not_guilty_pleaded = True
            if self.first_not_guilty < 0:
                self.first_not_guilty = self.simulation.env.minute

    def received_by_crown_court(self, way: str) -> None:
        """Sent for trial, for sentence, or on appeal: the magistrates are done with it."""
        now = self.simulation.env.minute
        self.received_crown = now
        self.crown_way = way
        if self.magistrates_completed < 0:
            self.magistrates_completed = now

    # --- victims -------------------------------------------------------------------------

    def tell(self, word: Duty, then: Callable[[Case], None] | None = None) -> None:
        """Owe a contact; somebody finds time for it, in time or late, while the case goes on.

        A user of the case tracker looks it up, if the tracker can show it. `then` follows once the
        contact has been made.
        """
        duty = self.simulation.duties[word]
        if self.uses_case_tracker and duty.self_service:
            self_serve(self, duty)
            if then is not None:
                then(self)
        elif self.has_victim or (duty.owed_to_witnesses and self.civilian_witnesses):
            ContactTask(self, duty, then=then)

    # --- ends ----------------------------------------------------------------------------

    def note(self, word: Mark, result: Result) -> None:
        """A moment without length that measures count."""
        now = self.simulation.env.minute
        activity = ACTIVITY_CODE[word]
        occurrence = self.count(activity)
        self.simulation.log.row(
            self.number,
            activity,
            occurrence,
            _MARK_AGENCY_CODE[word],
            0,
            now,
            NEVER,
            now,
            now,
            0.0,
            0.0,
            RESULT_CODE[result],
            0,
        )

    def end(self, outcome: Outcome) -> Ended:
        """Disposed of: the case leaves the system. What it gives, the last step returns."""
        now = self.simulation.env.minute
        self.held.leave_cell()
        self.held.leave_bail()
        self.held.leave_prison()
        self.ended_at = now
        self.outcome = outcome
        if self.first_listed >= 0 and self.magistrates_completed < 0:
            self.magistrates_completed = now
        self.note("disposal", outcome)
        if self.simulation.population.after_disposal is not None:
            self.simulation.population.after_disposal(self)
        del self.simulation.population.open_cases[self.number]
        self.simulation.log.case(case_row(self))
        # Both point back at the case, and the garbage collector is off while a run goes on.
        del self.held, self.contact
        return ENDED

    def write_open_rows(self) -> None:
        """At the end of a run: where the case stands, as rows that nobody has left yet."""
        log = self.simulation.log
        if self.doing is not None:
            activity, occurrence, agency, place, entered, _ = self.doing
            log.row(
                self.number,
                activity,
                occurrence,
                agency,
                place,
                entered,
                NEVER,
                self._started,
                NEVER,
                0.0,
                0.0,
                0,
                0,
            )
        self.held.write_open_rows()
        log.case(case_row(self))
