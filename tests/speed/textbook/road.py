"""Cases, resources, log, and the verbs that every step uses.

Frozen: see the package's own docstring.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from cjsim.england_wales.vocabulary import OFFENCE_GROUPS
from cjsim.schema.model import Model
from tests.speed.textbook.courts import Court, Listing
from tests.speed.textbook.numbers import DAY, Length, Numbers, Shift, value

Steps = Iterator[Any]
MONTH = 365.25 / 12 * DAY
WITNESSES = {"one": 1, "two": 2, "three": 3, "four": 4, "six": 6}


@dataclass(slots=True)
class Case:
    """One suspect in one matter."""

    number: int
    env: simpy.Environment
    way_in: str
    group: str
    division: str
    arrived: float
    offence_class: str = "summary"
    domestic_abuse: bool = False
    youth: bool = False
    has_victim: bool = False
    vulnerable_victim: bool = False
    civilian_witnesses: int = 0
    anticipates_guilty_plea: bool = False
    file_built: bool = False
    file_ready: bool = False
    reviewed_before_first_hearing: bool = False
    papers_served: bool = False
    prosecution_team: bool = False
    trial_prepared: bool = False
    disclosure_complete: bool = False
    weeks_since_papers_served: float = 6.0
    witnesses_absent: int = 0
    in_custody: bool = False
    in_mental_distress: bool = False
    filmed: bool = False
    by_video: bool = False
    remanded: bool = False
    not_guilty_pleaded: bool = False
    earlier_ineffective_trial: bool = False
    managed: bool = False
    tried_by_judge_alone: bool = False
    tried_by_judge_and_magistrates: bool = False
    likely_sentence_months: float = 0.0
    first_hearing_credit: float = 0.8
    plea_hearing_credit: float = 1.5
    day_of_trial_credit: float = 1.0
    weeks_to_magistrates_trial: float = 7.0
    weeks_to_crown_trial: float = 14.5
    in_crown_court: bool = False
    adjournments: int = 0
    engagement: float = 0.0
    charged_at: float = -1
    cell: Any = None
    detained_at: float = -1
    in_cell_since: float = -1
    remanded_at: float = -1
    received_at: float = -1
    return_at: float = -1
    answering: bool = False
    last_contact: float = 0
    ended: bool = False
    outcome: str = ""
    sentence: str = ""
    plea: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def summons(self) -> bool:
        """Never arrested for this matter."""
        return self.way_in == "summons"

    @property
    def either_way(self) -> bool:
        """Triable in either court."""
        return self.offence_class == "either_way"

    @property
    def sentence_over_powers(self) -> float:
        """Doublings of the magistrates' powers up to the likely sentence."""
        return math.log2(max(self.likely_sentence_months, 0.01) / 6)

    @property
    def sentence_over_powers_after_credit(self) -> float:
        """The same after the credit for a plea."""
        return math.log2(max(self.likely_sentence_months * 0.67, 0.01) / 6)

    @property
    def victim_engagement(self) -> float:
        """How far the victim is with the prosecution."""
        return min(max(self.engagement, 0.0), 1.0)

    @property
    def months_since_charge(self) -> float:
        """Months since charge."""
        return 0.0 if self.charged_at < 0 else (self.env.now - self.charged_at) / MONTH


