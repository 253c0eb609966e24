"""The model as a case reads it: branches, choices, stages, duties and hearings in use.

`compile_parameters` turns the checked numbers of a date into plain lists by division and offence
group, so that reading one costs a few nanoseconds and never asks for the date.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cjsim.des.engine import has_twins
from cjsim.des.random_streams import P90, Distribution
from cjsim.des.resources import Resource
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.listing.hearing_slot import PRIORITIES, ListingPolicy, comes_before
from cjsim.listing.planner import PlanningRules
from cjsim.schema.base import Amount, Duration, Shares, pick
from cjsim.schema.dated import factor_on, length_on, number_on, order_on, shares_on
from cjsim.schema.model import BranchSpec, HearingSpec, ListSpec, PlanningSpec
from cjsim.schema.odds import OddsFactor
from cjsim.simulation.contact_channels import SELF_SERVICE, CompiledChannel, channel_for

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation

CERTAIN_ODDS = 1e18


Factor = tuple[str, float, float, bool]
"""A fact, its factor on the odds, its reference value, and whether it is a number."""


LengthFactorInUse = tuple[str, float, float]
"""A fact, its factor on a length, and its reference value."""


@has_twins("simulation.cpp")
class CompiledBranch:
    """A branch in use: the odds of each division and offence group, and the factors on them.

    `factors` are by division: those for cases without a victim, whose engagement nobody asks for,
    and those for cases with one.
    """

    __slots__ = ("factors", "odds", "point")

    def __init__(self, point: int) -> None:
        self.point = point
        self.odds: list[list[float]] = []
        self.factors: list[tuple[list[Factor], list[Factor]]] = []


@has_twins("simulation.cpp")
class CompiledMultiwayBranch:
    """A choice in use: by division and offence group, the upper bounds of all options but one."""

    __slots__ = ("bounds", "options", "point")

    def __init__(self, point: int, options: tuple[str, ...]) -> None:
        self.point = point
        self.options = options
        self.bounds: list[list[list[float]]] = []


class CompiledDrawnFact:
    """A number that is drawn for a case: the logarithm's mean by division and group, and spread."""

    __slots__ = ("most", "mu", "point", "sigma")

    def __init__(self, point: int) -> None:
        self.point = point
        self.mu: list[list[float]] = []
        self.sigma: list[list[float]] = []
        self.most: list[float] = []

    def of(self, area: int, group: int, deviate: float) -> float:
        """The number in a division and for an offence group, at a standard normal deviate."""
        number = math.exp(self.mu[area][group] + self.sigma[area][group] * deviate)
        return min(number, self.most[group])


@has_twins("simulation.cpp")
class CompiledStage:
    """A stage in use: its agency, its pool in each division, how long it takes."""

    __slots__ = (
        "activity",
        "agency",
        "factors",
        "laws",
        "place",
        "point",
        "pools",
        "waiting",
        "waiting_point",
    )

    def __init__(self, points: tuple[int, int], activity: int, agency: int) -> None:
        self.point, self.waiting_point = points
        self.activity = activity
        self.agency = agency
        self.place = 0
        self.pools: list[Resource] = []
        self.laws: list[Distribution] = []
        self.factors: list[float] = []
        self.waiting: dict[str, list[Distribution]] = {}

    def minutes(self, area: int, group: int, deviate: float) -> int:
        """How long it takes in a division and for an offence group, by a case's draw."""
        return round(self.laws[area].of(deviate) * self.factors[group])


@has_twins("simulation.cpp")
class CompiledDuty:
    """A duty in use: who does it, how long it takes, and when it is due."""

    __slots__ = (
        "activity",
        "agency",
        "answered_first",
        "before_trial",
        "channels",
        "days",
        "enhanced_days",
        "give_up_days",
        "laws",
        "owed_to_witnesses",
        "point",
        "pools",
        "self_service",
        "statutory",
        "turnaround",
        "turnaround_point",
    )

    def __init__(self, points: tuple[int, int], activity: int, agency: int) -> None:
        self.point, self.turnaround_point = points
        self.activity = activity
        self.agency = agency
        self.pools: list[Resource] = []
        self.laws: list[Distribution] = []
        self.turnaround: list[Distribution] = []
        self.days = self.enhanced_days = self.give_up_days = 0
        self.statutory = True
        self.owed_to_witnesses = False
        self.self_service = self.answered_first = self.before_trial = False
        self.channels: dict[str, CompiledChannel] = {}


class CompiledHearing:
    """A kind of hearing in use: notice by list, estimate by group, length by result.

    The factors on estimate and length, and the minutes added, are by division: a fact with each.
    """

    __slots__ = (
        "activity",
        "added",
        "agency",
        "estimate",
        "estimate_factors",
        "factors",
        "laws",
        "length_factors",
        "notice",
        "notice_again",
        "point",
        "vacated_before",
        "vacated_point",
    )

    def __init__(self, point: int, activity: int, agency: int, vacated_point: int) -> None:
        self.point = point
        self.activity = activity
        self.agency = agency
        self.vacated_point = vacated_point
        self.vacated_before: list[Distribution] = []
        self.notice: dict[str, list[int]] = {}
        self.notice_again: dict[str, list[int]] = {}
        self.estimate: list[list[int]] = []
        self.laws: dict[str, list[Distribution]] = {}
        self.factors: dict[str, list[float]] = {}
        self.estimate_factors: list[list[LengthFactorInUse]] = []
        self.length_factors: list[list[LengthFactorInUse]] = []
        self.added: list[tuple[str, float]] = []


