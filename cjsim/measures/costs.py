"""Money: every activity charges the agency that does it, in the prices of one year.

Activity-based: what the log and the capacity table count, times a unit cost, brought to the model's
price base. A pound falls in the month in which its activity was left; the cost of days and of
capacity falls in the month in which the days passed. Nothing outside the study period is paid for.

What each `per` counts: hour, minutes / 60; event, rows that were left (a contact missed, a hearing
vacated or a witness who did not come is none, unless the unit's `results` names it); day, days from
entry to leaving; courtroom_day, minutes heard / minutes of all sessions of that list's day;
capacity_hour and post_year, what was there, used or not. `court` is where a hearing is held, and
otherwise where the case stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    import pyarrow as pa

    from cjsim.measures.log import Log

# What was done; looked up case by case only where a unit cost asks for more than the log's words.
_DONE = """
SELECT activity, result, reason, spell, '' AS division, '' AS offence_group,
       coalesce(court, '') AS court, place, sum(times)::BIGINT AS times, sum(minutes) AS minutes
FROM happened LEFT JOIN hearing_kinds USING (activity)
WHERE activity IN (SELECT activity FROM cost_activities)
GROUP BY ALL ORDER BY ALL
"""

_DONE_BY_CASE = """
SELECT e.activity, e.result, e.reason, d.spell, c.division, c.offence_group,
       coalesce(h.court, stood_in(c.charged, c.received_crown, e.finished)) AS court,
       split_part(e.place, '#', 1) AS place, count(*) AS times, sum(e.minutes) AS minutes
FROM events e
JOIN spell_days d ON e.finished // 1440 = d.day
JOIN cases c USING (id)
LEFT JOIN hearing_kinds h USING (activity)
WHERE studied(e.finished) AND e.activity IN (SELECT activity FROM cost_activities)
GROUP BY ALL ORDER BY ALL
"""

# What is open stays to the end of the study; what came before its beginning is not paid for.
_STAYS = """
SELECT k.activity, k.result, k.reason, s.spell, c.division, c.offence_group,
       coalesce(h.court, stood_in(c.charged, c.received_crown, k.entered)) AS court,
       sum(least(k.until, s.after) - greatest(k.entered, s.first)) / 1440 AS days
FROM (
    SELECT id, activity, result, reason, entered,
           CASE WHEN finished < 0 THEN study_end() ELSE least(finished, study_end()) END AS until,
           unnest(range(spell_of(greatest(entered, study_start()))::BIGINT,
                        spell_of(greatest(until - 1, entered, study_start())) + 1)) AS spell
    FROM kept
    WHERE entered < study_end() AND (finished < 0 OR finished > study_start())
      AND activity IN (SELECT activity FROM cost_activities WHERE per = 'day')
) k
JOIN spells s USING (spell)
JOIN cases c USING (id)
LEFT JOIN hearing_kinds h USING (activity)
GROUP BY ALL ORDER BY ALL
"""

_AMOUNTS = """
SELECT u.unit, d.activity, d.result, d.spell, d.division, d.offence_group,
       split_part(d.place, '@', 1) AS list,
       CASE u.per WHEN 'hour' THEN d.minutes / 60 WHEN 'event' THEN d.times
            ELSE d.minutes / c.minutes END AS quantity
FROM done d
JOIN cost_activities a USING (activity)
JOIN cost_units u ON u.unit = a.unit
LEFT JOIN court_days c ON c.place = d.place AND c.spell = d.spell
WHERE (u.per IN ('hour', 'event') OR (u.per = 'courtroom_day' AND c.minutes > 0))
  AND (u.court = '' OR u.court = d.court)
  AND CASE WHEN len(u.results) > 0 THEN list_contains(u.results, d.result)
           ELSE u.per <> 'event' OR d.result NOT IN ('vacated', 'missed', 'did_not_attend') END
  AND (len(u.reasons) = 0 OR list_contains(u.reasons, d.reason))
UNION ALL
SELECT u.unit, s.activity, s.result, s.spell, s.division, s.offence_group, '', s.days
FROM stays s
JOIN cost_activities a USING (activity)
JOIN cost_units u ON u.unit = a.unit
WHERE u.per = 'day' AND (u.court = '' OR u.court = s.court)
  AND (len(u.results) = 0 OR list_contains(u.results, s.result))
  AND (len(u.reasons) = 0 OR list_contains(u.reasons, s.reason))
UNION ALL
SELECT u.unit, c.name, '', s.spell, c.division, '', c.base,
       CASE u.per WHEN 'capacity_hour'
            THEN c.minutes / 60 * (s.after - s.first) / (m.after - m.first)
            ELSE c.posts * (s.after - s.first) / 1440 / 365.25 END
FROM capacity c
JOIN months m ON strftime(m.month, '%Y-%m') = c.month
JOIN spells s ON s.month = m.month
JOIN cost_units u
  ON list_contains(CASE c.kind WHEN 'pool' THEN u.pools ELSE u.lists END, c.base)
