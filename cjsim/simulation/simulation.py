"""What a running case can reach: the clock, stages, branches, pools, diaries, the log.

Building a world compiles a checked `Model` into tables that a case can read in a few nanoseconds.
Dated changes are applied on their day by compiling those tables again, so that reading one never
asks for the date.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from cjsim.des.engine import has_twins
from cjsim.des.environment import Callback, Environment
from cjsim.des.event_log import CO_DEFENDANT_COLUMNS, JOINT, NEVER, CaseColumns, Codes, Log
from cjsim.des.random_streams import RandomStreams
from cjsim.des.resources import Resource
from cjsim.des.working_time import MINUTES_A_DAY, Calendar, OpenHours, clock_minutes
from cjsim.listing.advocates import AdvocatesAtCourt
from cjsim.listing.diary import Diary, Shut
from cjsim.listing.planner import SessionPlanner
from cjsim.listing.sitting_calendar import Sittings, list_at
from cjsim.listing.venues import Venues
from cjsim.schema.closures import Closure
from cjsim.schema.dated import days_of_change, number_on
from cjsim.schema.model import ListSpec, Model
from cjsim.simulation.contact_channels import CASE_TRACKER, CompiledChannel
from cjsim.simulation.parameters import (
    CompiledBranch,
    CompiledDrawnFact,
    CompiledDuty,
    CompiledHearing,
    CompiledMultiwayBranch,
    CompiledStage,
    compile_parameters,
    listing_policy,
)
from cjsim.simulation.population import Population
from cjsim.simulation.process import process_of

YEARS_OF_DIARY_BEYOND = 4
"""How far past the end of a run the courts' diaries reach, so that dates can still be fixed."""


