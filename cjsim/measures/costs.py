"""Money: every activity charges the agency that does it, in the prices of one year.

Activity-based: what the log and the capacity table count, times a unit cost, brought to the model's
price base. A pound falls in the month in which its activity was left; the cost of days and of
capacity falls in the month in which the days passed. Nothing outside the study period is paid for.

The agencies' total is what they pay. A unit cost is `cashable` (less is spent where less is done),
`non_cashable` (an average rate: less of it frees a place, not money) or `capacity` (paid whether it
is used or not). What is `used` of that capacity, at the price of its hours, is shown apart and
never added. So is the victims' and witnesses' own time, which no agency pays.

What each `per` counts: hour, minutes / 60; event, rows that were left (a contact missed, a hearing
vacated or a witness who did not come is none, unless the unit's `results` names it); day, days from
entry to leaving; courtroom_day, minutes heard / minutes of all sessions of that list's day;
capacity_hour and post_year, what was there, used or not. `court` is where a hearing is held, and
otherwise where the case stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cjsim.jurisdiction import OWN_TIME
from cjsim.measures.registry import Rows, measure
from cjsim.measures.sql import court_at, filled, one_of

if TYPE_CHECKING:
    import pyarrow as pa

    from cjsim.measures.sql_tables import Log

DECLARED = "the_reform_itself"
"""What stands for an activity in the lines of what a scenario declares that its reform costs."""

LINE = ("unit", "agency", "kind", "activity", "month", "quantity", "gbp")
"""The columns of what each pound is traced to."""

# What was done; looked up case by case only where a unit cost asks for more than the log's words.
_DONE = """
SELECT activity, result, reason, spell, '' AS division, '' AS offence_group,
       coalesce(court, '') AS court, place, sum(times)::BIGINT AS times, sum(minutes) AS minutes
FROM happened LEFT JOIN hearing_kinds USING (activity)
WHERE activity IN (SELECT activity FROM cost_activities)
GROUP BY ALL ORDER BY ALL
"""

# `$counted` and `$grouped` are filled in: sums for the measures, and each row of the log by itself
# where they are wanted (`cjsim.measures.cost_rows`). What is paid for is said only once.
_DONE_BY_CASE = """
SELECT e.activity, e.result, e.reason, d.spell, c.division, c.offence_group,
       coalesce(h.court, $court) AS court,
       split_part(e.place, '#', 1) AS place, $counted
FROM paid_events e
JOIN spell_days d ON e.ended_at::DATE = d.day
JOIN cases c USING (case_id)
LEFT JOIN hearing_kinds h USING (activity)
WHERE studied(e.ended_at) AND e.activity IN (SELECT activity FROM cost_activities)
$grouped
"""

# What is open stays to the end of the study; what came before its beginning is not paid for.
_STAYS = """
SELECT k.activity, k.result, k.reason, s.spell, c.division, c.offence_group,
       coalesce(h.court, $court) AS court,
       $counted
FROM (
    SELECT case_id, activity, result, reason, place, queued_at, ended_at,
           least(coalesce(ended_at, study_end()), study_end()) AS until,
           greatest(queued_at, study_start()) AS since,
           unnest(range(spell_of(since)::BIGINT,
                        spell_of(greatest(until - INTERVAL 1 MINUTE, since)) + 1)) AS spell
    FROM kept
    WHERE queued_at < study_end() AND (ended_at IS NULL OR ended_at > study_start())
      AND activity IN (SELECT activity FROM cost_activities WHERE per = 'day')
) k
JOIN spells s USING (spell)
JOIN cases c USING (case_id)
LEFT JOIN hearing_kinds h USING (activity)
$grouped
"""

_TIMES_AND_MINUTES = "count(*) AS times, sum(e.minutes) AS minutes"

DAYS = "minutes_between(greatest(k.queued_at, s.first), least(k.until, s.after))"
"""What of a stay falls into a spell, in minutes."""

_AMOUNTS = """
SELECT u.unit, a.used, d.activity, d.result, d.spell, d.division, d.offence_group,
       split_part(d.place, '@', 1) AS list,
       CASE a.per WHEN 'hour' THEN d.minutes / 60 WHEN 'event' THEN d.times
            ELSE d.minutes / c.minutes END AS quantity $done
FROM done d
JOIN cost_activities a USING (activity)
JOIN cost_units u ON u.unit = a.unit
LEFT JOIN court_days c ON c.place = d.place AND c.spell = d.spell
WHERE (a.per IN ('hour', 'event') OR (a.per = 'courtroom_day' AND c.minutes > 0))
  AND (u.court = '' OR u.court = d.court)
  AND CASE WHEN len(u.results) > 0 THEN list_contains(u.results, d.result)
           ELSE a.per <> 'event' OR NOT ($not_done) END
  AND (len(u.reasons) = 0 OR list_contains(u.reasons, d.reason))
UNION ALL
SELECT u.unit, false, s.activity, s.result, s.spell, s.division, s.offence_group, '', s.days
       $stay