def compile_parameters(simulation: Simulation, date: dt.date) -> None:
    """Set every table of a world to what the model says of a date."""
    model, areas = simulation.model, simulation.divisions
    vocabulary = model.vocabulary
    groups = vocabulary.offence_groups
    for word, branch in simulation.branches.items():
        spec = model.branches[word]
        branch.odds = [
            [_odds(number_on(spec.probability, date, area, group)) for group in groups]
            for area in areas
        ]
        branch.factors = [_factors(spec, vocabulary.numeric_facts, date, area) for area in areas]
    for choice_word, choice in simulation.multiway_branches.items():
        shares = model.multiway_branches[choice_word].shares
        choice.bounds = [
            [_bounds(shares, choice.options, date, area, group) for group in groups]
            for area in areas
        ]
    _compile_drawn_facts(simulation, date)
    for stage_word, stage in simulation.stages.items():
        stage_spec = model.stages[stage_word]
        if stage_spec.pool is not None:
            stage.pools = simulation.pools[stage_spec.pool]
        if stage_spec.duration is not None:
            stage.laws = [law_on(stage_spec.duration, date, area) for area in areas]
            stage.factors = _group_factors(stage_spec.duration, groups)
        stage.waiting = {
            court: [law_on(length, date, area) for area in areas]
            for court, length in stage_spec.waiting.items()
        }
    _compile_duties(simulation, date)
    _compile_advocates(simulation, date)
    for hearing_word, hearing in simulation.hearings.items():
        _compile_hearing(simulation, hearing, model.hearings[hearing_word], date)
    for list_word, spec_of_list in model.lists.items():
        for diary in simulation.diaries_of(list_word):
            area = simulation.divisions_of(diary)[0]
            diary.policy = listing_policy(spec_of_list, date, area)
    for (court, _), planner in simulation.planners.items():
        planner.rules = planning_rules(model.planning[court], date, areas[0])
    for move in vocabulary.engagement_moves:
        simulation.engagement[move] = number_on(model.engagement[move], date, areas[0], "")
    for limit in vocabulary.limits:
        simulation.limits[limit] = number_on(model.limits[limit], date, areas[0], "")


def _compile_drawn_facts(simulation: Simulation, date: dt.date) -> None:
    areas, groups = simulation.divisions, simulation.vocabulary.offence_groups
    for word, fact in simulation.drawn_facts.items():
        spec = simulation.model.drawn_facts[word]
        fact.mu = [
            [math.log(number_on(spec.median, date, area, group)) for group in groups]
            for area in areas
        ]
        fact.sigma = [
            [math.log(number_on(spec.p90_over_median, date, area, group)) / P90 for group in groups]
            for area in areas
        ]
        fact.most = [number_on(spec.most, date, areas[0], group) for group in groups]


def planning_rules(spec: PlanningSpec, date: dt.date, area: str) -> PlanningRules:
    """How sessions are shared on a date."""
    return PlanningRules(
        weeks_ahead=round(number_on(spec.weeks_ahead, date, area, "")),
        look_back_weeks=max(1, round(number_on(spec.look_back_weeks, date, area, ""))),
        eagerness=number_on(spec.eagerness, date, area, ""),
        worth_minutes=round(number_on(spec.worth_days, date, area, "") * MINUTES_A_DAY),
        all_spare_minutes=round(number_on(spec.all_spare_days, date, area, "") * MINUTES_A_DAY),
        on_the_day=number_on(spec.on_the_day, date, area, "") > 0.5,
        lends=spec.lends,
    )


def _compile_advocates(simulation: Simulation, date: dt.date) -> None:
    for side, advocates in simulation.advocates.items():
        spec_of = simulation.model.advocates[side]
        for area, there in zip(simulation.divisions, advocates, strict=True):
            there.resize(
                number_on(spec_of.at_court, date, area, "")
                * number_on(spec_of.available, date, area, "")
                / simulation.model.one_in,
                round(number_on(spec_of.minutes_a_day, date, area, "")),
            )
            if spec_of.absent_by_case is not None:
                there.absent_by_case = number_on(spec_of.absent_by_case, date, area, "")


