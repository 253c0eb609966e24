"""Those who are arrested again: a case that has ended may lead to another.

A returning case is of the same person: the same offence group, division and age. Its number is that
of the case before it and GENERATION more, so that it depends on nothing that happens meanwhile, and
its luck is its own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cjsim.case.case import Case
from cjsim.des.environment import Journey, along
from cjsim.des.event_log import ACTIVITY_CODE, AGENCY_CODE, NEVER, RESULT_CODE
from cjsim.des.random_streams import OwnColumns
from cjsim.england_wales.journey import case_mix
from cjsim.england_wales.journey.entry_points import WAYS_IN
from cjsim.england_wales.journey.reoffending import arrested_again_after
from cjsim.simulation.population import OpenCase

if TYPE_CHECKING:
    from cjsim.simulation.simulation import World

GENERATION: Final = 1 << 24
"""How far apart the numbers of a person's cases lie: more than arrive in any run."""

_UNTIL = ACTIVITY_CODE["until_arrested_again"]
_POLICE = AGENCY_CODE["police"]
_DONE = RESULT_CODE["done"]


class Returners:
    """Sees every case off, and lets some come back."""

    def __init__(self, world: World) -> None:
        self._world = world

    def after_disposal(self, case: OpenCase) -> None:
        """A later arrest, if the person is to come back before the run is over."""
        assert isinstance(case, Case)
        minutes = arrested_again_after(case)
        env = self._world.env
        if minutes is not None and env.minute + minutes < self._world.end:
            known = (case.number, case.group_index, case.area_index)
            cohort = (case.youth, case.offender_managed, case.early_intervention)
            env.after(minutes, partial(self._arrest, known, cohort, env.minute))

    def _arrest(
        self,
        known: tuple[int, int, int],
        cohort: tuple[bool, bool, bool],
        since: int,
    ) -> None:
        """The same person, in another matter; the wait between the two is a row of the first."""
        world = self._world
        before, group, area = known
        now = world.env.minute
        world.log.row(before, _UNTIL, 0, _POLICE, 0, since, NEVER, since, now, 0.0, 0.0, _DONE, 0)
        number = before + GENERATION
        case = Case(world, number, "arrest_notifiable", group, area, OwnColumns(world.luck, number))
        world.population.open_cases[number] = case
        case_mix.settle(case)
        case.youth, case.offender_managed, case.early_intervention = cohort
        Journey(world.env, along(WAYS_IN["arrest_notifiable"], case))
