"""Costs of attendances for nothing and of trials that were prepared and never held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.costs import cost_by_agency, hold_costs
from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

# Prepared for a trial that never took place: the case is over and had none that was effective. The
# groups are a table that is held: what the database knows of it decides in which order it joins,
# and with the order of a sum its last digit.
_UNUSED_PREPARATION = """
SELECT month_of(k.ended_at) AS month, u.agency AS grp,
       k.minutes / 60 * p.gbp * u.deflator AS top
FROM prepared k
JOIN groups_of_cases c USING (case_id)
JOIN cost_activities a USING (activity)
JOIN cost_units u ON u.unit = a.unit AND a.per = 'hour'
JOIN cost_prices p
  ON p.unit = a.unit AND p.spell = spell_of(k.ended_at)
 AND p.division = CASE WHEN u.by_division THEN c.division ELSE '' END
 AND p.key = CASE u.keyed_by WHEN 'offence_group' THEN c.offence_group ELSE '' END
WHERE u.agency <> 'victims_and_witnesses'
"""

_PREPARED = """
SELECT e.case_id, e.activity, e.ended_at, e.minutes
FROM preparations e JOIN cases c USING (case_id)
WHERE studied(e.ended_at) AND c.ended_at IS NOT NULL
  AND e.case_id NOT IN (
      SELECT case_id FROM hearing_events
      WHERE activity IN ('magistrates_trial', 'crown_trial') AND result = 'effective'
  )
"""


@measure(
    "cost_of_wasted_attendances_gbp",
    "GBP",
    better="lower",
    definition="What attending court cost of witnesses and officers who were sent home unheard, by "
    "agency (the group), officers' time at the price of its hours.",
)
def cost_of_wasted_attendances_gbp(log: Log) -> Rows:
    """They came, and the trial did not go ahead."""
    came = "activity IN ('witness_attendance', 'police_attendance')"
    return cost_by_agency(log, f"result = 'wasted' AND {came}")


@measure(
    "cost_of_unused_trial_preparation_gbp",
    "GBP",
    better="lower",
    definition="Preparing trials that never took place, at the price of the hours it took, by "
    "agency (the group): the case has ended and none of its trials was effective.",
)
def cost_of_unused_trial_preparation_gbp(log: Log) -> Rows:
    """In the month in which the work was done."""
    hold_costs(log)
    log.save("prepared", _PREPARED)
    log.save("groups_of_cases", "SELECT case_id, division, offence_group FROM cases")
    costs = log.model.costs.units.values()
    groups = {one.agency for one in costs if "trial_preparation" in one.activities}
    return log.counts(_UNUSED_PREPARATION, groups=("", *sorted(groups)))