def _compile_duties(simulation: Simulation, date: dt.date) -> None:
    areas = simulation.divisions
    for channel_word, channel in simulation.channels.items():
        channel_spec = simulation.model.channels[channel_word]
        channel.contact_length = number_on(channel_spec.contact_length, date, areas[0], "")
        channel.arranged = _delays(channel_spec.arranged_after, date, areas)
        channel.delivered = _delays(channel_spec.delivered_after, date, areas)
    for word, duty in simulation.duties.items():
        spec = simulation.model.duties[word]
        duty.pools = simulation.pools[spec.pool]
        duty.laws = [law_on(spec.duration, date, area) for area in areas]
        duty.turnaround = [law_on(spec.turnaround, date, area) for area in areas]
        duty.days = round(number_on(spec.within_working_days, date, areas[0], ""))
        duty.enhanced_days = round(number_on(spec.within_working_days_enhanced, date, areas[0], ""))
        duty.give_up_days = round(number_on(spec.missed_after_working_days, date, areas[0], ""))
        duty.statutory = spec.statutory
        duty.answered_first = spec.answered_first
        duty.before_trial = spec.before_trial
        duty.owed_to_witnesses = spec.owed_to == "witnesses"
        duty.self_service = SELF_SERVICE in spec.channels
        staffed = [one for one in spec.channels if one != SELF_SERVICE]
        duty.channels = {
            wanted: simulation.channels[channel_for(staffed, wanted)]
            for wanted in simulation.channels
        }


def _delays(duration: Duration, date: dt.date, areas: tuple[str, ...]) -> list[Distribution]:
    """The laws of a delay; none where it is always nothing."""
    laws = [law_on(duration, date, area) for area in areas]
    return [] if all(law.fixed == 0 for law in laws) else laws


def _compile_hearing(
    simulation: Simulation, hearing: CompiledHearing, spec: HearingSpec, date: dt.date
) -> None:
    areas, groups = simulation.divisions, simulation.vocabulary.offence_groups
    hearing.notice = _notice(spec.notice_days, date, areas)
    hearing.notice_again = {**hearing.notice, **_notice(spec.notice_again_days, date, areas)}
    hearing.estimate = [
        [round(number_on(spec.estimate_minutes, date, area, group)) for group in groups]
        for area in areas
    ]
    hearing.laws = {
        result: [law_on(length, date, area) for area in areas]
        for result, length in spec.lengths.items()
    }
    if spec.vacated_before is not None:
        hearing.vacated_before = [law_on(spec.vacated_before, date, area) for area in areas]
    hearing.factors = {
        result: _group_factors(length, groups) for result, length in spec.lengths.items()
    }
    hearing.estimate_factors = _length_factors(spec.estimate_factors, date, areas)
    hearing.length_factors = _length_factors(spec.length_factors, date, areas)
    hearing.added = [
        (fact, number_on(minutes, date, areas[0], ""))
        for fact, minutes in spec.added_minutes.items()
    ]


def _length_factors(
    factors: Mapping[str, OddsFactor], date: dt.date, areas: tuple[str, ...]
) -> list[list[LengthFactorInUse]]:
    return [
        [
            (fact, factor_on(factor, date, area), factor.reference)
            for fact, factor in factors.items()
        ]
        for area in areas
    ]


def _notice(
    days_by_list: Mapping[str, Amount], date: dt.date, areas: tuple[str, ...]
) -> dict[str, list[int]]:
    return {
        word: [round(number_on(days, date, area, "") * MINUTES_A_DAY) for area in areas]
        for word, days in days_by_list.items()
    }


def listing_policy(spec: ListSpec, date: dt.date, area: str) -> ListingPolicy:
    """How a list is run on a date in a division."""
    rules = order_on(spec.call_order, date, area)
    return ListingPolicy(
        first=comes_before(rules),
        refill_notice=round(number_on(spec.refill_notice_days, date, area, "") * MINUTES_A_DAY),
        brings_forward=number_on(spec.brings_forward, date, area, ""),
        kept_for=tuple(PRIORITIES[rule] for rule in spec.kept_for),
        date_suits=1.0 if spec.date_suits is None else number_on(spec.date_suits, date, area, ""),
    )


def law_on(duration: Duration, date: dt.date, area: str) -> Distribution:
    """The law of a duration on a date in a division."""
    return Distribution(duration, length_on(duration, date, area))


def _bounds(
    shares: Shares, options: tuple[str, ...], date: dt.date, area: str, group: str
) -> list[float]:
    value = shares_on(shares, date, area)
    bounds, total = [], 0.0
    for option in options:
        total += pick(value[option], group)
        bounds.append(total)
    return bounds[:-1]


def _factors(
    spec: BranchSpec, numeric_facts: frozenset[str], date: dt.date, area: str
) -> tuple[list[Factor], list[Factor]]:
    """The factors of a branch on a date in a division: without a victim, and with one."""
    with_victim: list[Factor] = [
        (fact, factor_on(odds, date, area), odds.reference, fact in numeric_facts)
        for fact, odds in spec.odds.items()
    ]
    return [factor for factor in with_victim if factor[0] != "victim_engagement"], with_victim


def _odds(probability: float) -> float:
    return CERTAIN_ODDS if probability >= 1.0 else probability / (1.0 - probability)


def _group_factors(duration: Duration, groups: tuple[str, ...]) -> list[float]:
    table = duration.by_group
    return [table.get(group, table.get("default", 1.0)) for group in groups]
