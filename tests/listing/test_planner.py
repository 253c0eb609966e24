"""Sessions are shared: a list without enough hearings lends them to the list that waits longest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cjsim.des.environment import Environment
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.listing.planner import PlanningRules, SessionPlanner
from tests.support.courthouse import Courthouse, Person

WEEKS = 8
DAYS = 7 * WEEKS
LENDS = {"pleas": ("trials",), "trials": ("pleas",)}


class TwoLists:
    """Pleas and trials at one courthouse, each with its sessions on every day."""

    def __init__(
        self,
        pleas: Sequence[int] = (1,) * DAYS,
        trials: Sequence[int] = (1,) * DAYS,
        **rules: Any,
    ) -> None:
        env = Environment()
        self.env = env
        self.pleas = Courthouse(pleas, env=env)
        self.trials = Courthouse(trials, env=env)
        diaries = {"pleas": self.pleas.diary, "trials": self.trials.diary}
        self.planner = SessionPlanner(env, diaries)
        self.planner.rules = PlanningRules(
            **{
                "weeks_ahead": 2,
                "look_back_weeks": 2,
                "eagerness": 1.0,
                "worth_minutes": 2 * MINUTES_A_DAY,
                "lends": LENDS,
                **rules,
            }
        )

    def rooms(self) -> int:
        return sum(self.pleas.sessions.rooms[:DAYS]) + sum(self.trials.sessions.rooms[:DAYS])

    def a_backlog_of_trials(self, days: int = 30) -> None:
        for _ in range(days):
            self.trials.fix(Person(minutes=150), 150)


def test_a_list_that_nobody_needs_lends_its_sessions_to_the_list_with_a_backlog() -> None:
    courts = TwoLists()
    courts.a_backlog_of_trials()
    before = courts.rooms()
    courts.planner.plan_week()
    week = slice(14, 21)
    assert courts.pleas.sessions.rooms[week] == [0] * 7
    assert courts.trials.sessions.rooms[week] == [2] * 7
    assert courts.rooms() == before, "a session is lent, not made"


def test_the_next_hearing_takes_the_session_that_was_lent() -> None:
    courts = TwoLists()
    courts.a_backlog_of_trials()
    alone = courts.trials.fix(Person(minutes=150), 150)
    courts.planner.plan_week()
    shared = courts.trials.fix(Person(minutes=150), 150)
    assert alone.day == 30
    assert 14 <= shared.day < 21


def test_a_rigid_plan_lends_nothing() -> None:
    courts = TwoLists(eagerness=0.0)
    courts.a_backlog_of_trials()
    courts.planner.plan_week()
    assert courts.trials.sessions.rooms[:DAYS] == [1] * DAYS


def test_nothing_is_lent_where_nobody_waits() -> None:
    courts = TwoLists()
    courts.trials.fix(Person(), 60)
    courts.planner.plan_week()
    assert courts.trials.sessions.rooms[:DAYS] == [1] * DAYS


def test_what_a_list_needs_itself_is_not_lent() -> None:
    courts = TwoLists()
    courts.a_backlog_of_trials()
    # Four of the seven sessions of that week are booked; so much was booked in the weeks before.
    for day in range(14, 18):
        courts.pleas.fix(Person(minutes=150), 150, not_before=day)
    courts.planner.plan_week()
    assert courts.pleas.sessions.rooms[14:21] == [1, 1, 1, 1, 0, 0, 0]
    assert sum(courts.trials.sessions.rooms[14:21]) == 10


def test_half_the_eagerness_lends_half_of_the_sessions() -> None:
    courts = TwoLists(eagerness=0.5)
    courts.a_backlog_of_trials()
    courts.planner.plan_week()
    assert sum(courts.trials.sessions.rooms[14:21]) == 10


def test_the_longer_the_wait_the_larger_the_share_that_is_lent() -> None:
    lent = []
    for days in (7, 60, 240):
        courts = TwoLists(all_spare_minutes=60 * MINUTES_A_DAY)
        courts.trials.diary.usual_wait = days / 2 * MINUTES_A_DAY
        courts.planner.plan_week()
        lent.append(sum(courts.trials.sessions.rooms[14:21]) - 7)
    assert lent == [0, 3, 7]


def test_a_part_of_a_session_is_lent_the_next_week() -> None:
    courts = TwoLists(all_spare_minutes=60 * MINUTES_A_DAY)
    courts.trials.diary.usual_wait = 7 * MINUTES_A_DAY
    lent = []
    for week in range(4):
        courts.env.run_until(7 * week * MINUTES_A_DAY)
        courts.planner.plan_week()
        days = slice(14 + 7 * week, 21 + 7 * week)
        lent.append(sum(courts.trials.sessions.rooms[days]) - 7)
    # Each week 5/58 of 7 sessions: a whole one every second week.
    assert lent == [0, 1, 0, 1]


def test_a_list_that_has_to_wait_itself_lends_nothing() -> None:
    courts = TwoLists()
    courts.a_backlog_of_trials()
    courts.pleas.diary.usual_wait = 3 * MINUTES_A_DAY
    courts.planner.plan_week()
    assert courts.trials.sessions.rooms[:DAYS] == [1] * DAYS


def test_a_courtroom_that_stands_empty_takes_a_trial_that_would_not_be_reached() -> None:
    courts = TwoLists(on_the_day=True)
    courts.trials = Courthouse((1,) * DAYS, over_listing=2.0, env=courts.env)
    diaries = {"pleas": courts.pleas.diary, "trials": courts.trials.diary}
    rules, courts.planner = courts.planner.rules, SessionPlanner(courts.env, diaries)
    courts.planner.rules = rules
    people = [Person(minutes=140), Person(minutes=140)]
    for person in people:
        courts.trials.fix(person, 140, not_before=3)
    courts.env.run_until(5 * MINUTES_A_DAY)
    assert [person.heard[0].result for person in people] == ["effective", "effective"]
    first, second = (person.heard[0] for person in people)
    assert first.courtroom != second.courtroom
    assert courts.pleas.sessions.rooms[3] == 0


def test_a_change_of_the_sittings_keeps_what_was_lent() -> None:
    courts = TwoLists()
    courts.a_backlog_of_trials()
    courts.planner.plan_week()
    courts.pleas.sits_otherwise([1] * 20 + [0] * (DAYS - 20))
    assert courts.pleas.sessions.rooms[14:20] == [0] * 6
    assert courts.trials.sessions.rooms[14:21] == [2] * 7


def test_a_date_is_a_day_on_which_everybody_can_come() -> None:
    court = Courthouse((1,) * 10, date_suits=0.5)
    listing = court.fix(Person(busy_days=frozenset({0, 1, 2, 4})), 60)
    assert listing.day == 3


def usual_trial_wait(pleas_a_week: int, weeks: int = 80, **rules: Any) -> float:
    """The days that trials wait beyond their notice, where nine a week want seven sessions."""
    days = (1,) * 7 * (weeks + 60)
    courts = TwoLists(days, days, all_spare_minutes=60 * MINUTES_A_DAY, **rules)
    waits = []
    for week in range(weeks):
        courts.env.run_until(7 * week * MINUTES_A_DAY)
        courts.planner.plan_week()
        for number in range(pleas_a_week):
            courts.pleas.fix(Person(minutes=30), 30, not_before=7 * week + 8 + number % 7)
        for _ in range(9):
            courts.trials.fix(Person(minutes=150), 150, not_before=7 * week + 14)
        if week >= weeks // 2:
            waits.append(courts.trials.diary.usual_wait / MINUTES_A_DAY)
    return sum(waits) / len(waits)


def test_hearings_saved_bring_trial_dates_forward() -> None:
    usual, a_tenth_fewer = usual_trial_wait(20), usual_trial_wait(18)
    assert a_tenth_fewer < usual - 1.0
    assert usual > 7.0


def test_without_lending_the_wait_of_an_overloaded_list_grows_without_end() -> None:
    for eagerness, growth in ((0.0, 1.9), (1.0, 1.0)):
        first, second = (usual_trial_wait(20, weeks, eagerness=eagerness) for weeks in (60, 120))
        assert second / first == pytest.approx(growth, abs=0.25)
