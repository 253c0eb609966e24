"""Whether a trial goes ahead: from who and what is there, in the order in which a court asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cjsim.england_wales.case import Heard
from cjsim.england_wales.journey import crown, magistrates
from cjsim.england_wales.vocabulary import ADVOCATES
from cjsim.schema.model import Model
from tests.support.runs import changed
from tests.support.small_world import SmallWorld, number

MAGISTRATES = (
    "defendant_absent_trial",
    "trial_in_absence",
    "late_guilty_plea",
    "plea_to_alternative",
    "prosecution_ends_case_trial",
    "prosecution_not_ready",
    "defence_not_ready",
    "other_trial_obstacle",
    "witnesses_attend",
    "witness_essential",
    "case_ends_without_witness",
    "defendant_not_produced",
    "trial_stopped_by_disclosure",
)
CROWN = (
    "crown_defendant_absent",
    "crown_late_guilty_plea",
    "crown_plea_to_alternative",
    "crown_prosecution_ends_case_trial",
    "crown_prosecution_not_ready",
    "crown_defence_not_ready",
    "crown_other_trial_obstacle",
    "crown_witness_essential",
    "crown_case_ends_without_witness",
)
Trial = Callable[..., Heard]


@pytest.fixture
def trial(plain: Model, tmp_path: Path) -> Trial:
    """How a trial goes where only these branches are open, and all is there but what is said."""

    def of(*doors: str, court: Any = magistrates, advocates: float = 1.0, **facts: Any) -> Heard:
        branches: dict[str, dict[str, object]] = {
            word: {"probability": number(1.0 if word in doors else 0.0), "odds": {}}
            for word in (*MAGISTRATES, *CROWN)
        }
        there = {side: {"available": number(advocates)} for side in ADVOCATES}
        small = SmallWorld(
            _without_odds(changed(plain, branches=branches, advocates=there)), tmp_path
        )
        ready = {"trial_prepared": True, "disclosure_complete": True, "papers_served": True}
        heard: Heard = court.the_trial(small.case(**{**ready, **facts}))
        small.simulation.log.close()
        return heard

    return of


def _without_odds(model: Model) -> Model:
    branches = {
        word: branch.model_copy(update={"odds": {}}) if word in (*MAGISTRATES, *CROWN) else branch
        for word, branch in model.branches.items()
    }
    return model.model_copy(update={"branches": branches})


def test_a_trial_where_everything_is_there_goes_ahead(trial: Trial) -> None:
    assert trial() == ("effective", "")


@pytest.mark.parametrize(
    ("doors", "facts", "heard"),
    [
        (("defendant_absent_trial",), {}, ("ineffective", "defendant_absent")),
        (("defendant_absent_trial", "trial_in_absence"), {}, ("effective", "defendant_absent")),
        (("defendant_absent_trial",), {"remanded": True}, ("effective", "")),
        (
            ("defendant_not_produced",),
            {"remanded": True},
            ("ineffective", "defendant_not_produced"),
        ),
        (("defendant_not_produced",), {}, ("effective", "")),
        (("late_guilty_plea",), {}, ("cracked", "late_guilty_plea")),
        (("plea_to_alternative",), {}, ("cracked", "plea_to_alternative")),
        (("prosecution_ends_case_trial",), {}, ("cracked", "prosecution_ended")),
        (("trial_stopped_by_disclosure",), {}, ("effective", "")),
        (
            ("trial_stopped_by_disclosure",),
            {"disclosure_complete": False},
            ("ineffective", "disclosure_incomplete"),
        ),
        (("prosecution_not_ready",), {}, ("ineffective", "prosecution_not_ready")),
        (("defence_not_ready",), {}, ("ineffective", "defence_not_ready")),
        (("other_trial_obstacle",), {}, ("ineffective", "interpreter_or_other")),
    ],
)
def test_one_thing_that_is_wanting_settles_it(
    trial: Trial, doors: tuple[str, ...], facts: dict[str, Any], heard: Heard
) -> None:
    assert trial(*doors, **facts) == heard


def test_who_does_not_come_matters_only_if_the_trial_cannot_do_without(trial: Trial) -> None:
    assert trial(civilian_witnesses=3) == ("effective", "")
    essential = trial("witness_essential", civilian_witnesses=3)
    assert essential == ("ineffective", "prosecution_witness_absent")
    ended = trial("witness_essential", "case_ends_without_witness", civilian_witnesses=1)
    assert ended == ("cracked", "witness_did_not_attend")
    assert trial("witness_essential", "witnesses_attend", civilian_witnesses=3)[0] == "effective"
    assert trial("witness_essential") == ("effective", "")


def test_a_jury_trial_asks_for_its_witnesses_by_chances_of_its_own(trial: Trial) -> None:
    below = ("witness_essential", "case_ends_without_witness")
    assert trial(*below, civilian_witnesses=2, court=crown) == ("effective", "")
    essential = trial("crown_witness_essential", civilian_witnesses=2, court=crown)
    assert essential == ("ineffective", "prosecution_witness_absent")
    doors = ("crown_witness_essential", "crown_case_ends_without_witness")
    assert trial(*doors, civilian_witnesses=2, court=crown) == ("cracked", "witness_did_not_attend")
    assert trial(*doors, civilian_witnesses=2) == ("effective", "")


def test_in_absence_everything_else_still_has_to_be_there(trial: Trial) -> None:
    doors = ("defendant_absent_trial", "trial_in_absence")
    assert trial(*doors, "late_guilty_plea") == ("effective", "defendant_absent")
    assert trial(*doors, "prosecution_not_ready") == ("ineffective", "prosecution_not_ready")


def test_without_advocates_no_trial_starts_and_a_plea_still_cracks_it(trial: Trial) -> None:
    assert trial(advocates=0.0) == ("ineffective", "no_prosecution_advocate")
    assert trial("late_guilty_plea", advocates=0.0) == ("cracked", "late_guilty_plea")
    in_crown = trial(court=crown, advocates=0.0)
    assert in_crown == ("ineffective", "no_prosecution_advocate")


def test_nobody_is_tried_in_absence_in_the_crown_court(trial: Trial) -> None:
    absent = trial("crown_defendant_absent", "trial_in_absence", court=crown)
    assert absent == ("ineffective", "defendant_absent")


def test_the_models_own_numbers_hardly_let_an_unprepared_trial_start(
    plain: Model, tmp_path: Path
) -> None:
    small = SmallWorld(plain, tmp_path)

    def not_ready(**facts: bool) -> int:
        cases = (small.case(n, **facts) for n in range(1000))
        return sum(case.decide("prosecution_not_ready") for case in cases)

    unprepared, prepared = not_ready(trial_prepared=False), not_ready(trial_prepared=True)
    assert unprepared > 600
    assert prepared < 80
    small.simulation.log.close()