FROM stays s
JOIN cost_activities a USING (activity)
JOIN cost_units u ON u.unit = a.unit
WHERE u.per = 'day' AND (u.court = '' OR u.court = s.court)
  AND (len(u.results) = 0 OR list_contains(u.results, s.result))
  AND (len(u.reasons) = 0 OR list_contains(u.reasons, s.reason))
UNION ALL
SELECT u.unit, false, c.name, '', s.spell, c.division, '', c.base,
       CASE u.per WHEN 'capacity_hour'
            THEN c.minutes / 60 * minutes_between(s.first, s.after)
                 / minutes_between(m.first, m.after)
            ELSE c.posts * minutes_between(s.first, s.after) / 1440 / 365.25 END $there
FROM capacity c
JOIN months m ON strftime(m.month, '%Y-%m') = c.month
JOIN spells s ON s.month = m.month
JOIN cost_units u
  ON list_contains(CASE c.kind WHEN 'pool' THEN u.pools ELSE u.lists END, c.base)
WHERE u.per IN ('capacity_hour', 'post_year') AND (u.court = '' OR u.court = c.court)
"""

# A price that is not there stops the run of the measures: nothing may go uncosted in silence.
PRICE = """CASE WHEN p.gbp IS NULL THEN error('no price for ' || a.unit)::DOUBLE ELSE p.gbp END"""

KIND = "CASE WHEN a.used THEN 'used' ELSE u.kind END"

PRICED = """
FROM amounts a
JOIN cost_units u ON u.unit = a.unit
JOIN spells s ON s.spell = a.spell
LEFT JOIN cost_prices p
  ON p.unit = a.unit AND p.spell = a.spell
 AND p.division = CASE WHEN u.by_division THEN a.division ELSE '' END
 AND p.key = CASE u.keyed_by WHEN 'offence_group' THEN a.offence_group
                             WHEN 'list' THEN a.list ELSE '' END
"""

_COSTED = (
    f"""
SELECT a.unit, u.agency, {KIND} AS kind, a.activity, a.result, s.month,
       sum(a.quantity) AS quantity, sum(a.quantity * {PRICE}) * any_value(u.deflator) AS gbp
{PRICED}
GROUP BY ALL
UNION ALL
SELECT d.unit, d.agency, d.kind, '"""
    + DECLARED
    + """', '', s.month, d.quantity, d.gbp
FROM declared d JOIN spells s USING (spell)
ORDER BY ALL
"""
)


def hold_costs(log: Log) -> None:
    """The table `costed`: a row for each unit cost, activity, result and month."""
    from cjsim.measures.prices import asks_for_cases, give_price_tables

    if log.has_table("costed"):
        return
    give_price_tables(log)
    together = "GROUP BY ALL ORDER BY ALL"
    by_case = done_by_case(log, counted=_TIMES_AND_MINUTES, grouped=together)
    log.save("done", by_case if asks_for_cases(log.model) else _DONE)
    log.save("stays", stays(log, counted=f"sum({DAYS}) / 1440 AS days", grouped=together))
    log.save("amounts", amounts(log, done="", stay="", there=""))
    log.save("costed", _COSTED)


def done_by_case(log: Log, *, counted: str, grouped: str) -> str:
    """The query for what was done, case by case."""
    court = court_at(log.measurement.courts, "c", "e.ended_at")
    return filled(_DONE_BY_CASE, court=court, counted=counted, grouped=grouped)


def stays(log: Log, *, counted: str, grouped: str) -> str:
    """The query for stays that are paid by the day."""
    court = court_at(log.measurement.courts, "c", "k.queued_at")
    return filled(_STAYS, court=court, counted=counted, grouped=grouped)


def amounts(log: Log, *, done: str, stay: str, there: str) -> str:
    """The query for the quantities of each unit cost, with more columns of each of its parts."""
    not_done = one_of("d.result", [*log.vocabulary.not_done_results])
    return filled(_AMOUNTS, not_done=not_done, done=done, stay=stay, there=there)


def lines(log: Log) -> pa.Table:
    """Each pound traced: unit, agency, kind, activity, month, quantity and gbp."""
    import pyarrow as pa

    hold_costs(log)
    rows = log.query("""
        SELECT unit, agency, kind, activity, strftime(month, '%Y-%m') AS month,
               sum(quantity) AS quantity, sum(gbp) AS gbp
        FROM costed GROUP BY ALL ORDER BY ALL
    """)
    *words, quantities, pounds = zip(*rows, strict=True) if rows else ((),) * len(LINE)
    numbers = [[value * log.model.one_in for value in column] for column in (quantities, pounds)]
    return pa.table(
        dict(
            zip(
                LINE,
                [
                    *(pa.array(column, pa.string()) for column in words),
                    *(pa.array(column, pa.float64()) for column in numbers),
                ],
                strict=True,
            )
        )
    )