@has_twins("simulation.cpp")
class Simulation:
    """One area in one replication, ready to run."""

    # What cases read all the time has a slot.
    __slots__ = (
        "__dict__",
        "__weakref__",
        "branches",
        "calendar",
        "case_tracker",
        "codes",
        "date_suits",
        "duties",
        "engagement",
        "env",
        "hearings",
        "limits",
        "log",
        "multiway_branches",
        "points",
        "population",
        "random_streams",
        "stages",
        "vocabulary",
    )

    def __init__(
        self,
        model: Model,
        *,
        random_streams: RandomStreams,
        epoch: dt.date,
        study_from: dt.date,
        study_to: dt.date,
        folder: Path,
        starts: dt.date | None = None,
        log_held_back: bool = False,
    ) -> None:
        """`study_to` is the last day; the log is written into `folder`, which must exist.

        One that is held back is written where it `goes_to` later. The clock starts on the day
        `starts`: at minute 0, if none is given.
        """
        self.model = model
        self.env = Environment()
        self.random_streams = random_streams
        self.study_from = study_from
        self.study_to = study_to
        days_run = (study_to - epoch).days + 1
        self.end = days_run * MINUTES_A_DAY
        self.calendar = Calendar(epoch, days_run + 366 * YEARS_OF_DIARY_BEYOND)
        self._starts = starts = epoch if starts is None else starts
        self.start = self.calendar.minute(starts)
        if self.start:
            self.env.run_until(self.start)
        self.divisions: tuple[str, ...] = tuple(model.divisions)
        self.population = Population()
        self.process = process_of(model)
        self.vocabulary = vocabulary = model.vocabulary
        self._places: list[str] = [""]
        self.open_hours = self._open_hours()
        self.pools: dict[str, list[Resource]] = {
            name: self._build_pools(name, spec.agency, spec.hours)
            for name, spec in model.pools.items()
        }
        self._diary_of: dict[tuple[str, str], Diary] = {}
        for word, spec in model.lists.items():
            self._build_diaries(word, spec)
        self.venues: dict[str, list[Venues]] = {
            word: self._build_venues(word) for word in model.lists
        }
        for (word, house), diary in self._diary_of.items():
            closures = self._sittings(word, house).closures_known_before(starts)
            diary.closures = self._shut(word, closures)
        self.planners = self._build_planners()
        self.advocates = {
            side: [AdvocatesAtCourt(self.calendar) for _ in self.divisions]
            for side in vocabulary.advocates
        }
        self.case_tracker = self._place(CASE_TRACKER)
        self._add_courtrooms_to_borrow()
        self._add_places_of_joint_hearings()
        footer = {"epoch": epoch, "study_from": study_from, "study_to": study_to}
        self.codes = codes = Codes(
            vocabulary.activities,
            vocabulary.agencies,
            vocabulary.results,
            vocabulary.reasons,
            vocabulary.chasing_duties,
            vocabulary.support_duties,
        )
        self.log = Log(
            folder,
            self._places,
            footer,
            codes=codes,
            case_columns=self._case_columns(),
            held_back=log_held_back,
        )
        self.branches = {
            word: CompiledBranch(random_streams.point(f"fork:{word}"))
            for word in vocabulary.branches
        }
        self.multiway_branches = {
            word: CompiledMultiwayBranch(
                random_streams.point(f"choice:{word}"), vocabulary.options[word]
            )
            for word in vocabulary.multiway_branches
        }
        self.drawn_facts = {
            word: CompiledDrawnFact(random_streams.length_point(f"fact:{word}"))
            for word in vocabulary.drawn_facts
        }
        # Who comes to court draws how long they wait there beside how long they are needed.
        waits_at_court = {word for word, stage in model.stages.items() if stage.waiting}
        self.stages = {
            word: CompiledStage(
                (
                    random_streams.length_point(f"stage:{word}"),
                    random_streams.length_point(f"waiting:{word}")
                    if word in waits_at_court
                    else NEVER,
                ),
                codes.activity[word],
                codes.agency[model.stages[word].agency],
            )
            for word in vocabulary.stages
        }
        self.channels: dict[str, CompiledChannel] = {
            word: CompiledChannel(
                (
                    random_streams.length_point(f"arranged:{word}"),
                    random_streams.length_point(f"delivered:{word}"),
                )
            )
            for word in vocabulary.staffed_channels
        }
        self.duties = {
            word: CompiledDuty(
                (
                    random_streams.length_point(f"duty:{word}"),
                    random_streams.length_point(f"turnaround:{word}"),
                ),
                codes.activity[word],
                codes.agency[model.duties[word].agency],
            )
            for word in vocabulary.duties
        }
        self.hearings = {
            word: CompiledHearing(
                random_streams.length_point(f"hearing:{word}"),
                codes.activity[word],
                codes.agency[vocabulary.court_agency],
                random_streams.length_point(f"vacated:{word}")
                if model.hearings[word].vacated_before is not None
                else NEVER,
            )
            for word in vocabulary.hearings
        }
        self.earlier_date = random_streams.point("takes_earlier_date")
        self.date_suits = random_streams.point("date_suits")
        self.absent_advocate = {
            side: random_streams.point(f"absent_advocate:{side}") for side in vocabulary.advocates
        }
        self.sentenced_after_trial = random_streams.point("sentenced_after_trial")
        self.engagement: dict[str, float] = {}
        self.limits: dict[str, float] = {}
        # How often a case has been at each point and in each activity: none yet.
        self.points = random_streams.points
        self.no_times = [0] * (self.points + len(vocabulary.activities))
        self._compile(starts)
        self._news = self._expected_news()
        for minute, news in self._news:
            self.env.after(minute - self.start, news)

    def switch_model(self, model: Model) -> None:
        """From this minute on it is another model's world, which was the same up to now.

        What the new model brings on a day comes first on that day, as it does where it has been
        expected from the start.
        """
        agenda, now = self.env.agenda, self.env.minute
        for minute, news in self._news:
            if minute >= now:
                agenda[minute].remove(news)
        self.model = model
        self._news = self._expected_news()
        first: defaultdict[int, list[Callback]] = defaultdict(list)
        for minute, news in self._news:
            if minute >= now:
                first[minute].append(news)
        for minute, all_news in first.items():
            agenda[minute][:0] = all_news

    def _expected_news(self) -> list[tuple[int, Callback]]:
        """When a list's sittings are known to change, and when any other value does."""
        days = self._starts, self.study_to
        at = self.calendar.minute
        news: list[tuple[int, Callback]] = []
        closing: list[tuple[int, Callback]] = []
        for (word, house), diary in self._diary_of.items():
            sittings = self._sittings(word, house)
            closures = self.model.courthouses[house].closed.changes
            # The courthouse that has the work knows of its own changes first.
            of_diary = closing if closures else news
            of_diary += [
                (at(day), partial(self._resit, word, diary, sittings, day))
                for day in sittings.days_of_news(*days)
            ]
            closing += [
                (at(closure.from_), partial(self._hand_over, word, diary, closure))
                for closure in closures
                if days[0] <= closure.from_ <= days[1]
            ]
        news += closing
        news += [(at(day), partial(self._change, day)) for day in self._days_of_change(*days)]
        news += [
            (at(monday), planner.plan_week)
            for planner in self.planners.values()
            for monday in self._weeks(*days)
        ]
        return news

    def diaries_by_courthouse(self) -> dict[tuple[str, str], list[Diary]]:
        """The diaries of each court and courthouse."""
        diaries: dict[tuple[str, str], list[Diary]] = {}
        for (word, house), diary in self._diary_of.items():
            diaries.setdefault((self.model.lists[word].court, house), []).append(diary)
        return diaries

    def overloaded(self) -> tuple[str, ...]:
        """The lists, by courthouse, whose hearings wait without a date: the diary is full."""
        return tuple(diary.name for diary in self._diary_of.values() if diary.without_date())

    # --- building ------------------------------------------------------------------------

    def _place(self, name: str) -> int:
        self._places.append(name)
        return len(self._places) - 1

    def _open_hours(self) -> dict[str, OpenHours | None]:
        hours: dict[str, OpenHours | None] = {}
        for name, spec in self.model.hours.items():
            opens, closes = clock_minutes(spec.start), clock_minutes(spec.end)
            all_day = opens == 0 and closes >= MINUTES_A_DAY - 1
            if all_day and len(set(spec.weekdays)) == 7 and spec.bank_holidays:
                hours[name] = None
            else:
                hours[name] = OpenHours(
                    self.calendar, opens, closes, spec.weekdays, holidays=spec.bank_holidays
                )
        return hours

    def _build_pools(self, name: str, agency: str, hours: str) -> list[Resource]:
        capacity = self.model.pools[name].capacity.value
        if not isinstance(capacity, dict):
            pool = Resource(
                self.env,
                name,
                0,
                agency=agency,
                hours=self.open_hours[hours],
                place=self._place(name),
            )
            return [pool] * len(self.divisions)
        return [
            Resource(
                self.env,
                f"{name}_{division}",
                0,
                agency=agency,
                hours=self.open_hours[hours],
                place=self._place(f"{name}_{division}"),
            )
            for division in self.divisions
        ]

    def _build_diaries(self, word: str, spec: ListSpec) -> None:
        for house in spec.houses:
            name = f"{word}@{house}"
            own = self.model.courtrooms(word, house)
            places = {room: self._place(f"{name}#{room}") for room in own}
            sittings = self._sittings(word, house)
            carried: dict[str, int] = {
                kind: round(days.at("default") * MINUTES_A_DAY)
                for kind, days in spec.carried_days.items()
            }
            self._diary_of[word, house] = Diary(
                self.env,
                name,
                self._place(name),
                places,
                sittings.as_known_on(self._starts, sittings.closures_known_before(self._starts)),
                courtrooms=own,
                multi_day=spec.multi_day,
                carried=carried,
                policy=listing_policy(spec, self._starts, self.model.courthouses[house].division),
                trials=self.vocabulary.trials,
            )

    def _build_venues(self, word: str) -> list[Venues]:
        """The courthouses that hear the cases of each division."""
        return [
            Venues([self._diary_of[word, house] for house in self.model.courthouses_of(word, area)])
            for area in self.divisions
        ]

    def diaries_of(self, word: str) -> list[Diary]:
        """The diaries of a list, in the order of the divisions that they serve."""
        return [*dict.fromkeys(diary for venues in self.venues[word] for diary in venues.diaries)]

    def divisions_of(self, diary: Diary) -> tuple[str, ...]:
        """The divisions that the courthouse of a diary serves."""
        return self.model.courthouses[diary.name.partition("@")[2]].serves

    def _shut(self, word: str, closures: Iterable[Closure]) -> tuple[Shut, ...]:
        """Closures of a courthouse as the diary of a list knows them."""
        at, day = self.calendar.minute, dt.timedelta(days=1)
        never = self.calendar.days * MINUTES_A_DAY
        return tuple(
            Shut(
                at(closure.from_),
                never if closure.to is None else at(closure.to + day),
                self._diary_of[word, closure.work_goes_to],
            )
            for closure in closures
        )

    def _add_courtrooms_to_borrow(self) -> None:
        """Codes of the courtrooms that a list may borrow, after all others."""
        for (word, house), diary in self._diary_of.items():
            diary.may_borrow(
                {
                    room: self._place(f"{diary.name}#{room}")
                    for room in self._may_borrow(word, house)
                }
            )

    def _add_places_of_joint_hearings(self) -> None:
        """Codes of where those are whose trial is counted with a co-defendant's."""
        if self.model.co_defendants is not None:
            for diary in self._diary_of.values():
                diary.joint_place = self._place(f"{diary.name}{JOINT}")

    def _case_columns(self) -> CaseColumns:
        """The columns of the case table; with those of co-defendants where there may be any."""
        columns = self.process.CASE_COLUMNS
        return columns if self.model.co_defendants is None else (*columns, *CO_DEFENDANT_COLUMNS)

    def _may_borrow(self, word: str, house: str) -> list[str]:
        """The courtrooms of other lists of the same court and courthouse."""
        model = self.model
        court = model.lists[word].court
        if court not in model.planning:
            return []
        own = model.courtrooms(word, house)
        others = dict.fromkeys(
            room
            for other, spec in model.lists.items()
            if spec.court == court and house in spec.houses
            for room in model.courtrooms(other, house)
            if room not in own
        )
        return [*others]

    def _build_planners(self) -> dict[tuple[str, str], SessionPlanner]:
        """Who shares the sessions of each courthouse and court, where the model plans them."""
        planners: dict[tuple[str, str], SessionPlanner] = {}
        for court in self.model.planning:
            houses = dict.fromkeys(
                house
                for spec in self.model.lists.values()
                if spec.court == court
                for house in spec.houses
            )
            for house in houses:
                diaries = {
                    word: self._diary_of[word, house]
                    for word, spec in self.model.lists.items()
                    if spec.court == court and house in spec.houses
                }
                planners[court, house] = SessionPlanner(self.env, diaries)
        return planners

    def _weeks(self, first: dt.date, last: dt.date) -> Iterator[dt.date]:
        """The Mondays of a run, on which the sessions of a later week are planned."""
        monday = first + dt.timedelta(days=-first.weekday() % 7)
        while monday <= last:
            yield monday
            monday += dt.timedelta(days=7)

    def _sittings(self, word: str, house: str) -> Sittings:
        """When a list sits at a courthouse, with the people that lists before it leave."""
        court = self.model.lists[word].court
        sitters = tuple(pool for pool in self.model.sitters.values() if pool.court == court)
        order = self._order_of_service(court) if sitters else [word]
        sittings: tuple[Sittings, ...] = ()
        for name in order[: order.index(word) + 1]:
            if house in self.model.lists[name].houses:
                own = Sittings(
                    list_at(self.model, name, house),
                    self.calendar,
                    self.study_from,
                    sitters,
                    sittings,
                )
                sittings = (*sittings, own)
        return sittings[-1]

    def _order_of_service(self, court: str) -> list[str]:
        """The lists of a court in the order in which they get people where those are short."""
        planning = self.model.planning.get(court)
        first = planning.served_first if planning is not None else ()
        others = [word for word, spec in self.model.lists.items() if spec.court == court]
        return [*dict.fromkeys((*first, *others))]

    # --- dated values --------------------------------------------------------------------

    def _resit(self, word: str, diary: Diary, sittings: Sittings, day: dt.date) -> None:
        """A change of a list's sittings is known from today on."""
        diary.closures = self._shut(word, sittings.closures_known_on(day))
        diary.resit(sittings.as_known_on(day))

    def _hand_over(self, word: str, diary: Diary, closure: Closure) -> None:
        """A courthouse is shut from today on: the trials that are running go on elsewhere."""
        diary.hand_over_running(self._diary_of[word, closure.work_goes_to])

    def _change(self, day: dt.date) -> None:
        self._compile(day)

    def _days_of_change(self, first: dt.date, last: dt.date) -> list[dt.date]:
        return sorted(day for day in days_of_change(self.model) if first < day <= last)

    def capacity_on(self, pool: str, date: dt.date, area: str) -> int:
        """How many serve at one time; where one case stands for many, of so many one at least."""
        whole = number_on(self.model.pools[pool].capacity, date, area, area)
        return max(round(whole / self.model.one_in), 1 if whole >= 1 else 0)

    def _compile(self, date: dt.date) -> None:
        compile_parameters(self, date)
        for name, pools in self.pools.items():
            for area, pool in zip(self.divisions, pools, strict=True):
                pool.resize(self.capacity_on(name, date, area))
