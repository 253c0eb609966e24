"""One suspect in a cell, on bail, or under conditions: what the journey does of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cjsim.england_wales.case import Case
from cjsim.england_wales.journey import custody, entry_points, police, prosecution
from cjsim.schema.model import Model
from tests.support.small_world import PEDIGREE, SmallWorld, length, number

Make = Callable[..., SmallWorld]
Row = dict[str, Any]
DAY, HOUR = 1440, 60


def always(**chances: float) -> dict[str, dict[str, object]]:
    return {branch: {"probability": number(p), "odds": {}} for branch, p in chances.items()}


def lasting(**minutes: float) -> dict[str, dict[str, object]]:
    return {stage: {"duration": length(m)} for stage, m in minutes.items()}


def only(choice: str, option: str, model: Model) -> dict[str, dict[str, object]]:
    """A choice that always falls on one option."""
    shares = dict.fromkeys(model.multiway_branches[choice].shares.value, 0.0) | {option: 1.0}  # type: ignore[index]
    return {choice: {"shares": {**PEDIGREE, "changes": (), "value": shares}}}


def rows(log: list[Row], activity: str) -> list[Row]:
    return [row for row in log if row["activity"] == activity]


# --- in the cell -----------------------------------------------------------------------------


def test_somebody_not_interviewed_in_time_is_bailed_when_the_clock_runs_out(make: Make) -> None:
    small = make(
        pools={"officers": {"capacity": number({"north": 1, "south": 1})}},
        stages=lasting(custody_booking=30, rest_and_legal_advice=60, suspect_interview=60),
        branches=always(mental_health_diversion=0.0),
    )
    small.simulation.pools["officers"][0].resize(0)
    small.go(custody.detention(small.case(offence_class="summary")))
    small.until_day(2)
    log = small.log()
    stay = rows(log, "detention")[0]
    assert stay["ended_at"] - stay["queued_at"] == 24 * HOUR
    interview = rows(log, "suspect_interview")[0]
    assert (interview["result"], interview["started_at"]) == ("limit_reached", -1)
    assert interview["ended_at"] == 24 * HOUR


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
    assert (refused["started_at"], refused["ended_at"], refused["minutes"]) == (-1, 0, 0)
    assert (finished["started_at"], finished["ended_at"]) == (DAY, DAY + 100)


def test_a_place_left_in_the_queue_goes_to_the_next(make: Make) -> None:
    small = make(
        pools={"mental_health_nurses": {"capacity": number(1)}},
        stages=lasting(mental_health_assessment=100),
    )
    for n in (1, 2, 3):
        until = 50 if n == 2 else 1000
        small.go(small.case(n).work_before("mental_health_assessment", until))
    small.until_day(1)
    found = {row["case_id"]: (row["started_at"], row["ended_at"]) for row in small.log()}
    assert found == {1: (0, 100), 2: (-1, 50), 3: (100, 200)}
    assert small.simulation.pools["mental_health_nurses"][0].busy == 0


def test_a_prosecutor_on_the_telephone_answers_people_in_the_cells_first(make: Make) -> None:
    small = make(
        pools={"cps_direct": {"capacity": number(1)}},
        stages=lasting(cps_direct_consultation=60),
        branches=always(urgent_charging_advice=1.0, action_plan=0.0),
    )
    for n in (1, 2):
        small.go(prosecution.consultation(small.case(n)))
    inside = small.case(3)
    small.go(inside.held.enter_cell(), prosecution.consultation(inside))
    small.until_day(1)
    order = [row["case_id"] for row in rows(small.log(), "cps_direct_consultation")]
    assert order == [1, 3, 2]


def test_who_gets_no_prosecutor_before_the_clock_runs_out_is_bailed_for_the_decision(
    make: Make,
) -> None:
    small = make(
        pools={"cps_direct": {"capacity": number(1)}},
        stages=lasting(cps_direct_consultation=30 * HOUR, streamlined_file=60, full_file=60),
        branches=always(custody_clock_extended=0.0, action_plan=0.0, urgent_charging_advice=0.0),
    )
    case = small.case(1, offence_class="either_way", either_way=True)

    def arrested(case: Case) -> Any:
        yield from case.held.enter_cell()
        return police.seek_charge(case)

    small.go(arrested(case))
    small.until_day(40)
    log = small.log()
    call = rows(log, "cps_direct_consultation")[0]
    assert (call["result"], call["ended_at"]) == ("limit_reached", 0)
    assert rows(log, "detention")[0]["ended_at"] == 0
    assert [row["queued_at"] for row in rows(log, "pre_charge_bail")] == [0]
    assert rows(log, "area_charging_consultation")


def test_a_warrant_gives_four_days_and_not_more(make: Make) -> None:
    small = make(
        stages=lasting(
            custody_booking=30,
            rest_and_legal_advice=60,
            suspect_interview=60,
            enquiries_in_custody=9000,
            further_enquiries_in_custody=9000,
            enquiries_under_warrant=9000,
        ),
        branches=always(
            mental_health_diversion=0.0,
            custody_clock_extended=1.0,
            warrant_of_further_detention=1.0,
        ),
    )
    small.go(custody.detention(small.case(offence_class="indictable_only")))
    small.until_day(6)
    stay = rows(small.log(), "detention")[0]
    assert stay["ended_at"] - stay["queued_at"] == 96 * HOUR


def test_a_review_that_nobody_could_do_before_release_was_missed(make: Make) -> None:
    small = make(stages=lasting(detention_review=10))
    for pool in small.simulation.pools["custody_inspectors"]:
        pool.resize(0)
    case = small.case()
    small.go(case.held.enter_cell())
    small.at(0, 1, case.held.authorised)
    small.at(0, 8, case.held.leave_cell)
    small.until_day(1)
    review = rows(small.log(), "detention_review")[0]
    assert (review["due_at"], review["result"], review["started_at"]) == (7 * HOUR, "missed", -1)


def test_a_late_review_does_not_put_off_the_next(make: Make) -> None:
    small = make(stages=lasting(detention_review=10))
    inspectors = small.simulation.pools["custody_inspectors"]
    for pool in inspectors:
        pool.resize(0)
    case = small.case()
    small.go(case.held.enter_cell())
    small.at(0, 0, case.held.authorised)
    small.at(0, 8, lambda: [pool.resize(1) for pool in inspectors])
    small.at(0, 20, case.held.leave_cell)
    small.until_day(1)
    found = [(row["due_at"], row["result"]) for row in rows(small.log(), "detention_review")]
    assert found == [(6 * HOUR, "late"), (15 * HOUR, "in_time")]


# --- mental health ---------------------------------------------------------------------------


def test_a_nurse_on_the_street_spares_a_cell(make: Make) -> None:
    small = make(branches=always(in_mental_distress=1.0, street_triage_diverts=1.0))
    case = small.case()
    small.go(entry_points.arrest(case))
    small.until_day(2)
    log = small.log()
    assert case.outcome == "diverted_to_health"
    assert rows(log, "mental_health_street_triage")
    assert not rows(log, "detention")


def test_who_is_ill_in_the_cell_is_handed_over_without_an_interview(make: Make) -> None:
    small = make(
        branches=always(
            in_mental_distress=1.0, street_triage_diverts=0.0, mental_health_diversion=1.0
        )
    )
    case = small.case()
    small.go(entry_points.arrest(case))
    small.until_day(2)
    log = small.log()
    assert case.outcome == "diverted_to_health"
    assert (
        rows(log, "mental_health_assessment")[0]["ended_at"]
        == rows(log, "detention")[0]["ended_at"]
    )
    assert not rows(log, "suspect_interview")


# --- out of court ----------------------------------------------------------------------------


@pytest.mark.parametrize(("broken", "charged"), [(0.0, False), (1.0, True)])
def test_a_conditional_caution_ends_the_case_if_the_conditions_are_kept(
    make: Make, plain: Model, broken: float, charged: bool
) -> None:
    small = make(
        stages=lasting(out_of_court_disposal=30, conditional_caution_period=20 * DAY),
        multiway_branches=only("out_of_court_kind", "conditional_caution", plain),
        branches=always(caution_conditions_broken=broken),
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
    small = make(multiway_branches=only("out_of_court_kind", kind, plain))
    case = small.case()
    small.go(police.out_of_court(case))
    small.until_day(2)
    assert case.outcome == kind


# --- bail before charge ----------------------------------------------------------------------


def bailed(make: Make, *, enquiries_days: float) -> tuple[list[Row], Case]:
    small = make(
        stages=lasting(
            investigation=0,
            outstanding_enquiries=enquiries_days * DAY,
            pre_charge_bail=28 * DAY,
            re_bail=14 * DAY,
        ),
        branches=always(
            forensics_needed=0.0,
            digital_evidence_needed=0.0,
            evidence_insufficient=1.0,
            victim_withdraws_before_charge=0.0,
        ),
    )
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
    assert all(row["ended_at"] == row["due_at"] for row in periods)
    assert case.outcome == "no_further_action"
    assert case.ended_at == 9 * HOUR + days * DAY
    waited = rows(log, "return_on_bail")[0]
    assert waited["ended_at"] == case.ended_at
    assert waited["ended_at"] - waited["queued_at"] == pytest.approx((days - enquiries_days) * DAY)
