"""Victims: contacts in time, how they were made, support given and support withdrawn.

A duty is due in the month in which its deadline falls, and stays due whether it was done or not. A
contact counts in the month in which it was made or given up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cjsim.england_wales.vocabulary import CHANNELS, OFFENCE_GROUPS, STAFFED_CHANNELS, Duty
from cjsim.measures.registry import Rows, measure
from cjsim.simulation.contact_channels import CASE_TRACKER, SELF_SERVICE, channel_for

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log


@measure(
    "victim_contacts_in_time_share",
    "share",
    better="higher",
    definition="Statutory contacts made by their deadline / contacts made in time, made late "
    "or missed. Groups: duties.",
)
def victim_contacts_in_time_share(log: Log) -> Rows:
    """A contact counts in the month in which it was made or given up."""
    duties = [name for name, duty in log.model.duties.items() if duty.statutory]
    log.add_table("statutory_duties", {"activity": duties})
    return log.share(
        "happened JOIN statutory_duties USING (activity)",
        where="result = 'in_time'",
        among="result IN ('in_time', 'late', 'missed')",
        group="activity",
    )


_CALLS: Final[tuple[Duty, ...]] = ("chasing_call", "chasing_call_to_police")
_DUE = """
SELECT e.activity, d.agency, c.division, month_of(e.due_at) AS month, e.result, count(*) AS times
FROM duty_events e JOIN duty_kinds d USING (activity) LEFT JOIN cases c USING (case_id)
WHERE studied(e.due_at) GROUP BY ALL
"""


def _duties_due(log: Log, results: str) -> Rows:
    """Duties that fell due and ended in one of some results, by duty and by agency."""
    duties = {name: duty.agency for name, duty in log.model.duties.items() if duty.statutory}
    log.add_table("duty_kinds", {"activity": list(duties), "agency": list(duties.values())})
    log.save("duties_due", _DUE)
    for column, groups in (("activity", ("", *duties)), ("agency", sorted({*duties.values()}))):
        yield from log.counts(
            f"""
            SELECT {column} AS grp, month, times AS top FROM duties_due WHERE {results}
        """,  # noqa: S608 - the project's own words
            groups=groups,
        )


@measure(
    "victim_duties_due",
    "duties",
    better="neither",
    definition="Statutory duties to victims and witnesses whose deadline fell in the month, done "
    "or not: in time, late, missed and still owed add up to them. Groups: duties, agencies.",
)
def victim_duties_due(log: Log) -> Rows:
    """What the Code asked for."""
    yield from _duties_due(log, "true")


@measure(
    "victim_duties_in_time",
    "duties",
    better="higher",
    definition="Of the statutory duties due in the month, those done by their deadline. Groups: "
    "duties, agencies.",
)
def victim_duties_in_time(log: Log) -> Rows:
    """What was done as the Code asks."""
    yield from _duties_due(log, "result = 'in_time'")


@measure(
    "victim_duties_late",
    "duties",
    better="lower",
    definition="Of the statutory duties due in the month, those done after their deadline. Groups: "
    "duties, agencies.",
)
def victim_duties_late(log: Log) -> Rows:
    """Done, and too late for the Code."""
    yield from _duties_due(log, "result = 'late'")


@measure(
    "victim_duties_missed",
    "duties",
    better="lower",
    definition="Of the statutory duties due in the month, those that were given up. Groups: "
    "duties, agencies.",
)
def victim_duties_missed(log: Log) -> Rows:
    """Never done."""
    yield from _duties_due(log, "result = 'missed'")


@measure(
    "victim_duties_in_time_share",
    "share",
    better="higher",
    definition="Statutory duties done by their deadline / all whose deadline fell in the month, "
    "those still owed among them. Groups: duties, agencies.",
)
def victim_duties_in_time_share(log: Log) -> Rows:
    """Unlike the share of contacts made in time it falls as soon as a queue grows."""
    met = {row[:3]: row[3] for row in _duties_due(log, "result = 'in_time'")}
    for court, group, period, due in _duties_due(log, "true"):
        if due:
            yield court, group, period, met[court, group, period] / due


@measure(
    "contacts_by_channel",
    "contacts",
    better="neither",
    definition="Contacts made with victims and witnesses, statutory or not, by telephone, letter, "
    "face to face, or looked up in the case tracker (the group).",
)
def contacts_by_channel(log: Log) -> Rows:
    """A duty that the victim's own channel cannot serve is done by another."""
    served = [
        (name, wanted, channel_for([one for one in duty.channels if one != SELF_SERVICE], wanted))
        for name, duty in log.model.duties.items()
        for wanted in STAFFED_CHANNELS
    ]
    columns = ("activity", "contact_channel", "channel")
    log.add_table(
        "channel_kinds", dict(zip(columns, map(list, zip(*served, strict=True)), strict=True))
    )
    return log.counts(
        f"""
        SELECT month_of(e.ended_at) AS month, count(*) AS top,
               CASE e.place WHEN '{CASE_TRACKER}' THEN '{SELF_SERVICE}' ELSE k.channel END AS grp
        FROM duty_events e JOIN cases c USING (case_id)
        JOIN channel_kinds k ON k.activity = e.activity AND k.contact_channel = c.contact_channel
        WHERE e.result IN ('in_time', 'late') AND studied(e.ended_at) GROUP BY ALL
    """,  # noqa: S608 - the project's own words
        groups=("", *CHANNELS),
    )


