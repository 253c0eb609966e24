"""A courthouse that is shut, in a whole model: cases go elsewhere, all of them, and are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cjsim.case.case import Case
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.case import Heard
from cjsim.listing.diary import Listing
from cjsim.schema.model import Model
from cjsim.simulation.simulate import Run
from tests.support.runs import Columns, changed, columns, run, toy_model
from tests.support.small_world import MONDAY, PEDIGREE, SmallWorld, number

FIVE_DAYS = (1, 1, 1, 1, 1, 0, 0)
NOTICE = 14
Make = Callable[..., SmallWorld]


def day(count: int) -> dt.date:
    return MONDAY + dt.timedelta(days=count)


def shut(first: dt.date, last: dt.date | None = None, **more: Any) -> dict[str, Any]:
    """A closure of the north's courthouse."""
    return {**PEDIGREE, "from": first, "to": last, "work_goes_to": "south_court", **more}


@pytest.fixture
def make(plain: Model, tmp_path: Path) -> Make:
    """A world whose magistrates try cases on every weekday, and whose north is shut for a time."""

    def of(*closures: dict[str, Any]) -> SmallWorld:
        houses = {name: {"rooms": number(FIVE_DAYS)} for name in ("north_court", "south_court")}
        model = changed(
            plain,
            courthouses={
                name: {"courtrooms": ("court 1", "court 2", "court 3")} for name in houses
            },
            lists={
                "magistrates_trials": {
                    "houses": houses,
                    "change_notice_days": number(NOTICE),
                    "over_listing": number(1.0),
                    "kept_for_custody": number(0.0),
                }
            },
            hearings={"magistrates_trial": {"notice_days": {"magistrates_trials": number(28)}}},
        )
        if closures:
            model = changed(model, courthouses={"north_court": {"closed": {"changes": closures}}})
        return SmallWorld(model, tmp_path)

    return of


def goes(case: Case) -> Heard:
    return "effective", ""


def fix(case: Case) -> Listing:
    return case.fix("magistrates_trial", "magistrates_trials", goes)


def place(listing: Listing) -> str:
    return listing.diary.name.partition("@")[2]


def test_a_closure_is_known_so_many_days_before_as_any_change_of_the_list(make: Make) -> None:
    small = make(shut(day(28)))
    early = fix(small.case(0))
    small.until_day(28 - NOTICE)
    assert (place(early), early.day) == ("north_court", 29)
    small.until_day(28 - NOTICE + 1)
    assert (place(early), early.day) == ("south_court", 29)


def test_a_closure_may_say_itself_when_it_is_announced(make: Make) -> None:
    small = make(shut(day(28), announced=day(27)))
    early = fix(small.case(0))
    small.until_day(27)
    assert place(early) == "north_court"
    small.until_day(28)
    assert place(early) == "south_court"


def test_before_the_study_begins_nobody_knows_of_a_closure_in_it(
    plain: Model, tmp_path: Path
) -> None:
    from cjsim.des.random_streams import RandomStreams
    from cjsim.simulation.simulation import Simulation

    closures = (shut(day(28), announced=day(0)),)
    model = changed(plain, courthouses={"north_court": {"closed": {"changes": closures}}})
    simulation = Simulation(
        model,
        random_streams=RandomStreams(1, 0, "toy"),
        epoch=MONDAY,
        study_from=day(21),
        study_to=day(60),
        folder=tmp_path,
    )
    (north, south) = simulation.diaries_of("magistrates_trials")
    simulation.env.run_until(21 * MINUTES_A_DAY)
    assert not north.closures
    simulation.env.run_until(21 * MINUTES_A_DAY + 1)
    assert [each.elsewhere for each in north.closures] == [south]
    later = [at for at, start in enumerate(north.sessions.starts) if start > 28 * MINUTES_A_DAY]
    assert not any(north.sessions.rooms[at] for at in later)


def test_a_courthouse_that_was_shut_before_the_run_hears_nothing(make: Make) -> None:
    small = make(shut(dt.date(2012, 4, 1)))
    assert place(fix(small.case(0))) == "south_court"