def crimes(log: Log) -> dict[str, int]:
    """By offence group, the cases of the study period that each stand for one crime.

    The jurisdiction says by which ways in they come.
    """
    rows = log.query(f"""
        SELECT offence_group, count(*) FROM cases
        WHERE studied(arrived_at) AND {one_of("way_in", log.measurement.crimes)}
        GROUP BY ALL ORDER BY ALL
    """)  # noqa: S608  # words of our own
    return {group: round(count * log.model.one_in) for group, count in rows}


def _agencies(log: Log) -> list[str]:
    """All that there are: who pays for a reform only is held against the nothing of before it."""
    own_time = any(unit.agency == OWN_TIME for unit in log.model.costs.units.values())
    return sorted(agency for agency in log.vocabulary.agencies if agency != OWN_TIME or own_time)


def cost_by_agency(log: Log, where: str) -> Rows:
    """Pounds by agency, and of all agencies together; own time has no part in their sum."""
    hold_costs(log)
    query = f"""
        SELECT month, agency AS grp, gbp AS top FROM costed WHERE {where}
    """  # noqa: S608  # our own words
    agencies = [agency for agency in _agencies(log) if agency != OWN_TIME]
    yield from log.counts(query + f" AND agency <> '{OWN_TIME}'", groups=("", *agencies))
    if OWN_TIME in _agencies(log):
        yield from log.counts(query + f" AND agency = '{OWN_TIME}'", groups=(OWN_TIME,))


@measure(
    "cost_gbp",
    "GBP",
    better="lower",
    definition="What the agencies pay, in the prices of the model's price base, by agency (the "
    "group), the declared cost of the reform itself included; empty is all agencies. The own time "
    "of victims and witnesses is a group of its own and no part of that.",
)
def cost_gbp(log: Log) -> Rows:
    """Who pays."""
    return cost_by_agency(log, "kind <> 'used'")


@measure(
    "cost_cashable_gbp",
    "GBP",
    better="lower",
    definition="That part of the cost that would be spent less if less were done, by agency "
    "(the group).",
)
def cost_cashable_gbp(log: Log) -> Rows:
    """The rest is a place or time set free, or paid in any case."""
    return cost_by_agency(log, "kind = 'cashable'")


@measure(
    "cost_capacity_gbp",
    "GBP",
    better="lower",
    definition="That part of the cost that is paid whether it is used or not: posts and courtroom "
    "sessions, by agency (the group).",
)
def cost_capacity_gbp(log: Log) -> Rows:
    """It changes when what is there changes, and never with the work."""
    return cost_by_agency(log, "kind = 'capacity'")


@measure(
    "worth_of_time_used_gbp",
    "GBP",
    better="neither",
    definition="What is used of the capacity that is paid for, at the price of its hours, by "
    "agency (the group). No part of the cost: where it falls, time is set free and no money.",
)
def worth_of_time_used_gbp(log: Log) -> Rows:
    """The time that a reform sets free, or asks for, in pounds."""
    return cost_by_agency(log, "kind = 'used'")


@measure(
    "cost_of_reform_gbp",
    "GBP",
    better="lower",
    definition="What the reform itself costs, as its scenario declares it, by agency (the group); "
    "part of the cost.",
)
def cost_of_reform_gbp(log: Log) -> Rows:
    """Lump sums and yearly running costs."""
    return cost_by_agency(log, f"activity = '{DECLARED}'")


@measure(
    "cost_of_wasted_hearings_gbp",
    "GBP",
    better="lower",
    definition="What hearings that ended without the progress they were listed for took: fees and "
    "costs by the hour, event or courtroom day, and the courtroom at the price of its hours, by "
    "agency (the group).",
)
def cost_of_wasted_hearings_gbp(log: Log) -> Rows:
    """Spent on hearings that achieved nothing."""
    hearings = "activity IN (SELECT activity FROM hearing_kinds)"
    return cost_by_agency(log, f"in_vain(result) AND {hearings}")


@measure(
    "cost_per_case_gbp",
    "GBP per case",
    better="lower",
    definition="Total cost / cases that ended in the period, before charge or after.",
)
def cost_per_case_gbp(log: Log) -> Rows:
    """What was spent in the month over who left in the month."""
    return _per(log, "true")


@measure(
    "cost_per_conviction_gbp",
    "GBP per conviction",
    better="lower",
    definition="Total cost / cases that ended in a conviction in the period.",
)
def cost_per_conviction_gbp(log: Log) -> Rows:
    """Whatever did not end in a conviction is paid for, too."""
    return _per(log, one_of("outcome", log.measurement.convictions))


def _per(log: Log, ended_so: str) -> Rows:
    """The agencies' total over the cases that ended in a certain way."""
    hold_costs(log)
    return log.ratios(f"""
        SELECT month, gbp AS top, 0 AS bottom FROM costed
        WHERE kind <> 'used' AND agency <> '{OWN_TIME}'
        UNION ALL
        SELECT month_of(ended_at), 0, 1 FROM cases WHERE studied(ended_at) AND {ended_so}
    """)  # noqa: S608  # our own words
