"""The advocates at court: how many of a side come on a day, and what is left of their day.

Whoever is called first is represented first. A hearing takes its estimate; a trial of several days
keeps its advocate for each of them, so that fewer are free on its later days. Where not enough time
is left for a hearing, nobody comes for it that day.
"""

from __future__ import annotations

from cjsim.des.working_time import Calendar


class AdvocatesAtCourt:
    """One side's advocates in one court and division."""

    __slots__ = ("_calendar", "_day", "_taken", "absent_by_case", "minutes")

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._taken: dict[int, int] = {}
        self._day = 1
        self.absent_by_case = 0.0
        """The chance that the advocate booked for a case stays away, case by case."""
        self.minutes = 0.0
        """What all of them together have on a day."""

    def resize(self, advocates: float, minutes_a_day: int) -> None:
        """From now on so many come on a day, each for so many minutes."""
        self._day = max(1, minutes_a_day)
        self.minutes = advocates * self._day

    def taken(self, day: int) -> int:
        """The minutes of a day that are taken so far."""
        return self._taken.get(day, 0)

    def engage(self, day: int, minutes: int) -> bool:
        """Take an advocate for a hearing of some minutes that begins on a day, if one is left."""
        today = min(minutes, self._day)
        if self.taken(day) + today > self.minutes:
            return False
        for one in self._calendar.working_days_from(day, -(-minutes // self._day)):
            self._taken[one] = self.taken(one) + min(minutes, self._day)
            minutes -= self._day
        return True