def test_the_victim_hears_of_another_courthouse_as_of_another_date(make: Make) -> None:
    small = make(shut(day(28)))
    at_the_same_hour, put_back = small.case(0, has_victim=True), small.case(1, has_victim=True)
    fix(at_the_same_hour)
    fix(small.case(2))
    fix(small.case(3))
    fix(put_back)
    small.until_day(60)
    log = small.log()
    told = {row["case_id"] for row in log if row["activity"] == "change_of_date"}
    assert told == {0, 1}
    heard = [row for row in log if row["activity"] == "magistrates_trial"]
    assert len(heard) == 4
    assert {row["place"].partition("#")[0] for row in heard} == {"magistrates_trials@south_court"}


# --- a whole run ---------------------------------------------------------------------------------

FIRST, LAST = dt.date(2013, 6, 3), dt.date(2013, 8, 30)


@pytest.fixture(scope="module")
def shut_for_a_summer(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    base = toy_model(toy)
    closures = (shut(FIRST, LAST),)
    model = changed(base, courthouses={"north_court": {"closed": {"changes": closures}}})
    return run(model, tmp_path_factory.mktemp("shut"), to=dt.date(2013, 11, 30))


@pytest.fixture(scope="module")
def events(shut_for_a_summer: Run) -> Columns:
    return columns(shut_for_a_summer.events_path)


def minute(done: Run, date: dt.date) -> int:
    return (date - done.epoch).days * MINUTES_A_DAY


def test_no_courtroom_of_a_shut_courthouse_sits(shut_for_a_summer: Run, events: Columns) -> None:
    done = shut_for_a_summer
    first, after = minute(done, FIRST), minute(done, LAST + dt.timedelta(days=1))
    in_north = np.array(["@north_court#" in place for place in events["place"]])
    heard = in_north & (events["started_at"] >= 0)
    started, ended = events["started_at"][heard], events["ended_at"][heard]
    assert (started < first).any()
    assert (started >= after).any()
    assert not ((started >= first) & (started < after)).any()
    assert not ((ended >= first) & (ended < after)).any()
    sat = columns(done.sittings_path)
    north = sat["courthouse"] == "north_court"
    assert not (north & (sat["started_at"] >= first) & (sat["started_at"] < after)).any()


def test_cases_of_the_north_are_heard_in_the_south_and_all_end(
    shut_for_a_summer: Run, events: Columns
) -> None:
    done = shut_for_a_summer
    cases = columns(done.cases_path)
    north = set(cases["case_id"][cases["division"] == "north"])
    in_south = np.array(["@south_court#" in place for place in events["place"]])
    first, after = minute(done, FIRST), minute(done, LAST + dt.timedelta(days=1))
    during = (events["started_at"] >= first) & (events["started_at"] < after)
    of_north = np.isin(events["case_id"], list(north))
    assert (in_south & during & of_north).sum() > 20
    assert not (in_south & (events["started_at"] < first) & of_north).any()
    ended = set(events["case_id"][events["activity"] == "disposal"])
    assert len(ended & north) > 100


def test_a_courthouse_may_serve_both_divisions(toy: Path, tmp_path: Path) -> None:
    base = toy_model(toy)
    data = base.model_dump(by_alias=True)
    for court_list in ("crown_pleas", "crown_trials", "crown_sentences"):
        del data["lists"][court_list]["houses"]["south_court"]
    data["courthouses"]["crown_court"] = {
        "title": "The Crown Court for both",
        "courtrooms": ["court 1"],
        "serves": ["north", "south"],
    }
    for court_list in ("crown_pleas", "crown_trials", "crown_sentences"):
        houses = data["lists"][court_list]["houses"]
        data["lists"][court_list]["houses"] = {"crown_court": houses["north_court"]}
    done = run(Model.model_validate(data), tmp_path, to=dt.date(2013, 7, 31))
    table, cases = columns(done.events_path), columns(done.cases_path)
    division = dict(zip(cases["case_id"], cases["division"], strict=True))
    in_crown = np.array(["@crown_court#" in place for place in table["place"]])
    assert {division[case] for case in table["case_id"][in_crown]} == {"north", "south"}
    capacity = columns(done.capacity_path)
    crown = capacity["name"] == "crown_trials@crown_court"
    months = [f"2013-{month:02}" for month in range(4, 8)]
    assert list(capacity["month"][crown]) == months, "one row a month, of both divisions"
    assert set(capacity["division"][crown]) == {""}
