"""How cases go through the system of England and Wales: what a simulation asks for by name."""

from __future__ import annotations

from cjsim.england_wales.case import Case
from cjsim.england_wales.case_columns import CASE_COLUMNS
from cjsim.england_wales.caseload_snapshot import open_cases
from cjsim.england_wales.initial_state import epoch_before, let_open_cases_in, read_opening
from cjsim.england_wales.journey import case_mix, co_defendants
from cjsim.england_wales.journey.entry_points import WAYS_IN as ENTRY_POINTS
from cjsim.england_wales.open_cases import COLUMNS as OPENING_COLUMNS
from cjsim.england_wales.returning_cases import case_after_disposal
from cjsim.simulation.process import Draws
from cjsim.simulation.simulation import Simulation

__all__ = [
    "CASE_COLUMNS",
    "ENTRY_POINTS",
    "OPENING_COLUMNS",
    "case_after_disposal",
    "epoch_before",
    "let_open_cases_in",
    "new_case",
    "open_cases",
    "read_opening",
]


def new_case(
    simulation: Simulation,
    number: int,
    way_in: str,
    group: int,
    area: int,
    draws: Draws,
    *together: Case | None,
) -> Case:
    """A defendant-case that has just arrived, with what is known of it from the start.

    Of those who are arrested `together` each is given the first case, and the first None.
    """
    case = Case(simulation, number, way_in, group, area, draws)
    if not together:
        case_mix.settle(case)
    elif together[0] is None:
        case_mix.settle(case)
        co_defendants.begin(case)
    else:
        case_mix.settle_beside(case, together[0])
        co_defendants.join(case, together[0])
    return case
