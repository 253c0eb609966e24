"""Work on a case, and time that passes: each writes its row of the event log when it is over."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cjsim.case.attributes import Attributes
from cjsim.des.engine import has_twins
from cjsim.des.environment import Ended, Event, NextStep, ProcessStep
from cjsim.des.event_log import NEVER
from cjsim.des.random_streams import DrawBlock, OwnDraws

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation

_Answer = TypeVar("_Answer")
Steps = Generator[Event | int, Any, _Answer]
"""A step of the journey: it hands over minutes that pass or a signal, and may give an answer."""
__all__ = ["Activities", "Ended", "NextStep", "ProcessStep", "Steps"]


@has_twins("activities.cpp")
class Activities(Attributes):
    """What can be done on a case, and for how long it may have to wait."""

    __slots__ = ("_started", "doing")

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
        self.doing: tuple[int, int, int, int, int, int] | None = None
        """The row of what is going on now, as far as it is known."""
        self._started = NEVER

    def work(self, word: str, area: int | None = None) -> Steps[None]:
        """Queue for the stage's staff, take the time it takes. People in the cells go first.

        `area` is the place of the division whose staff do it, if not the case's own.
        """
        simulation = self.simulation
        env = simulation.env
        stage = simulation.stages[word]
        pool = stage.pools[self.area_index if area is None else area]
        entered = env.minute
        occurrence = self.times[stage.point]
        minutes = stage.minutes(self.area_index, self.group_index, self.draw(stage.point))
        self.doing = (stage.activity, occurrence, stage.agency, pool.place, entered, NEVER)
        self._started = NEVER
        turn = pool.request(0 if self.in_custody else 1)
        if turn is not None:
            yield turn
        now = env.minute
        hours = pool.hours
        if hours is None:
            start, end = now, now + minutes
        else:
            start, end = hours.span(now, minutes)
        self._started = start
        if end > now:
            yield end - now
        pool.release()
        self.doing = None
        simulation.log.row(
            self.number,
            stage.activity,
            occurrence,
            stage.agency,
            pool.place,
            entered,
            NEVER,
            start,
            end,
            minutes,
            0.0,
            simulation.codes.done,
            0,
        )

    def work_before(self, word: str, until: int, area: int | None = None) -> Steps[bool]:
        """Work on somebody in a cell, if it can be finished by minute `until`; False if not.

        Nothing is begun that cannot be: the queue is left when the minute comes, or the turn given
        up when it comes too late. `area` is the place of the division whose staff do it.
        """
        simulation = self.simulation
        env = simulation.env
        stage = simulation.stages[word]
        pool = stage.pools[self.area_index if area is None else area]
        entered = env.minute
        occurrence = self.times[stage.point]
        minutes = stage.minutes(self.area_index, self.group_index, self.draw(stage.point))
        self.doing = (stage.activity, occurrence, stage.agency, pool.place, entered, NEVER)
        self._started = NEVER
        in_time = yield from pool.request_before(until)
        if in_time:
            now = env.minute
            hours = pool.hours
            start, end = (now, now + minutes) if hours is None else hours.span(now, minutes)
            in_time = end <= until
            if in_time:
                self._started = start
                if end > now:
                    yield end - now
            pool.release()
        self.doing = None
        if in_time:
            simulation.log.row(
                self.number,
                stage.activity,
                occurrence,
                stage.agency,
                pool.place,
                entered,
                NEVER,
                start,
                end,
                minutes,
                0.0,
                simulation.codes.done,
                0,
            )
        else:
            simulation.log.row(
                self.number,
                stage.activity,
                occurrence,
                stage.agency,
                pool.place,
                entered,
                NEVER,
                NEVER,
                env.minute,
                0.0,
                0.0,
                simulation.codes.limit_reached,
                0,
            )
        return in_time

    def wait(self, word: str, until: int | None = None, rest: int | None = None) -> Steps[bool]:
        """Let time pass that nobody works on; False if it was cut short at minute `until`.

        `rest` is how many minutes it lasts where that is known: until a date that is set, or what
        is left of a wait that had begun before the run did.
        """
        simulation = self.simulation
        env = simulation.env
        stage = simulation.stages[word]
        entered = env.minute
        occurrence = self.times[stage.point]
        if rest is None:
            rest = stage.minutes(self.area_index, self.group_index, self.draw(stage.point))
        else:
            self.times[stage.point] += 1
        left = entered + rest
        within = until is None or left <= until
        if not within:
            left = max(entered, cast("int", until))
        if left > entered:
            self.doing = (stage.activity, occurrence, stage.agency, 0, entered, left)
            self._started = entered
            yield left - entered
            self.doing = None
        simulation.log.row(
            self.number,
            stage.activity,
            occurrence,
            stage.agency,
            0,
            entered,
            NEVER,
            entered,
            left,
            0.0,
            0.0,
            simulation.codes.done if within else simulation.codes.limit_reached,
            0,
        )
        return within

    def wait_for(self, word: str, happens: Event) -> Steps[None]:
        """Let time pass until something happens: what a stage calls the wait, but not its length.

        Whoever takes the case up again in another run, where nothing else may happen, goes on at
        once.
        """
        simulation = self.simulation
        env = simulation.env
        stage = simulation.stages[word]
        entered = env.minute
        occurrence = self.times[stage.point]
        self.times[stage.point] += 1
        self.doing = (stage.activity, occurrence, stage.agency, 0, entered, entered)
        self._started = entered
        yield happens
        self.doing = None
        simulation.log.row(
            self.number,
            stage.activity,
            occurrence,
            stage.agency,
            0,
            entered,
            NEVER,
            entered,
            env.minute,
            0.0,
            0.0,
            simulation.codes.done,
            0,
        )
