"""When two scenarios diverge: the first day on which their models say something else."""

from __future__ import annotations

import datetime as dt
from typing import Final

from cjsim.scenarios.scenario import ResolvedScenario, says_the_same

NEVER: Final = dt.date.max
_NOT_SIMULATED: Final = "costs"
"""The table of a model that no case meets."""
_FROM_THE_START: Final = frozenset(
    {"area", "divisions", "opening", "sampling", "streams", "hours", "co_defendants"}
)
"""The tables from which a simulation is built, or from which a month's cases are drawn at once."""
_KNOWN_BEFORE: Final = frozenset({"lists", "courthouses"})
"""The tables whose changes are known before they hold."""


def divergence_day(
    one: ResolvedScenario, other: ResolvedScenario, study_from: dt.date
) -> dt.date | None:
    """The first day on which two scenarios of one baseline differ for a case; `NEVER` if none.

    None where they differ from the start. A change of a court list or of a courthouse is known some
    days before it holds, but not before the study begins; such scenarios diverge on that day.
    """
    if one.model is not other.model and (one.needs_own_start or other.needs_own_start):
        return None
    day = NEVER
    changes, others = ({change.key: change for change in side.changes} for side in (one, other))
    for key in changes.keys() | others.keys():
        change, counterpart = changes.get(key), others.get(key)
        at, starts, _ = key
        if at[0] == _NOT_SIMULATED:
            continue
        if change is not None and counterpart is not None:
            ours, theirs = change.entry, counterpart.entry
            if ours == theirs or says_the_same(ours, theirs):
                continue
        if starts is None or at[0] in _FROM_THE_START:
            return None
        day = min(day, min(starts, study_from) if at[0] in _KNOWN_BEFORE else starts)
    return day
