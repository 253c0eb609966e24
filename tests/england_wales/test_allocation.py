"""The either-way gate, mode of trial and plea credit: what a case meets, and what moves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cjsim.england_wales.journey import crown, magistrates
from cjsim.england_wales.journey.readiness import manage
from cjsim.england_wales.vocabulary import ADVOCATES
from cjsim.schema.model import Model
from tests.support.runs import changed
from tests.support.small_world import SmallWorld, number

FIRST_HEARING = (
    "defendant_absent_first_hearing",
    "prosecution_ends_case_first_hearing",
    "first_hearing_adjourned",
    "victim_withdraws_after_charge",
    "pre_sentence_report_needed",
)
GATE = (
    "guilty_plea_first_hearing",
    "jurisdiction_declined",
    "elects_crown_trial",
    "committed_for_sentence",
)
TRIAL = (
    "crown_defendant_absent",
    "crown_late_guilty_plea",
    "crown_plea_to_alternative",
    "crown_prosecution_ends_case_trial",
    "crown_prosecution_not_ready",
    "crown_defence_not_ready",
    "crown_other_trial_obstacle",
    "crown_witness_essential",
)
CASES = range(2000)
World = Callable[..., SmallWorld]


def shut(model: Model, words: tuple[str, ...]) -> Model:
    """Branches that no case goes through, whatever is known of it."""
    tables = {word: {"probability": number(0.0)} for word in words}
    model = changed(model, branches=tables)
    bare = {
        word: branch.model_copy(update={"odds": {}}) if word in words else branch
        for word, branch in model.branches.items()
    }
    return model.model_copy(update={"branches": bare})


@pytest.fixture
def world(plain: Model, tmp_path: Path) -> World:
    """A world in which nothing but the gate decides a first hearing."""

    def of(
        *, limits: dict[str, float] | None = None, doors: tuple[str, ...] = (), **more: Any
    ) -> SmallWorld:
        tables = {word: number(value) for word, value in (limits or {}).items()}
        enough = {side: {"at_court": number(1e6)} for side in ADVOCATES}
        model = changed(shut(plain, FIRST_HEARING), limits=tables, advocates=enough, **more)
        if doors:
            model = shut(model, GATE)
            model = changed(model, branches={word: {"probability": number(1.0)} for word in doors})
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        return SmallWorld(model, folder)

    return of


def heard(small: SmallWorld, **facts: Any) -> Counter[tuple[str, str]]:
    """How first hearings of either-way cases go, with likely sentences as the model draws them."""
    results: Counter[tuple[str, str]] = Counter()
    for at in CASES:
        case = small.case(at, offence_class="either_way", either_way=True, remanded=True, **facts)
        if "likely_sentence_months" not in facts:
            case.likely_sentence_months = case.drawn_fact("likely_sentence_months")
        results[magistrates.the_first_hearing(case)] += 1
    small.simulation.log.close()
    return results


def of(results: Counter[tuple[str, str]], word: str, reason: str = "") -> int:
    return results[word, reason]


# --- the gate -------------------------------------------------------------------------------


def test_an_indictable_only_offence_is_sent_at_once(world: World) -> None:
    case = world().case(offence_class="indictable_only", remanded=True)
    assert magistrates.the_first_hearing(case) == ("sent_for_trial", "")


def test_the_plea_comes_before_the_venue(world: World) -> None:
    doors = ("guilty_plea_first_hearing", "jurisdiction_declined")
    assert set(heard(world(doors=doors))) == {("guilty_plea_sentenced", "")}


def test_a_guilty_plea_beyond_the_powers_is_committed_for_sentence(world: World) -> None:
    doors = ("guilty_plea_first_hearing", "committed_for_sentence")
    assert set(heard(world(doors=doors))) == {("committed_for_sentence", "")}


def test_without_a_guilty_plea_the_court_declines_or_the_defendant_elects(world: World) -> None:
    declined = heard(world(doors=("jurisdiction_declined", "elects_crown_trial")))
    assert set(declined) == {("sent_for_trial", "jurisdiction_declined")}
    elected = heard(world(doors=("elects_crown_trial",)))
    assert set(elected) == {("sent_for_trial", "elected_crown_trial")}


def test_a_youth_cannot_elect(world: World) -> None:
    assert set(heard(world(doors=("elects_crown_trial",)), youth=True)) == {("not_guilty_plea", "")}


def test_a_summary_case_stays_whatever_is_asked_of_others(world: World) -> None:
    small = world(doors=("jurisdiction_declined", "elects_crown_trial"))
    case = small.case(offence_class="summary", remanded=True)
    assert magistrates.the_first_hearing(case) == ("not_guilty_plea", "")


def test_longer_powers_send_and_commit_fewer_cases(world: World) -> None:
    by_months = {
        months: heard(world(limits={"magistrates_powers_months": months}))
        for months in (6.0, 12.0, 18.0)
    }
    declined = [of(r, "sent_for_trial", "jurisdiction_declined") for r in by_months.values()]
    committed = [of(r, "committed_for_sentence") for r in by_months.values()]
    tried = [of(r, "not_guilty_plea") for r in by_months.values()]
    assert declined[0] > declined[1] > declined[2] > 0
    assert committed[0] > committed[1] > committed[2]
    assert tried[0] < tried[1] < tried[2]


def test_powers_change_nobodys_plea(world: World) -> None:
    def guilty(months: float) -> int:
        results = heard(world(limits={"magistrates_powers_months": months}))
        return of(results, "guilty_plea_sentenced") + of(results, "committed_for_sentence")

    assert guilty(6.0) == guilty(12.0)


def test_every_case_kept_with_shorter_powers_is_kept_with_longer_ones(world: World) -> None:
    def kept(months: float) -> set[int]:
        small = world(limits={"magistrates_powers_months": months})
        cases = [
            small.case(at, offence_class="either_way", either_way=True, likely_sentence_months=7.0)
            for at in CASES
        ]
        small.simulation.log.close()
        return {case.number for case in cases if not case.decide("jurisdiction_declined")}

    assert kept(6.0) < kept(12.0)


def test_the_longer_the_likely_sentence_the_more_are_sent_and_the_fewer_plead(world: World) -> None:
    short, long = (heard(world(), likely_sentence_months=months) for months in (1.0, 24.0))
    assert of(short, "guilty_plea_sentenced") > of(long, "guilty_plea_sentenced")
    assert of(short, "sent_for_trial", "jurisdiction_declined") < of(
        long, "sent_for_trial", "jurisdiction_declined"
    )


def test_a_youth_court_keeps_what_magistrates_decline(world: World) -> None:
    adults, youths = (
        heard(world(), likely_sentence_months=12.0, youth=youth) for youth in (False, True)
    )
    word = ("sent_for_trial", "jurisdiction_declined")
    assert of(youths, *word) < of(adults, *word)


def test_the_likely_sentence_is_drawn_once_by_offence_and_only_where_a_court_may_choose(
    world: World,
) -> None:
    small = world()
    burglary = [
        small.case(at, group="burglary").drawn_fact("likely_sentence_months") for at in CASES
    ]
    theft = [small.case(at, group="theft").drawn_fact("likely_sentence_months") for at in CASES]
    small.simulation.log.close()
    spec = small.simulation.model.drawn_facts["likely_sentence_months"]
    for drawn, group in ((burglary, "burglary"), (theft, "theft")):
        assert sorted(drawn)[len(drawn) // 2] == pytest.approx(spec.median.at(group), rel=0.15)
        assert max(drawn) <= spec.most.at(group)
    assert small.case(offence_class="summary").likely_sentence_months == 0.0


def test_after_a_conviction_here_the_sentence_can_still_go_up(world: World) -> None:
    small = world(branches={"committed_after_trial": {"probability": number(1.0)}})
    case = small.case(offence_class="either_way", either_way=True, charged_at=0, plea="not_guilty")
    small.go(magistrates.maybe_report_then_sentence(case))
    assert case.crown_way == "for_sentence"
    small.simulation.log.close()


# --- mode of trial --------------------------------------------------------------------------


def modes(world: World, **shares: float) -> Any:
    value = {"jury": 0.0, "judge_alone": 0.0, "judge_and_magistrates": 0.0, **shares}
    return world(multiway_branches={"mode_of_trial": {"shares": number(value)}})


@pytest.mark.parametrize("mode", ["judge_alone", "judge_and_magistrates"])
def test_only_an_either_way_case_of_no_more_than_three_years_is_tried_without_a_jury(
    world: World, mode: str
) -> None:
    small = modes(world, **{mode: 1.0})
    either_way = {"offence_class": "either_way", "either_way": True}
    assert small.case(**either_way, likely_sentence_months=36.0).mode_of_trial == mode
    assert small.case(**either_way, likely_sentence_months=36.1).mode_of_trial == "jury"
    assert small.case(offence_class="indictable_only").mode_of_trial == "jury"
    small.simulation.log.close()


def test_in_the_baseline_a_jury_tries_every_case(world: World) -> None:
    small = world()
    cases = [small.case(at, either_way=True) for at in CASES]
    small.simulation.log.close()
    assert {case.mode_of_trial for case in cases} == {"jury"}


def test_whoever_asks_how_a_case_is_tried_gets_the_same_answer(world: World) -> None:
    small = modes(world, jury=0.5, judge_alone=0.5)
    for at in range(50):
        case = small.case(at, either_way=True)
        assert case.mode_of_trial == case.mode_of_trial
    small.simulation.log.close()


def test_a_judge_alone_takes_less_time_but_for_the_reasons(plain: Model, world: World) -> None:
    def estimate_and_length(small: SmallWorld) -> tuple[int, int]:
        case = small.case(either_way=True, charged_at=0, received_crown=0)
        listing = case.fix("crown_trial", "crown_trials", crown.the_trial)
        listing.result, listing.reason = "effective", ""
        minutes = case.minutes_needed(listing)
        small.simulation.log.close()
        return listing.planned, minutes

    spec = plain.hearings["crown_trial"]
    factor = spec.length_factors["tried_by_judge_alone"].factor
    added = spec.added_minutes["tried_by_judge_alone"].at("default")
    jury, judge = estimate_and_length(world()), estimate_and_length(modes(world, judge_alone=1.0))
    assert judge[0] == pytest.approx(jury[0] * factor, abs=1)
    assert judge[1] == pytest.approx(jury[1] * factor + added, abs=1)


def test_a_trial_without_a_jury_says_who_sat(plain: Model, tmp_path: Path) -> None:
    shares = number({"jury": 0.0, "judge_alone": 1.0, "judge_and_magistrates": 0.0})
    model = changed(shut(plain, TRIAL), multiway_branches={"mode_of_trial": {"shares": shares}})
    small = SmallWorld(model, tmp_path)
    ready = {"trial_prepared": True, "disclosure_complete": True, "papers_served": True}
    assert crown.the_trial(small.case(either_way=True, **ready)) == ("effective", "judge_alone")
    assert crown.the_trial(small.case(1, **ready)) == ("effective", "")
    small.simulation.log.close()


def test_jurors_are_paid_for_trials_before_a_jury_alone(plain: Model) -> None:
    assert plain.costs.units["juror_day"].reasons == ("",)


# --- plea credit ----------------------------------------------------------------------------


def pleas(small: SmallWorld, branch: str) -> int:
    cases = [small.case(at) for at in CASES]
    small.simulation.log.close()
    return sum(case.decide(branch) for case in cases)


FIRST, LATER, DOOR = (
    "plea_credit_first_hearing_percent",
    "plea_credit_plea_hearing_percent",
    "plea_credit_day_of_trial_percent",
)


def test_more_credit_at_the_first_stage_brings_more_early_pleas(world: World) -> None:
    now, leveson = (world(limits={FIRST: value}) for value in (33.0, 40.0))
    branch = "guilty_plea_first_hearing"
    assert pleas(leveson, branch) > pleas(now, branch)


def test_more_credit_later_on_takes_pleas_from_the_stage_before(world: World) -> None:
    limits = {FIRST: 33.0, LATER: 33.0, DOOR: 33.0}
    for branch, sign in (
        ("guilty_plea_first_hearing", -1),
        ("guilty_plea_crown", -1),
        ("late_guilty_plea", 1),
        ("crown_late_guilty_plea", 1),
    ):
        change = pleas(world(limits=limits), branch) - pleas(world(), branch)
        assert change * sign > 0, branch


def test_at_the_credits_of_today_nothing_moves(world: World, plain: Model) -> None:
    small = world()
    case = small.case()
    for branch, fact in (
        ("guilty_plea_first_hearing", "first_hearing_credit"),
        ("guilty_plea_crown", "plea_hearing_credit"),
        ("late_guilty_plea", "day_of_trial_credit"),
        ("crown_late_guilty_plea", "day_of_trial_credit"),
    ):
        odds = plain.branches[branch].odds[fact]
        assert odds.factor ** (getattr(case, fact) - odds.reference) == 1.0
    small.simulation.log.close()


def test_the_longer_a_trial_is_away_the_fewer_plead_guilty_at_once(world: World) -> None:
    for branch, on in (
        ("guilty_plea_first_hearing", "magistrates_trials"),
        ("guilty_plea_crown", "crown_trials"),
    ):
        counts = []
        for weeks in (0, 10, 30):
            small = world()
            for venues in small.simulation.venues[on]:
                for diary in venues.diaries:
                    diary.usual_wait = weeks * 7 * 24 * 60
            counts.append(sum(small.case(at).decide(branch) for at in CASES))
            small.simulation.log.close()
        assert counts[0] > counts[1] > counts[2], branch


def test_the_wait_ahead_is_the_notice_and_what_trials_waited_beyond_it(world: World) -> None:
    small = world()
    case = small.case()
    notice = case.weeks_to_crown_trial
    for diary in small.simulation.venues["crown_trials"][case.area_index].diaries:
        diary.usual_wait = 3 * 7 * 24 * 60
    assert notice > 0
    assert case.weeks_to_crown_trial == pytest.approx(notice + 3)
    small.simulation.log.close()


def test_credit_brings_a_sentence_back_within_the_powers(world: World) -> None:
    small = world(limits={FIRST: 50.0})
    case = small.case(either_way=True, likely_sentence_months=12.0)
    assert case.sentence_over_powers == pytest.approx(1.0)
    assert case.sentence_over_powers_after_credit == pytest.approx(0.0)
    small.simulation.log.close()


# --- a managed case -------------------------------------------------------------------------


def test_a_managed_case_calls_fewer_witnesses_and_at_least_one(world: World) -> None:
    small = world(branches={"witness_agreed": {"probability": number(1.0)}})
    for count, called in ((0, 0), (1, 1), (4, 1)):
        case = small.case(civilian_witnesses=count)
        manage(case)
        assert (case.managed, case.witnesses_to_call) == (True, called)
    small.simulation.log.close()


def test_a_managed_trial_is_shorter_and_surer(world: World) -> None:
    small = world()
    plain_case, managed = small.case(), small.case(managed=True)
    for case in (plain_case, managed):
        case.trial_prepared = case.papers_served = case.disclosure_complete = True
    assert managed.estimated_minutes("magistrates_trial") < plain_case.estimated_minutes(
        "magistrates_trial"
    )
    for branch in ("witness_essential", "prosecution_not_ready", "defence_not_ready"):
        counts = []
        for is_managed in (False, True):
            cases = [small.case(at, managed=is_managed, civilian_witnesses=1) for at in CASES]
            counts.append(sum(case.decide(branch) for case in cases))
        assert counts[1] < counts[0], branch
    small.simulation.log.close()