class ProcessStep:
    """The simulation: resources, log, and what they share."""

    def __init__(self, model: Model, seed: int, first_day: dt.date, days: int) -> None:
        self.model = model
        self.days = days
        self.numbers = Numbers(model, first_day, days + 4 * 366)
        self.rng = np.random.default_rng(seed)
        self.env = simpy.Environment()
        self.log: list[dict[str, Any]] = []
        self.cases: list[Case] = []
        shifts = {name: Shift(self.numbers, spec) for name, spec in model.hours.items()}
        self.shifts = {name: shifts[spec.hours] for name, spec in model.pools.items()}
        # Only the prosecutors on the telephone put people in the cells ahead of the others.
        urgent = model.stages["cps_direct_consultation"].pool
        self.pools: dict[tuple[str, str], Any] = {}
        for name, spec in model.pools.items():
            kind = simpy.PriorityResource if name == urgent else simpy.Resource
            shared = None
            for area in self.numbers.divisions:
                # A team that does not exist yet has a capacity of 0, and nobody asks for it.
                if isinstance(spec.capacity.value, dict):
                    capacity = max(1, round(value(spec.capacity, area)))
                    self.pools[name, area] = kind(self.env, capacity)
                else:
                    shared = shared or kind(self.env, max(1, round(value(spec.capacity))))
                    self.pools[name, area] = shared
        self.courts = {
            (name, area): Court(self.env, self.numbers, spec, house, area, days + 4 * 366)
            for name, spec in model.lists.items()
            for courthouse, house in spec.houses.items()
            for area in model.courthouses[courthouse].serves
        }

    def run(self, ways_in: dict[str, Any]) -> None:
        """Let cases arrive by each way in and run to the end."""
        for way_in, road in ways_in.items():
            self.env.process(self.arrivals(way_in, self.model.streams[way_in], road))
        self.env.run(until=self.days * DAY)

    def arrivals(self, way_in: str, stream: Any, road: Any) -> Steps:
        """Cases of one way in, by hour, weekday and month: thinned from the highest rate."""
        groups = list(OFFENCE_GROUPS)
        rates = np.array([value(stream.per_year, group) for group in groups])
        hours = np.array(stream.hours.value) / np.mean(stream.hours.value)
        weekdays = np.array(stream.weekdays.value) / np.mean(stream.weekdays.value)
        months = np.array(stream.months.value) / np.mean(stream.months.value)
        most = hours.max() * weekdays.max() * months.max()
        mean_gap = 365.25 * DAY / rates.sum() / most
        by_group = np.cumsum(rates / rates.sum())
        by_division = np.cumsum(self.numbers.shares)
        at = 0.0
        while True:
            at += self.rng.exponential(mean_gap)
            yield self.env.timeout(int(at) - self.env.now)
            day, minute = divmod(self.env.now, DAY)
            weight = hours[int(minute // 60)] * weekdays[self.numbers.weekday[int(day)]]
            if self.rng.random() * most > weight * months[self.numbers.month[int(day)]]:
                continue
            group = groups[min(bisect_left(by_group, self.rng.random()), len(groups) - 1)]
            place = bisect_left(by_division, self.rng.random())
            division = self.numbers.divisions[min(place, len(by_division) - 1)]
            case = Case(len(self.cases), self.env, way_in, group, division, self.env.now)
            self.cases.append(case)
            self.settle_facts(case)
            self.env.process(road(self, case))

    def settle_facts(self, case: Case) -> None:
        """Offence class, victim, witnesses, expected plea."""
        case.offence_class = self.choose(case, "offence_class")
        case.youth = self.decide(case, "youth")
        case.has_victim = self.decide(case, "victim_identified")
        if case.has_victim:
            case.domestic_abuse = self.decide(case, "domestic_abuse")
            case.vulnerable_victim = self.decide(case, "vulnerable_victim")
            case.engagement = self.numbers.engagement["at_report"]
        if self.decide(case, "civilian_witnesses"):
            case.civilian_witnesses = WITNESSES[self.choose(case, "witness_count")]
        case.anticipates_guilty_plea = self.decide(case, "anticipates_guilty_plea")
        if case.either_way:
            spec = self.model.drawn_facts["likely_sentence_months"]
            spread = math.log(value(spec.p90_over_median, case.group)) / 1.2816
            months = self.rng.lognormal(math.log(value(spec.median, case.group)), spread)
            case.likely_sentence_months = min(months, value(spec.most))

    # --- luck --------------------------------------------------------------------------------

    def decide(self, case: Case, branch: str) -> bool:
        """One way or the other."""
        chance = self.numbers.chance[branch][case.division, case.group]
        factors = self.numbers.odds[branch]
        if factors and 0.0 < chance < 1.0:
            odds = chance / (1.0 - chance)
            for fact, factor, reference in factors:
                fact_value = getattr(case, fact)
                if fact_value is True:
                    odds *= factor
                elif fact_value is not False:
                    odds *= factor ** (fact_value - reference)
            chance = odds / (1.0 + odds)
        return self.rng.random() < chance

    def choose(self, case: Case, choice: str) -> str:
        """One of several ways."""
        u = self.rng.random()
        options = self.numbers.options[choice][case.group]
        for option, share in options:
            u -= share
            if u < 0:
                return option
        return options[-1][0]

    def how_long(self, length: Length, group: str) -> float:
        """A length of time in whole minutes."""
        if length.at_once and self.rng.random() < length.at_once:
            return 0
        if length.fixed is not None:
            minutes = length.fixed
        elif length.mean is not None:
            minutes = self.rng.exponential(length.mean)
        else:
            minutes = self.rng.lognormal(length.mu, length.sigma)
        return round(min(minutes, length.cap) * length.by_group.get(group, 1.0))

    # --- the log -----------------------------------------------------------------------------

    def row(
        self,
        case: Case,
        activity: str,
        agency: str,
        entered: float,
        started: float,
        left: float,
        *,
        due: float = -1,
        minutes: float = 0,
        planned: float = 0,
        result: str = "",
        reason: str = "",
    ) -> None:
        """One stay of a case in an activity."""
        occurrence = case.counts.get(activity, 0)
        case.counts[activity] = occurrence + 1
        self.log.append(
            {
                "case": case.number,
                "activity": activity,
                "occurrence": occurrence,
                "agency": agency,
                "entered": entered,
                "due": due,
                "started": started,
                "left": left,
                "minutes": minutes,
                "planned": planned,
                "result": result,
                "reason": reason,
            }
        )

    def note(self, case: Case, mark: str, result: str) -> None:
        """A moment without length."""
        self.row(case, mark, "police", self.env.now, self.env.now, self.env.now, result=result)

    # --- work and waiting --------------------------------------------------------------------

    def work(self, case: Case, stage: str) -> Steps:
        """Queue for staff, then take the time it takes."""
        spec = self.model.stages[stage]
        pool, shift = self.pools[spec.pool, case.division], self.shifts[spec.pool]
        entered = self.env.now
        with _request(pool, 0 if case.in_custody else 1) as turn:
            yield turn
            minutes = self.how_long(self.numbers.stages[stage], case.group)
            start = shift.next_open(self.env.now)
            end = shift.end_of_work(start, minutes)
            yield self.env.timeout(end - self.env.now)
        self.row(
            case, stage, spec.agency, entered, start, self.env.now, minutes=minutes, result="done"
        )

    def wait(self, case: Case, stage: str, until: float | None = None) -> Steps:
        """Let time pass; False if it was cut short."""
        entered = self.env.now
        minutes = self.how_long(self.numbers.stages[stage], case.group)
        within = until is None or entered + minutes <= until
        if not within:
            minutes = max(0, until - entered)
        yield self.env.timeout(minutes)
        result = "done" if within else "limit_reached"
        agency = self.model.stages[stage].agency
        self.row(case, stage, agency, entered, entered, self.env.now, result=result)
        return within

    # --- courts ------------------------------------------------------------------------------

    def fix(self, case: Case, hearing: str, on: str) -> Listing:
        """An appointment in the first session with room."""
        spec = self.model.hearings[hearing]
        notice = value(spec.notice_days[on], case.division) * DAY
        not_before = (self.env.now + notice) // DAY * DAY
        court = self.courts[on, case.division]
        estimate = value(spec.estimate_minutes, case.division, case.group)
        return court.book(hearing, not_before, estimate, case.remanded)

    def appear(self, case: Case, listing: Listing, goes: Any) -> Steps:
        """Wait for the day, queue for a courtroom, be heard or not reached.

        A case whose preparation ran on past its day is heard at the next sitting.
        """
        court, hearing = listing.court, listing.hearing
        if listing.start < self.env.now:
            listing.session = court.first_from(self.env.now)
            listing.start = court.starts[listing.session]
        yield self.env.timeout(listing.start - self.env.now)
        close = listing.start + court.minutes + court.overrun
        started = minutes = -1
        with court.courtroom.request(priority=0 if case.remanded else 1) as turn:
            if court.multi_day:
                yield turn | self.env.timeout(close - self.env.now)
            else:
                yield turn
            if turn.triggered and self.env.now + min(listing.estimate, court.minutes) <= close:
                listing.result, listing.reason = goes(self, case)
                lengths = self.numbers.hearings[hearing]
                length = lengths.get(listing.result, lengths.get("default"))
                minutes = max(1, self.how_long(length, case.group))
                started = self.env.now
                yield self.env.timeout(court.end(listing, started, minutes) - started)
            else:
                listing.result = "ineffective" if hearing.endswith("_trial") else "adjourned"
                listing.reason = "no_court_time"
        self.row(
            case,
            hearing,
            "hmcts",
            listing.entered,
            started,
            self.env.now,
            due=listing.start,
            minutes=max(0, minutes),
            planned=listing.estimate,
            result=listing.result,
            reason=listing.reason,
        )
        if listing.result in ("adjourned", "ineffective", "warrant_issued"):
            case.adjournments += 1
            case.engagement += self.numbers.engagement["adjournment"]
            if listing.result == "ineffective":
                case.earlier_ineffective_trial = True

    def vacate(self, case: Case, listing: Listing, reason: str) -> None:
        """Taken out of the list before the day."""
        listing.court.give_back(listing)
        listing.result, listing.reason = "vacated", reason
        now = self.env.now
        for activity in (listing.hearing, "vacated_trial"):
            self.row(
                case,
                activity,
                "hmcts",
                listing.entered,
                -1,
                now,
                due=listing.start,
                result="vacated",
                reason=reason,
            )
        case.engagement += self.numbers.engagement["adjournment"]

    # --- victims -----------------------------------------------------------------------------

    def tell(self, case: Case, duty: str) -> None:
        """Owe a contact, made by a process of its own."""
        spec = self.model.duties[duty]
        owed_to_witnesses = getattr(spec, "owed_to", "victim") == "witnesses"
        if case.has_victim or (owed_to_witnesses and case.civilian_witnesses):
            self.env.process(self.contact(case, duty, spec))

    def contact(self, case: Case, duty: str, spec: Any) -> Steps:
        """Turnaround, a queue for staff, and the contact itself, in time, late or missed."""
        entered = self.env.now
        turnaround, length = self.numbers.duties[duty]
        within = spec.within_working_days
        if case.vulnerable_victim:
            within = spec.within_working_days_enhanced
        due = self.numbers.working_day_after(entered, max(1, round(value(within))))
        beyond = round(value(spec.missed_after_working_days))
        give_up = self.numbers.working_day_after(due, max(1, beyond))
        yield self.env.timeout(self.how_long(turnaround, case.group))
        start, minutes, result = -1, 0, "missed"
        shift = self.shifts[spec.pool]
        with _request(self.pools[spec.pool, case.division], 2) as turn:
            yield turn
            if self.env.now <= give_up:
                minutes = self.how_long(length, case.group)
                start = shift.next_open(self.env.now)
                end = shift.end_of_work(start, minutes)
                yield self.env.timeout(end - self.env.now)
                result = "in_time" if self.env.now <= due else "late"
        self.row(
            case,
            duty,
            spec.agency,
            entered,
            start,
            self.env.now,
            due=due,
            minutes=minutes,
            result=result,
        )
        case.last_contact = self.env.now
        case.engagement += self.numbers.engagement[f"contact_{result}"]

    def listen(self, case: Case) -> Steps:
        """A victim who has heard nothing for weeks may ring in."""
        silence = round(self.numbers.limits["silence_before_chasing_days"] * DAY)
        case.last_contact = self.env.now
        while True:
            yield self.env.timeout(case.last_contact + silence - self.env.now)
            if case.ended:
                return
            if self.env.now - case.last_contact >= silence:
                if self.decide(case, "rings_in_when_not_told"):
                    self.tell(case, "chasing_call")
                case.last_contact = self.env.now


def _request(pool: Any, priority: int) -> Any:
    if isinstance(pool, simpy.PriorityResource):
        return pool.request(priority=priority)
    return pool.request()