WHERE u.per IN ('capacity_hour', 'post_year') AND (u.court = '' OR u.court = c.court)
"""

# A price that is not there stops the run of the measures: nothing may go uncosted in silence.
_COSTED = """
SELECT a.unit, u.agency, u.cashable, a.activity, a.result, s.month,
       sum(a.quantity) AS quantity,
       sum(a.quantity * CASE WHEN p.gbp IS NULL THEN error('no price for ' || a.unit)::DOUBLE
                             ELSE p.gbp END) * any_value(u.deflator) AS gbp
FROM amounts a
JOIN cost_units u ON u.unit = a.unit
JOIN spells s ON s.spell = a.spell
LEFT JOIN cost_prices p
  ON p.unit = a.unit AND p.spell = a.spell
 AND p.division = CASE WHEN u.by_division THEN a.division ELSE '' END
 AND p.key = CASE u.keyed_by WHEN 'offence_group' THEN a.offence_group
                             WHEN 'list' THEN a.list ELSE '' END
GROUP BY ALL ORDER BY ALL
"""

_STOOD_IN = """
CREATE MACRO stood_in(charged, received_crown, minute) AS
CASE WHEN received_crown >= 0 AND minute >= received_crown THEN 'crown'
     WHEN charged >= 0 AND minute >= charged THEN 'magistrates' ELSE '' END
"""


def _hold_costs(log: Log) -> None:
    """The table `costed`: a row for each unit cost, activity, result and month."""
    from cjsim.measures.prices import asks_for_cases, give_price_tables

    if log.holds("costed"):
        return
    give_price_tables(log)
    log.ask(_STOOD_IN)
    log.hold("done", _DONE_BY_CASE if asks_for_cases(log.model) else _DONE)
    log.hold("stays", _STAYS)
    log.hold("amounts", _AMOUNTS)
    log.hold("costed", _COSTED)


def lines(log: Log) -> pa.Table:
    """Each pound traced: unit, agency, activity, month, quantity and gbp."""
    import pyarrow as pa

    _hold_costs(log)
    rows = log.ask("""
        SELECT unit, agency, activity, strftime(month, '%Y-%m') AS month,
               sum(quantity) AS quantity, sum(gbp) AS gbp
        FROM costed GROUP BY ALL ORDER BY ALL
    """)
    columns = ("unit", "agency", "activity", "month", "quantity", "gbp")
    kinds = [pa.float64() if name in ("quantity", "gbp") else pa.string() for name in columns]
    return pa.table({
        name: pa.array([row[place] for row in rows], kind)
        for place, (name, kind) in enumerate(zip(columns, kinds, strict=True))
    })  # fmt: skip


def _agencies(log: Log) -> list[str]:
    return sorted({unit.agency for unit in log.model.costs.units.values()})


@measure(
    "cost_gbp", "GBP", better="lower",
    definition="What everything cost, in the prices of the model's price base, by agency (the "
    "group); empty is the total.",
)  # fmt: skip
def cost_gbp(log: Log) -> Rows:
    """Who pays."""
    _hold_costs(log)
    query = "SELECT month, agency AS grp, gbp AS top FROM costed"
    return log.counts(query, groups=("", *_agencies(log)))


@measure(
    "cost_cashable_gbp", "GBP", better="lower",
    definition="That part of the cost that would be spent less if less were done, by agency "
    "(the group).",
)  # fmt: skip
def cost_cashable_gbp(log: Log) -> Rows:
    """The rest is time set free, not money saved."""
    _hold_costs(log)
    query = "SELECT month, agency AS grp, gbp AS top FROM costed WHERE cashable"
    return log.counts(query, groups=("", *_agencies(log)))


@measure(
    "cost_of_wasted_hearings_gbp", "GBP", better="lower",
    definition="Cost by the hour, event or courtroom day of hearings that ended without the "
    "progress they were listed for, by agency (the group).",
)  # fmt: skip
def cost_of_wasted_hearings_gbp(log: Log) -> Rows:
    """Spent on hearings that achieved nothing."""
    _hold_costs(log)
    query = """
        SELECT month, agency AS grp, gbp AS top FROM costed JOIN hearing_kinds USING (activity)
        WHERE in_vain(result)
    """
    return log.counts(query, groups=("", *_agencies(log)))


@measure(
    "cost_per_case_gbp", "GBP per case", better="lower",
    definition="Total cost / cases that ended in the period, before charge or after.",
)  # fmt: skip
def cost_per_case_gbp(log: Log) -> Rows:
    """What was spent in the month over who left in the month."""
    _hold_costs(log)
    return log.ratios("""
        SELECT month, gbp AS top, 0 AS bottom FROM costed
        UNION ALL
        SELECT month_of(ended), 0, 1 FROM cases WHERE studied(ended)
    """)


@measure(
    "cost_per_conviction_gbp", "GBP per conviction", better="lower",
    definition="Total cost / cases that ended in a conviction in the period.",
)  # fmt: skip
def cost_per_conviction_gbp(log: Log) -> Rows:
    """Whatever did not end in a conviction is paid for, too."""
    _hold_costs(log)
    return log.ratios("""
        SELECT month, gbp AS top, 0 AS bottom FROM costed
        UNION ALL
        SELECT month_of(ended), 0, 1 FROM cases
        WHERE studied(ended) AND starts_with(outcome, 'convicted_')
    """)