@measure(
    "chasing_calls",
    "calls",
    better="lower",
    definition="Calls from victims who had heard nothing, in the month they were answered. Groups: "
    "the agencies that were rung.",
)
def chasing_calls(log: Log) -> Rows:
    """Work that contact in time would have spared."""
    calls = {name: log.model.duties[name].agency for name in _CALLS if name in log.model.duties}
    log.add_table("call_kinds", {"activity": list(calls), "agency": list(calls.values())})
    return log.count(
        "happened JOIN call_kinds USING (activity)",
        where="result <> 'missed'",
        group="agency",
        groups=("", *sorted({*calls.values()})),
    )


@measure(
    "support_reached_share",
    "share",
    better="higher",
    definition="Victims whom a support service helped / victims of crimes reported in the month, "
    "summonses apart. Groups: offence groups.",
)
def support_reached_share(log: Log) -> Rows:
    """Referred, willing, and somebody had time."""
    return log.ratios("""
        SELECT division, offence_group AS grp, month_of(arrived_at) AS month,
               (s.case_id IS NOT NULL)::INTEGER AS top
        FROM cases LEFT JOIN (
            SELECT DISTINCT case_id FROM duty_events
            WHERE activity = 'support_given' AND result IN ('in_time', 'late')
        ) s USING (case_id)
        WHERE has_victim AND way_in <> 'summons' AND seen_whole(way_in) AND studied(arrived_at)
    """)


@measure(
    "restorative_justice_offered",
    "offers",
    better="neither",
    definition="Offers of a meeting with the offender made to victims in the month.",
)
def restorative_justice_offered(log: Log) -> Rows:
    """After a community resolution, and after a guilty plea where there is a service."""
    return log.count(
        "happened", where="activity = 'restorative_justice_offer' AND result IN ('in_time', 'late')"
    )


@measure(
    "restorative_justice_taken",
    "meetings",
    better="neither",
    definition="Meetings of victim and offender held in the month.",
)
def restorative_justice_taken(log: Log) -> Rows:
    """Offered, accepted, prepared and held."""
    return log.count(
        "happened",
        where="activity = 'restorative_justice_meeting' AND result IN ('in_time', 'late')",
    )


@measure(
    "victims_withdrawn",
    "victims",
    better="lower",
    definition="Victims who withdrew their support in the month, before charge and after charge "
    "(the groups), and each by offence group.",
)
def victims_withdrawn(log: Log) -> Rows:
    """Groups such as `before_charge:violence`."""
    log.save(
        "withdrawals",
        """
        SELECT k.result AS moment, c.offence_group, month_of(k.ended_at) AS month
        FROM kept k JOIN cases c USING (case_id)
        WHERE k.activity = 'victim_withdrawal' AND studied(k.ended_at)
    """,
    )
    moments = ("before_charge", "after_charge")
    yield from log.counts("SELECT month, moment AS grp FROM withdrawals", groups=("", *moments))
    yield from log.counts(
        "SELECT month, moment || ':' || offence_group AS grp FROM withdrawals",
        groups=[f"{moment}:{group}" for moment in moments for group in OFFENCE_GROUPS],
    )


@measure(
    "victims_withdrawn_before_charge_share",
    "share",
    better="lower",
    definition="Cases that ended because the victim withdrew before charge / cases with a "
    "victim that were charged or ended uncharged in the month; summonses apart. Groups: offence "
    "groups.",
)
def victims_withdrawn_before_charge_share(log: Log) -> Rows:
    """Support lost while the police and the CPS decide."""
    return log.ratios("""
        SELECT division, offence_group AS grp,
               month_of(coalesce(charged_at, ended_at)) AS month,
               (outcome = 'no_further_action_victim')::INTEGER AS top
        FROM cases
        WHERE has_victim AND way_in <> 'summons' AND seen_whole(way_in)
          AND studied(coalesce(charged_at, ended_at))
    """)


@measure(
    "victims_withdrawn_after_charge_share",
    "share",
    better="lower",
    definition="Prosecutions whose victim withdrew / prosecutions with a victim that ended in "
    "the month, by the court they ended in. Groups: offence groups.",
)
def victims_withdrawn_after_charge_share(log: Log) -> Rows:
    """Support lost on the way to trial."""
    return log.ratios(
        """
        SELECT court, division, offence_group AS grp, month_of(ended_at) AS month,
               (w.case_id IS NOT NULL)::INTEGER AS top
        FROM cases c LEFT JOIN (
            SELECT DISTINCT case_id FROM kept
            WHERE activity = 'victim_withdrawal' AND result = 'after_charge'
        ) w USING (case_id)
        WHERE has_victim AND charged_at IS NOT NULL AND studied(ended_at)
    """,
        courts=log.courts,
    )
