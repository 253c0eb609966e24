"""One suspect in custody, on bail, under conditions or on remand: what the journey does of itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cjsim.case import Case
from cjsim.journey import custody, police, prisons, prosecution, ways_in
from cjsim.spec.model import Model
from tests.laws.runs import changed, toy_model
from tests.unit.small_world import MONDAY, PEDIGREE, SmallWorld, length, number

Make = Callable[..., SmallWorld]
Row = dict[str, Any]
DAY, HOUR = 1440, 60


@pytest.fixture(scope="module")
def plain(toy: Path) -> Model:
    return toy_model(toy)


@pytest.fixture
def make(plain: Model, tmp_path: Path) -> Make:
    """A small world of the toy model with some tables changed."""
    built: list[SmallWorld] = []

    def of(**tables: dict[str, dict[str, object]]) -> SmallWorld:
        folder = tmp_path / str(len(built))
        folder.mkdir()
        built.append(SmallWorld(changed(plain, **tables), folder))
        return built[-1]

    return of


def always(**chances: float) -> dict[str, dict[str, object]]:
    return {fork: {"probability": number(p), "odds": {}} for fork, p in chances.items()}


def lasting(**minutes: float) -> dict[str, dict[str, object]]:
    return {stage: {"duration": length(m)} for stage, m in minutes.items()}


def only(choice: str, option: str, model: Model) -> dict[str, dict[str, object]]:
    """A choice that always falls on one option."""
    shares = dict.fromkeys(model.choices[choice].shares.value, 0.0) | {option: 1.0}  # type: ignore[index]
    return {choice: {"shares": {**PEDIGREE, "changes": (), "value": shares}}}


def rows(log: list[Row], activity: str) -> list[Row]:
    return [row for row in log if row["activity"] == activity]


# --- in the cell -----------------------------------------------------------------------------


def test_somebody_not_interviewed_in_time_is_bailed_when_the_clock_runs_out(make: Make) -> None:
    small = make(
        pools={"officers": {"capacity": number({"north": 1, "south": 1})}},
        stages=lasting(custody_booking=30, rest_and_legal_advice=60, suspect_interview=60),
        forks=always(mental_health_diversion=0.0),
    )
    small.world.pools["officers"][0].resize(0)
    small.go(custody.detention(small.case(offence_class="summary")))
    small.until_day(2)
    log = small.log()
    stay = rows(log, "detention")[0]
    assert stay["left"] - stay["entered"] == 24 * HOUR
    interview = rows(log, "suspect_interview")[0]
    assert (interview["result"], interview["started"]) == ("limit_reached", -1)
    assert interview["left"] == 24 * HOUR


def test_work_that_cannot_be_finished_in_time_is_not_begun(make: Make) -> None:
    small = make(stages=lasting(mental_health_assessment=100))
    done: list[bool] = []

    def work(case: Case, until: int) -> Any:
        done.append((yield from case.work_before("mental_health_assessment", until)))

    small.go(work(small.case(1), 99))
    small.until_day(1)
    small.go(work(small.case(2), DAY + 100))
    small.until_day(2)
    assert done == [False, True]
    refused, finished = rows(small.log(), "mental_health_assessment")
    assert (refused["started"], refused["left"], refused["minutes"]) == (-1, 0, 0)
    assert (finished["started"], finished["left"]) == (DAY, DAY + 100)


def test_a_place_left_in_the_queue_goes_to_the_next(make: Make) -> None:
    small = make(
        pools={"mental_health_nurses": {"capacity": number(1)}},
        stages=lasting(mental_health_assessment=100),
    )
    for n in (1, 2, 3):
        until = 50 if n == 2 else 1000
        small.go(small.case(n).work_before("mental_health_assessment", until))
    small.until_day(1)
    found = {row["case"]: (row["started"], row["left"]) for row in small.log()}
    assert found == {1: (0, 100), 2: (-1, 50), 3: (100, 200)}
    assert small.world.pools["mental_health_nurses"][0].busy == 0


def test_a_prosecutor_on_the_telephone_answers_people_in_the_cells_first(make: Make) -> None:
    small = make(
        pools={"cps_direct": {"capacity": number(1)}},
        stages=lasting(cps_direct_consultation=60),
        forks=always(urgent_charging_advice=1.0, action_plan=0.0),
    )
    for n in (1, 2):
        small.go(prosecution.consultation(small.case(n)))
    inside = small.case(3)
    small.go(inside.held.enter_cell(), prosecution.consultation(inside))
    small.until_day(1)
    order = [row["case"] for row in rows(small.log(), "cps_direct_consultation")]
    assert order == [1, 3, 2]


def test_who_gets_no_prosecutor_before_the_clock_runs_out_is_bailed_for_the_decision(
    make: Make,
) -> None:
    small = make(
        pools={"cps_direct": {"capacity": number(1)}},
        stages=lasting(cps_direct_consultation=30 * HOUR, streamlined_file=60, full_file=60),
        forks=always(custody_clock_extended=0.0, action_plan=0.0, urgent_charging_advice=0.0),
    )
    case = small.case(1, offence_class="either_way", either_way=True)

    def arrested(case: Case) -> Any:
        yield from case.held.enter_cell()
        yield from police.seek_charge(case)

    small.go(arrested(case))
    small.until_day(40)
    log = small.log()
    call = rows(log, "cps_direct_consultation")[0]
    assert (call["result"], call["left"]) == ("limit_reached", 0)
    assert rows(log, "detention")[0]["left"] == 0
    assert [row["entered"] for row in rows(log, "pre_charge_bail")] == [0]
    assert rows(log, "area_charging_consultation")


def test_a_warrant_gives_four_days_and_not_more(make: Make) -> None:
    small = make(
        stages=lasting(
            custody_booking=30, rest_and_legal_advice=60, suspect_interview=60,
            enquiries_in_custody=9000, further_enquiries_in_custody=9000,
            enquiries_under_warrant=9000,
        ),
        forks=always(
            mental_health_diversion=0.0, custody_clock_extended=1.0,
            warrant_of_further_detention=1.0,
        ),
    )  # fmt: skip
    small.go(custody.detention(small.case(offence_class="indictable_only")))
    small.until_day(6)
    stay = rows(small.log(), "detention")[0]
    assert stay["left"] - stay["entered"] == 96 * HOUR


def test_a_review_that_nobody_could_do_before_release_was_missed(make: Make) -> None:
    small = make(stages=lasting(detention_review=10))
    for pool in small.world.pools["custody_inspectors"]:
        pool.resize(0)
    case = small.case()
    small.go(case.held.enter_cell())
    small.at(0, 1, case.held.authorised)
    small.at(0, 8, case.held.leave_cell)
    small.until_day(1)
    review = rows(small.log(), "detention_review")[0]
    assert (review["due"], review["result"], review["started"]) == (7 * HOUR, "missed", -1)


def test_a_late_review_does_not_put_off_the_next(make: Make) -> None:
    small = make(stages=lasting(detention_review=10))
    inspectors = small.world.pools["custody_inspectors"]
    for pool in inspectors:
        pool.resize(0)
    case = small.case()
    small.go(case.held.enter_cell())
    small.at(0, 0, case.held.authorised)
    small.at(0, 8, lambda: [pool.resize(1) for pool in inspectors])
    small.at(0, 20, case.held.leave_cell)
    small.until_day(1)
    found = [(row["due"], row["result"]) for row in rows(small.log(), "detention_review")]
    assert found == [(6 * HOUR, "late"), (15 * HOUR, "in_time")]


# --- mental health ---------------------------------------------------------------------------


def test_a_nurse_on_the_street_spares_a_cell(make: Make) -> None:
    small = make(forks=always(street_triage_diverts=1.0))
    case = small.case()
    small.go(ways_in.arrest(case))
    small.until_day(2)
    log = small.log()
    assert case.outcome == "diverted_to_health"
    assert rows(log, "mental_health_street_triage")
    assert not rows(log, "detention")


def test_who_is_ill_in_the_cell_is_handed_over_without_an_interview(make: Make) -> None:
    small = make(forks=always(street_triage_diverts=0.0, mental_health_diversion=1.0))
    case = small.case()
    small.go(ways_in.arrest(case))
    small.until_day(2)
    log = small.log()
    assert case.outcome == "diverted_to_health"
    assert rows(log, "mental_health_assessment")[0]["left"] == rows(log, "detention")[0]["left"]
    assert not rows(log, "suspect_interview")


# --- out of court ----------------------------------------------------------------------------


@pytest.mark.parametrize(("broken", "charged"), [(0.0, False), (1.0, True)])
def test_a_conditional_caution_ends_the_case_if_the_conditions_are_kept(
    make: Make, plain: Model, broken: float, charged: bool
) -> None:
    small = make(
        stages=lasting(out_of_court_disposal=30, conditional_caution_period=20 * DAY),
        choices=only("out_of_court_kind", "conditional_caution", plain),
        forks=always(caution_conditions_broken=broken),
    )
    case = small.case(offence_class="summary")
    small.go(police.out_of_court(case))
    small.until_day(19)
    assert (case.ended_at, case.charged_at) == (-1, -1)
    small.until_day(23)
    assert (case.charged_at >= 0) == charged
    assert (case.outcome == "conditional_caution") != charged


@pytest.mark.parametrize(
    "kind", ["caution", "cannabis_warning", "penalty_notice", "community_resolution"]
)
def test_the_other_kinds_end_the_case_at_once(make: Make, plain: Model, kind: str) -> None:
    small = make(choices=only("out_of_court_kind", kind, plain))
    case = small.case()
    small.go(police.out_of_court(case))
    small.until_day(2)
    assert case.outcome == kind


# --- bail before charge ----------------------------------------------------------------------


def bailed(make: Make, *, enquiries_days: float) -> tuple[list[Row], Case]:
    small = make(
        stages=lasting(
            investigation=0, outstanding_enquiries=enquiries_days * DAY, pre_charge_bail=28 * DAY,
            re_bail=14 * DAY,
        ),
        forks=always(
            forensics_needed=0.0, digital_evidence_needed=0.0, evidence_insufficient=1.0,
            victim_withdraws_before_charge=0.0,
        ),
    )  # fmt: skip
    case = small.case()
    small.go(case.held.enter_cell())
    small.at(0, 9, lambda: small.go(custody.released_on_bail(case)))
    small.until_day(120)
    return small.log(), case


@pytest.mark.parametrize(
    ("enquiries_days", "dates", "days"), [(10, 1, 28), (30, 2, 42), (50, 3, 56)]
)
def test_bail_goes_from_date_to_date_until_the_enquiries_are_finished(
    make: Make, enquiries_days: float, dates: int, days: int
) -> None:
    log, case = bailed(make, enquiries_days=enquiries_days)
    periods = rows(log, "pre_charge_bail") + rows(log, "re_bail")
    assert len(periods) == dates
    assert all(row["left"] == row["due"] for row in periods)
    assert case.outcome == "no_further_action"
    assert case.ended_at == 9 * HOUR + days * DAY
    waited = rows(log, "return_on_bail")[0]
    assert waited["left"] == case.ended_at
    assert waited["left"] - waited["entered"] == pytest.approx((days - enquiries_days) * DAY)


# --- custody time limits ---------------------------------------------------------------------


def limits(*, extended: float, **days: Any) -> dict[str, Any]:
    asked = {f"custody_time_limit_{name}_days": value for name, value in days.items()}
    whole = {name: v if isinstance(v, dict) else number(v) for name, v in asked.items()}
    return {"limits": whole, "forks": always(custody_time_limit_extended=extended)}


def marks(small: SmallWorld) -> list[tuple[int, str]]:
    """The day of each time limit missed, and what followed."""
    found = rows(small.log(), "custody_time_limit")
    return [(row["left"] // DAY, row["result"]) for row in found]


def notice(days: int) -> dict[str, Any]:
    """A trial so many days ahead, in an empty diary."""
    asked = {"notice_days": {"magistrates_trials": number(days)}}
    return {"hearings": {"magistrates_trial": asked}}


def tried(_: Case) -> Any:
    return "effective", ""


def put_off(_: Case) -> Any:
    return "ineffective", "prosecution_not_ready"


@pytest.mark.parametrize("extended", [0.0, 1.0])
def test_a_limit_that_passes_before_a_trial_is_fixed_is_noticed(
    make: Make, extended: float
) -> None:
    small = make(**limits(extended=extended, summary=5, either_way=7, extension=10))
    case = small.case(offence_class="either_way", either_way=True)
    prisons.remand(case)
    small.until_day(30)
    assert case.remanded == bool(extended)
    # After 7 days, and after every extension of 10 again.
    found = (
        [(8, "extended"), (19, "extended"), (30, "extended")][:2] if extended else [(8, "lapsed")]
    )
    assert marks(small) == found


@pytest.mark.parametrize(
    ("offence_class", "pleaded_on", "day"),
    [("summary", 0, 6), ("either_way", 0, 6), ("either_way", 6, 8), ("either_way", None, 8)],
)
def test_an_either_way_case_has_the_summary_limit_if_it_was_allocated_in_time(
    make: Make, offence_class: str, pleaded_on: int | None, day: int
) -> None:
    small = make(**limits(extended=0.0, summary=5, either_way=7))
    case = small.case(offence_class=offence_class, either_way=offence_class == "either_way")
    prisons.remand(case)
    if pleaded_on is not None:
        small.at(pleaded_on, 10, lambda: case.pleads("not_guilty", "first_hearing"))
    small.until_day(20)
    assert marks(small) == [(day, "lapsed")]


def test_the_limit_runs_from_the_first_appearance_and_counts_earlier_spells(make: Make) -> None:
    small = make(**limits(extended=0.0, summary=5))
    case = small.case(offence_class="summary")
    prisons.remand(case)
    case.first_listed = 1 * DAY + 10 * HOUR
    small.at(3, 12, lambda: prisons.release(case))
    small.at(20, 12, lambda: prisons.remand(case))
    small.until_day(40)
    # Two days before, three after: the last is day 23.
    assert marks(small) == [(24, "lapsed")]


@pytest.mark.parametrize(("sent_on", "day"), [(0, 113), (60, 243)])
def test_a_limit_is_the_one_in_force_when_it_began_to_run(
    make: Make, sent_on: int, day: int
) -> None:
    change = {"from": MONDAY + dt.timedelta(days=30), "area": None, "value": 182}
    small = make(**limits(extended=0.0, summary=500, crown=number(112, change)))
    case = small.case(offence_class="either_way", either_way=True)

    def sent() -> None:
        prisons.remand(case)
        case.received_by_crown_court("for_trial")

    small.at(sent_on, 12, sent)
    # The watch looks after the shortest limit first: here that is a long way off.
    small.until_day(260)
    assert case.held.time_limit is not None
    assert case.held.time_limit.last_day() == day - 1


def test_each_new_date_is_held_against_the_limit(make: Make) -> None:
    small = make(**limits(extended=1.0, summary=12), **notice(8))
    case = small.case(offence_class="summary")

    def tried_in_vain(case: Case) -> Any:
        for _ in range(4):
            listing = case.fix("magistrates_trial", "magistrates_trials", put_off)
            yield from case.appear(prisons.keep_custody_time_limit(case, listing))
        prisons.release(case)

    prisons.remand(case)
    small.go(tried_in_vain(case))
    small.until_day(60)
    log = small.log()
    days = [row["due"] // DAY for row in rows(log, "magistrates_trial")]
    assert days[0] <= 12 < days[1] < days[2] < days[3]
    # Asked whenever a date past what is allowed is fixed, which is the day of the trial before.
    found = [(row["left"] // DAY, row["result"]) for row in rows(log, "custody_time_limit")]
    assert found == [(day, "extended") for day in days[:3]]


def test_a_trial_that_the_list_carried_past_the_limit_is_noticed_on_the_day_after(
    make: Make,
) -> None:
    small = make(**limits(extended=0.0, summary=15), **notice(8))
    case = small.case(offence_class="summary")
    prisons.remand(case)
    listing = case.fix("magistrates_trial", "magistrates_trials", tried)
    assert prisons.keep_custody_time_limit(case, listing).day <= 15
    # The list puts it back and back again, as a warned list does.
    small.world.diaries["magistrates_trials"][0].vacate(listing)
    listing.start = 40 * DAY
    small.until_day(30)
    assert marks(small) == [(16, "lapsed")]
    assert not case.remanded


@pytest.mark.parametrize("ends", ["plea", "trial"])
def test_the_limit_is_over_with_a_guilty_plea_or_the_beginning_of_the_trial(
    make: Make, ends: str
) -> None:
    small = make(**limits(extended=0.0, summary=20), **notice(8))
    case = small.case(offence_class="summary")
    prisons.remand(case)
    if ends == "plea":
        small.at(3, 10, lambda: case.pleads("guilty", "first_hearing"))
    else:
        case.held.trial = case.fix("magistrates_trial", "magistrates_trials", tried)
        assert case.held.trial.day < 20
    small.until_day(60)
    assert case.remanded
    assert marks(small) == []
