"""The few verbs that the journey may use of a case.

A case can `work`, `wait`, `appear`, `decide`, `choose`, `tell` and `end`; `fix` gives it a date in
a court's diary. Every verb writes its row of the event log; none computes a measure or a cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

from cjsim.case.activities import Activities, Ended, NextStep, ProcessStep, Steps
from cjsim.case.victim_contact import Contact, ContactTask, self_serve
from cjsim.des.engine import has_twins
from cjsim.des.environment import ENDED
from cjsim.des.event_log import NEVER
from cjsim.des.random_streams import DrawBlock, OwnDraws
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.errors import CannotRun
from cjsim.listing.diary import Heard, Listing
from cjsim.listing.joint_hearing import JointHearing

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation

__all__ = ["Case", "Ended", "Heard", "NextStep", "ProcessStep", "Steps"]

FAR_AWAY: Final = 1 << 30
"""A day that no simulation reaches."""


@has_twins("case.cpp")
class Case(Activities):
    """A defendant-case: one suspect in one matter, from arrest or summons to disposal."""

    __slots__ = ("contact",)

    def __init__(
        self,
        simulation: Simulation,
        number: int,
        way_in: str,
        group: int,
        area: int,
        columns: DrawBlock | OwnDraws,
    ) -> None:
        """`group` and `area` are indices into the offence groups and the model's divisions."""
        super().__init__(simulation, number, way_in, group, area, columns)
        self.contact = Contact(self)

    def last_day_in_custody(self) -> int:
        """The day by which a trial in custody must start; far away without such a limit."""
        return FAR_AWAY

    def trial_is_over(self) -> bool:
        """Whether the trial that was fixed last has been called and needs no other date."""
        return False

    def chasing_duty(self) -> str:
        """The contact that a victim asks for who has not been told anything for long."""
        raise NotImplementedError

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
        word: str,
        on: str,
        goes: Callable[[Self], Heard],
        kind: str = "",
        if_moved: Callable[[Self, Listing], object] | None = None,
        beside: Listing | None = None,
    ) -> Listing:
        """A date in a court's diary, with the notice that the hearing needs on that list.

        `if_moved` is what the case does if the court gives it another date. It gets the session
        of another case's hearing on that list which it is to stand `beside`, however full that is.
        """
        occurrence, not_before = self._next_date(word, on)
        venues = self.simulation.venues[on][self.area_index]
        estimate = self.estimated_minutes(word)
        if beside is not None:
            return beside.diary.fix(
                self,
                word,
                occurrence,
                goes,
                not_before,
                estimate,
                kind,
                if_moved,
                beside.sitting,
            )
        return venues.fix(self, word, occurrence, goes, not_before, estimate, kind, if_moved)

    def fix_together(self, joint: JointHearing, word: str, on: str, kind: str = "") -> Listing:
        """The case's part of a hearing that it has together with others.

        The first case fixes the date, as for itself alone; every other one joins it.
        """
        occurrence, not_before = self._next_date(word, on)
        now = self.simulation.env.minute
        if not joint.parts:
            venues = self.simulation.venues[on][self.area_index]
            estimate = self.estimated_minutes(word)
            slot = venues.fix(self, word, occurrence, joint.goes, not_before, estimate, kind)
            slot.matter = joint
            joint.stands_in(slot)
        slot = joint.slot
        part = Listing(
            slot.diary,
            self,
            word,
            occurrence,
            now,
            slot.sitting,
            slot.start,
            0,
            kind,
            slot.carried_until,
            slot.goes,
            not_before,
        )
        joint.join(part)
        return part

    def earliest_date(self, word: str, on: str) -> int:
        """The first minute of the day from which a hearing can be listed again, with its notice."""
        simulation = self.simulation
        notice = simulation.hearings[word].notice_again[on][self.area_index]
        return (simulation.env.minute + notice) // MINUTES_A_DAY * MINUTES_A_DAY

    def _next_date(self, word: str, on: str) -> tuple[int, int]:
        """How often a hearing has been listed, and the minute from which it can be listed now."""
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
        return occurrence, (now + notice[on][self.area_index]) // MINUTES_A_DAY * MINUTES_A_DAY

    def usual_wait_weeks(self, word: str, on: str) -> float:
        """The weeks that a hearing fixed today is likely to wait: its notice and the usual wait."""
        notice = self.simulation.hearings[word].notice[on][self.area_index]
        beyond = self.simulation.venues[on][self.area_index].usual_wait()
        return (notice + beyond) / (7 * MINUTES_A_DAY)

    def estimated_minutes(self, word: str) -> int:
        """The time that a hearing is booked for, as the case stands."""
        hearing = self.simulation.hearings[word]
        estimate = hearing.estimate[self.area_index][self.group_index]
        factors = hearing.estimate_factors[self.area_index]
        return round(estimate * self._factor(factors)) if factors else estimate

    def _factor(self, factors: list[tuple[str, float, float]]) -> float:
        """The product of the factors of the case's facts; one that holds or not is 1 or 0."""
        product = 1.0
        for fact, factor, reference in factors:
            product *= factor ** (getattr(self, fact) - reference)
        return product

    def fix_before(
        self, trial: Listing, word: str, on: str, goes: Callable[[Self], Heard]
    ) -> Listing | None:
        """A date before the day of a trial, or none where the court has no time for it by then."""
        hearing = self.fix(word, on, goes)
        if hearing.day < trial.day:
            return hearing
        hearing.diary.vacate(hearing)
        return None

    def has_advocate(self, side: str, word: str) -> bool:
        """Whether an advocate of a side can take the hearing today; its estimate is then taken.

        The advocate booked for the case may stay away for the week. Nobody replaces them.
        """
        simulation = self.simulation
        advocates = simulation.advocates[side][self.area_index]
        day = simulation.env.minute // MINUTES_A_DAY
        if advocates.absent_by_case:
            point = simulation.absent_advocate[side]
            draw = simulation.random_streams.draw_of_day(point, self.number, day // 7)
            if draw < advocates.absent_by_case:
                return False
        return advocates.engage(day, self.estimated_minutes(word))

    def shortly_before(self, listing: Listing) -> int:
        """The minute at which a hearing is vacated, if it is."""
        if listing.last_look < 0:
            listing.last_look = self._vacated_before(listing)
        return listing.start - listing.last_look

    def last_look_at(self, listing: Listing) -> int:
        """The minute from which a hearing can only just be vacated."""
        return listing.start - self._last_look()

    def move_up(self, listing: Listing) -> Listing:
        """Into the first session that leaves time for a last look, however full."""
        not_before = self.simulation.env.minute + self._last_look()
        if listing.joint is not None:
            listing.joint.move_up(not_before)
        else:
            listing.diary.move_up(listing, not_before)
        return listing

    def next_day_of(self, on: str) -> int:
        """The next day, counted from the model's first, on which a list is called."""
        return self.simulation.venues[on][self.area_index].next_start() // MINUTES_A_DAY

    def _vacated_before(self, listing: Listing) -> int:
        hearing = self.simulation.hearings[listing.hearing]
        if not hearing.vacated_before:
            return self._last_look()
        length = hearing.vacated_before[self.area_index]
        return max(self._last_look(), round(length.of(self.draw(hearing.vacated_point))))

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
        """Courtroom minutes of a hearing, from its result and the case's random draw."""
        hearing = self.simulation.hearings[listing.hearing]
        result = listing.result if listing.result in hearing.laws else "default"
        length = hearing.laws[result][self.area_index].of(self.draw(hearing.point))
        length *= hearing.factors[result][self.group_index]
        if listing.result not in self.simulation.vocabulary.cut_short_results:
            length *= self._factor(hearing.length_factors[self.area_index])
            for fact, minutes in hearing.added:
                length += minutes * getattr(self, fact)
        return max(1, round(length))

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
            simulation.codes.result[listing.result],
            simulation.codes.reason[listing.reason],
        )
        self.after_hearing(listing)
        self.hearings += 1
        if self.first_listed < 0:
            self.first_listed = listing.start
        if listing.result in simulation.vocabulary.adjourned_results:
            self.adjournments += 1
            self.contact.move(simulation.engagement["adjournment"])

    def after_hearing(self, listing: Listing) -> None:
        """What else a hearing means to a case in its jurisdiction: nothing, unless it says so."""

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
        relisted = simulation.codes.activity["relisted"]
        simulation.log.row(
            self.number,
            relisted,
            self.count(relisted),
            simulation.hearings[listing.hearing].agency,
            0,
            now,
            given_up,
            now,
            now,
            0.0,
            0.0,
            simulation.codes.result["put_back" if put_back else "brought_forward"],
            simulation.codes.reason["court_relisted"],
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

    def goes_elsewhere(self) -> None:
        """The hearing goes to another courthouse on the same date: the victim is told."""
        self.tell("change_of_date")

    def takes_earlier_date(self, chance: float) -> bool:
        """Whether everybody in the case can come to a freed slot that it is offered."""
        return self.draw(self.simulation.earlier_date) < chance

    def can_come_on(self, day: int, chance: float) -> bool:
        """Whether the parties and the witnesses can come on a day: each case has its own days."""
        simulation = self.simulation
        draw = simulation.random_streams.draw_of_day(simulation.date_suits, self.number, day)
        return draw < chance

    def vacate(self, listing: Listing, reason: str, put_off_to: int = NEVER) -> None:
        """Taken out of the list before the day.

        A hearing that others have together with the case goes on without it on the same date, or,
        given `put_off_to`, gets another date from that minute on.
        """
        goes_on = False
        if listing.joint is None:
            listing.diary.vacate(listing)
        elif put_off_to >= 0:
            listing.joint.put_off(listing, put_off_to)
        else:
            goes_on = listing.joint.leave(listing)
        listing.result, listing.reason = "vacated", reason
        simulation = self.simulation
        now = simulation.env.minute
        hearing = simulation.hearings[listing.hearing]
        code = simulation.codes.reason[reason]
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
            simulation.codes.result["vacated"],
            code,
        )
        if not goes_on:
            simulation.log.row(
                self.number,
                simulation.codes.activity["vacated_trial"],
                listing.occurrence,
                hearing.agency,
                0,
                now,
                listing.start,
                now,
                now,
                0.0,
                0.0,
                simulation.codes.result["vacated"],
                code,
            )
        self.contact.move(simulation.engagement["adjournment"])

    # --- victims -------------------------------------------------------------------------

    def tell(self, word: str, then: Callable[[Self], None] | None = None) -> None:
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

    def note(self, word: str, result: str) -> None:
        """A moment without length that measures count."""
        simulation = self.simulation
        now = simulation.env.minute
        activity = simulation.codes.activity[word]
        occurrence = self.count(activity)
        simulation.log.row(
            self.number,
            activity,
            occurrence,
            simulation.codes.agency[simulation.vocabulary.mark_agency[word]],
            0,
            now,
            NEVER,
            now,
            now,
            0.0,
            0.0,
            simulation.codes.result[result],
            0,
        )

    def end(self, outcome: str) -> Ended:
        """Disposed of: the case leaves the system. What it gives, the last step returns."""
        now = self.simulation.env.minute
        self.before_end()
        self.ended_at = now
        self.outcome = outcome
        self.note("disposal", outcome)
        if self.simulation.population.after_disposal is not None:
            self.simulation.population.after_disposal(self)
        del self.simulation.population.open_cases[self.number]
        self.write_case_row()
        self.let_go()
        return ENDED

    def before_end(self) -> None:
        """What has to be over before a case ends: nothing, unless the jurisdiction says so."""

    def let_go(self) -> None:
        """Drop what points back at the case: the garbage collector is off while a run goes on."""
        del self.contact

    def write_open_rows(self) -> None:
        """At the end of a run: where the case stands, as rows that nobody has left yet."""
        self.write_row_in_hand()
        self.write_case_row()

    def write_stay(self, word: str, since: int, until: int) -> None:
        """The row of a stay, such as in prison, that goes on beside the steps of the case.

        `until` is -1 for a stay that is not over at the end of the run.
        """
        simulation = self.simulation
        stage = simulation.stages[word]
        simulation.log.row(
            self.number,
            stage.activity,
            self.count(stage.activity),
            stage.agency,
            0,
            since,
            NEVER,
            since,
            until,
            0.0,
            0.0,
            simulation.codes.done if until >= 0 else 0,
            0,
        )

    def write_row_in_hand(self) -> None:
        """The row of the work or wait that is going on, if any."""
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

    def write_case_row(self) -> None:
        """The row of the case in the case table."""
        log = self.simulation.log
        log.case(log.case_row(self))
