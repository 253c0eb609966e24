"""Those who are arrested again: a case that has ended may lead to another.

A returning case is of the same person: the same offence group, division and age. Its number is that
of the case before it and GENERATION more, so that it depends on nothing that happens meanwhile, and
it has random numbers of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from cjsim.des.environment import Process, run_steps
from cjsim.des.event_log import NEVER
from cjsim.des.random_streams import OwnDraws
from cjsim.england_wales.case import Case
from cjsim.england_wales.codes import ACTIVITY_CODE, AGENCY_CODE, RESULT_CODE
from cjsim.england_wales.journey import case_mix
from cjsim.england_wales.journey.entry_points import WAYS_IN
from cjsim.england_wales.journey.reoffending import arrested_again_after
from cjsim.simulation.population import OpenCase

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation

GENERATION: Final = 1 << 24
"""How far apart the numbers of a person's cases lie: more than arrive in any run."""

_UNTIL = ACTIVITY_CODE["until_arrested_again"]
_POLICE = AGENCY_CODE["police"]
_DONE = RESULT_CODE["done"]


def case_after_disposal(simulation: Simulation) -> Callable[[OpenCase], None]:
    """What happens when a case ends: the person may be arrested again."""
    return Reoffending(simulation).after_disposal


class Reoffending:
    """Sees every case off, and lets some come back."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def after_disposal(self, case: OpenCase) -> None:
        """A later arrest, if the person is to come back before the run is over."""
        assert isinstance(case, Case)
        minutes = arrested_again_after(case)
        env = self._simulation.env
        if minutes is not None and env.minute + minutes < self._simulation.end:
            known = (case.number, case.group_index, case.area_index)
            cohort = (case.youth, case.offender_managed, case.early_intervention)
            env.after(minutes, partial(self._arrest, known, cohort, env.minute))

    def _arrest(
        self,
        known: tuple[int, int, int],
        cohort: tuple[bool, bool, bool],
        since: int,
    ) -> None:
        """Start a new case of the same person; the time between is a row of the first case."""
        simulation = self._simulation
        before, group, area = known
        now = simulation.env.minute
        simulation.log.row(
            before, _UNTIL, 0, _POLICE, 0, since, NEVER, since, now, 0.0, 0.0, _DONE, 0
        )
        number = before + GENERATION
        case = Case(
            simulation,
            number,
            "arrest_notifiable",
            group,
            area,
            OwnDraws(simulation.random_streams, number),
        )
        simulation.population.open_cases[number] = case
        case_mix.settle(case)
        case.youth, case.offender_managed, case.early_intervention = cohort
        Process(simulation.env, run_steps(WAYS_IN["arrest_notifiable"], case))
