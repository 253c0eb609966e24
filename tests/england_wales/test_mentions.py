"""The Crown Court's short hearings, its warrants and linked cases: what a case meets there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cjsim.england_wales.case import Case, Steps
from cjsim.england_wales.journey import crown, magistrates, prisons
from cjsim.schema.model import Model
from tests.support.runs import changed
from tests.support.small_world import SmallWorld, length, number

SHUT = (
    "crown_bail_application_made",
    "crown_bail_granted",
    "crown_preliminary_hearing_held",
    "crown_mention_needed",
    "crown_defendant_absent_plea_hearing",
    "waits_for_linked_case",
    "hearing_when_trial_falls_away",
    "crown_prosecution_ends_case",
    "crown_hearing_adjourned",
    "guilty_plea_crown",
    "remanded_by_crown_court",
    "crown_application_needed",
    "victim_withdraws_after_charge",
    "crown_trial_vacated",
    "remanded_after_warrant",
    "defendant_absent_first_hearing",
    "prosecution_ends_case_first_hearing",
    "first_hearing_adjourned",
    "guilty_plea_first_hearing",
    "jurisdiction_declined",
    "elects_crown_trial",
    "defendant_absent_sentence",
    "report_delayed",
    "sentenced_at_once",
)
Told = list[tuple[str, str, str]]
Life = Callable[..., Told]


@pytest.fixture
def life(plain: Model, tmp_path: Path) -> Life:
    """What happens to one case where only these branches are open: activity, result, reason."""

    def of(
        road: Callable[[Case], Steps[None]],
        *doors: str,
        custody: bool = False,
        days: int = 250,
        changes: dict[str, Any] | None = None,
        **facts: Any,
    ) -> Told:
        branches: dict[str, dict[str, object]] = {
            word: {"probability": number(1.0 if word in doors else 0.0)} for word in SHUT
        }
        model = changed(plain, branches=branches, **(changes or {}))
        bare = {
            word: branch.model_copy(update={"odds": {}}) if word in SHUT else branch
            for word, branch in model.branches.items()
        }
        small = SmallWorld(model.model_copy(update={"branches": bare}), tmp_path)
        given = {"charged_at": 0, "file_built": True, "papers_served": True, **facts}
        case = small.case(**given)
        if custody:
            prisons.remand(case)
        small.go(road(case))
        small.until_day(days)
        return [
            (str(row["activity"]), str(row["result"]), str(row["reason"])) for row in small.log()
        ]

    return of


def times(told: Told, activity: str) -> int:
    return sum(word == activity for word, _, _ in told)


def place(told: Told, activity: str) -> int:
    return [word for word, _, _ in told].index(activity)


def test_whoever_is_sent_in_custody_asks_a_judge_for_bail_first(life: Life) -> None:
    told = life(crown.sent_for_trial, "crown_bail_application_made", custody=True)
    assert place(told, "crown_bail_application") < place(told, "service_of_prosecution_case")


def test_nobody_on_bail_asks_for_it(life: Life) -> None:
    told = life(crown.sent_for_trial, "crown_bail_application_made")
    assert not times(told, "crown_bail_application")


@pytest.mark.parametrize("granted", [True, False])
def test_bail_granted_by_a_judge_ends_the_remand(life: Life, granted: bool) -> None:
    doors = ["crown_bail_application_made", *(["crown_bail_granted"] if granted else [])]
    told = life(crown.sent_for_trial, *doors, custody=True, days=20)
    assert times(told, "remand") == granted


def test_a_preliminary_hearing_comes_before_the_plea(life: Life) -> None:
    told = life(crown.sent_for_trial, "crown_preliminary_hearing_held")
    assert times(told, "crown_preliminary_hearing") == 1
    assert place(told, "crown_preliminary_hearing") < place(
        told, "plea_and_case_management_hearing"
    )


def test_mentions_go_on_until_there_is_no_time_left_before_the_trial(life: Life) -> None:
    told = life(crown.up_to_fixing_trial, "crown_mention_needed", received_crown=0)
    assert times(told, "crown_mention") > 1
    assert place(told, "crown_mention") < place(told, "crown_trial")


def test_nothing_outstanding_needs_no_mention(life: Life) -> None:
    assert not times(life(crown.up_to_fixing_trial, received_crown=0), "crown_mention")


@pytest.mark.parametrize("in_court", [True, False])
def test_a_plea_before_the_trial_is_entered_in_court(life: Life, in_court: bool) -> None:
    doors = ["hearing_when_trial_falls_away"] if in_court else []
    told = life(crown.plea_before_trial, *doors, received_crown=0)
    assert times(told, "crown_plea_before_trial_hearing") == in_court
    assert times(told, "crown_sentence_hearing") == 1
    assert ("disposal", "convicted_guilty_plea", "") in told


@pytest.mark.parametrize("in_court", [True, False])
def test_no_evidence_is_offered_in_court(life: Life, in_court: bool) -> None:
    doors = ["hearing_when_trial_falls_away"] if in_court else []
    told = life(crown.no_evidence, *doors, received_crown=0)
    assert times(told, "crown_no_evidence_hearing") == in_court
    assert ("disposal", "prosecution_dropped", "") in told


def test_below_a_case_is_discontinued_without_a_hearing(life: Life) -> None:
    told = life(magistrates.discontinued)
    assert ("disposal", "prosecution_dropped", "") in told
    assert not any(word.endswith("hearing") for word, _, _ in told)


def test_whoever_stays_away_from_the_plea_hearing_comes_back_to_it(life: Life) -> None:
    doors = ("crown_defendant_absent_plea_hearing",)
    found = {"stages": {"crown_warrant_outstanding": {"duration": length(9 * 1440)}}}
    told = life(crown.sent_for_trial, *doors, changes=found)
    pleas = [row for row in told if row[0] == "plea_and_case_management_hearing"]
    assert pleas[0][1:] == ("warrant_issued", "defendant_absent")
    assert len(pleas) > 1
    assert not times(told, "warrant_outstanding")
    brought = [word for word, _, _ in told if word.endswith("warrant_hearing")]
    assert place(told, "crown_warrant_outstanding") < place(told, brought[0])


@pytest.mark.parametrize(
    ("judge", "magistrates_sit", "hearing"),
    [
        (3, 3, "crown_warrant_hearing"),
        (2, 3, "crown_warrant_hearing"),
        (5, 3, "warrant_hearing"),
    ],
)
def test_a_warrant_of_the_crown_court_is_heard_by_whichever_court_sits_first(
    life: Life, monkeypatch: pytest.MonkeyPatch, judge: int, magistrates_sit: int, hearing: str
) -> None:
    """Senior Courts Act 1981, section 81(5)."""
    days = {"crown_pleas": judge, "remand_court": magistrates_sit}
    monkeypatch.setattr(Case, "next_day_of", lambda _, on: days[on])
    found = {"stages": {"crown_warrant_outstanding": {"duration": length(9 * 1440)}}}
    told = life(crown.sent_for_trial, "crown_defendant_absent_plea_hearing", changes=found)
    assert {word for word, _, _ in told if word.endswith("warrant_hearing")} == {hearing}


@pytest.mark.parametrize(
    ("plea", "follows"),
    [
        ("guilty_plea_crown", "crown_sentence_hearing"),
        ("", "trial_preparation"),
    ],
)
def test_a_linked_case_comes_first(life: Life, plea: str, follows: str) -> None:
    doors = ("waits_for_linked_case", plea) if plea else ("waits_for_linked_case",)
    soon = {"stages": {"linked_case": {"duration": length(30 * 1440)}}}
    told = life(crown.sent_for_trial, *doors, changes=soon)
    assert place(told, "linked_case") < place(told, follows)


def test_a_denied_case_is_dropped_at_its_first_hearing_without_its_victim(life: Life) -> None:
    facts = {"has_victim": True, "offence_class": "summary"}
    told = life(magistrates.first_hearing, "victim_withdraws_after_charge", **facts)
    assert ("first_hearing", "prosecution_ended", "victim_withdrew") in told
    assert ("victim_withdrawal", "after_charge", "") in told
    assert ("disposal", "prosecution_dropped", "") in told


def test_a_guilty_plea_needs_no_victim(life: Life) -> None:
    facts = {"has_victim": True, "offence_class": "summary"}
    doors = ("victim_withdraws_after_charge", "guilty_plea_first_hearing")
    told = life(magistrates.first_hearing, *doors, **facts)
    assert not times(told, "victim_withdrawal")
    assert ("disposal", "prosecution_dropped", "") not in told


def test_another_date_has_a_notice_of_its_own(plain: Model, tmp_path: Path) -> None:
    notice = {
        "notice_days": {"magistrates_trials": number(42)},
        "notice_again_days": {"magistrates_trials": number(7)},
    }
    small = SmallWorld(changed(plain, hearings={"magistrates_trial": notice}), tmp_path)
    case = small.case()
    assert magistrates.fix_trial(case).start >= 42 * 1440
    assert 7 * 1440 <= magistrates.fix_trial(case).start < 42 * 1440
    small.simulation.log.close()
