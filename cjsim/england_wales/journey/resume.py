"""Declare where a case that is open on the first day of a run goes on.

A case that is already on its way needs no journey of its own: it enters at the step where it
stands. Each step says so itself, with one of three decorators:

- `working`: in a queue for some work, or in the middle of it; the work is done from its beginning;
- `waiting`: in a wait that nobody works on; what is left of it passes first;
- `listed`: with a date in a court's diary, which it keeps. While it waits for the day some work may
  still have to be done, and a shorter hearing may come before, which gets a new date.

The first argument of each is the word that a table of open cases has for the place. `hearing`
stands on the function that says how a hearing goes, and says on which list it is heard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeVar

from cjsim.england_wales.case import Case, Heard, NextStep
from cjsim.england_wales.vocabulary import CourtList, Hearing, Stage, Standing
from cjsim.listing.diary import Listing

_Step = TypeVar("_Step", bound=Callable[[Case], NextStep])
_ListedStep = TypeVar("_ListedStep", bound=Callable[[Case, Listing], NextStep])
_Goes = TypeVar("_Goes", bound=Callable[[Case], Heard])


class Date(NamedTuple):
    """The hearing that a case is listed for: on which list, how it goes, listed as which kind.

    `if_moved` is what the case does if the court gives it another date.
    """

    hearing: Hearing
    on: CourtList | Callable[[Case], CourtList]
    goes: Callable[[Case], Heard]
    kind: Literal["crown_listing"] | None = None
    if_moved: Callable[[Case, Listing], object] | None = None

    def list_for(self, case: Case) -> CourtList:
        """The list that this case is on."""
        return self.on if isinstance(self.on, str) else self.on(case)

    def fix(self, case: Case, kind: str) -> Listing:
        """A new date, as anybody gets one."""
        return case.fix(self.hearing, self.list_for(case), self.goes, kind, self.if_moved)


class Working(NamedTuple):
    """Some work is queued for, or in hand."""

    goes_on: Callable[[Case], NextStep]
    stages: tuple[Stage, ...]
    in_custody: bool = False


class Waiting(NamedTuple):
    """Time passes that nobody works on; then the case goes on."""

    goes_on: Callable[[Case], NextStep]
    stage: Stage


class Listed(NamedTuple):
    """A date is fixed; `stages` are to do before it, `before` is a hearing that comes first.

    A trial that is `near` can no longer be taken out of the list.
    """

    goes_on: Callable[[Case, Listing], NextStep]
    hearing: Hearing
    stages: tuple[Stage, ...] = ()
    before: Hearing | None = None
    near: bool = False

    @property
    def date(self) -> Date:
        """The hearing that the case is listed for."""
        return DATES[self.hearing]


Step = Working | Waiting | Listed

DECLARED: dict[Standing, Step] = {}
"""The step of each place where a case can stand, as the modules of the journey declare them."""

DATES: dict[Hearing, Date] = {}
"""How each hearing that a case can be listed for is heard."""


def working(
    standing: Standing, *stages: Stage, in_custody: bool = False
) -> Callable[[_Step], _Step]:
    """A case at this place waits for some work, or is in the middle of it."""

    def declare(step: _Step) -> _Step:
        DECLARED[standing] = Working(step, stages, in_custody)
        return step

    return declare


def waiting(standing: Standing, stage: Stage) -> Callable[[_Step], _Step]:
    """A case at this place waits for time to pass."""

    def declare(step: _Step) -> _Step:
        DECLARED[standing] = Waiting(step, stage)
        return step

    return declare


def listed(
    standing: Standing,
    word: Hearing,
    *stages: Stage,
    before: Hearing | None = None,
    near: bool = False,
) -> Callable[[_ListedStep], _ListedStep]:
    """A case at this place is listed for a hearing."""

    def declare(step: _ListedStep) -> _ListedStep:
        DECLARED[standing] = Listed(step, word, stages, before, near)
        return step

    return declare


def hearing(
    *words: Hearing,
    on: CourtList | Callable[[Case], CourtList],
    kind: Literal["crown_listing"] | None = None,
    if_moved: Callable[[Case, Listing], object] | None = None,
) -> Callable[[_Goes], _Goes]:
    """The function says how these hearings go, and `on` on which list they are heard."""

    def declare(goes: _Goes) -> _Goes:
        for word in words:
            DATES[word] = Date(word, on, goes, kind, if_moved)
        return goes

    return declare
