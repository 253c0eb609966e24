"""The register of reforms and the test of claims: what was published, held against the model."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjsim.errors import Faults
from cjsim.experiment.designs.size import at_size
from cjsim.experiment.designs.study import STUDY, StudyOptions
from cjsim.reforms import quick_runs
from cjsim.reforms.agreement import compare_effect, in_unit, overall
from cjsim.reforms.claim_test import BEST, FITTED, claim_text, crossing
from cjsim.reforms.linear_surrogate import fit_surrogate, nearest_settings, share_in_reach
from cjsim.reforms.quick_runs import Group, groups_of, is_decided
from cjsim.reforms.register import (
    ModelEffects,
    effects_in,
    effects_kept_in,
    entries,
    reforms_in,
    register_page,
    register_text,
)
from cjsim.scenarios.load import load_experiment
from cjsim.scenarios.resolve import resolve
from cjsim.schema.base import BASELINE
from cjsim.schema.dated import number_on
from cjsim.schema.experiment import Experiment
from cjsim.schema.reform import Published

DAY = dt.date(2014, 1, 1)


@pytest.fixture(scope="module")
def reforms(root: Path) -> list[Experiment]:
    """Every experiment of the project that describes a reform."""
    return reforms_in(root / "experiments")


def published(
    direction: str = "rises", size: float | None = 10, unit: str = "per cent"
) -> Published:
    sized = {} if size is None else {"size": size, "unit": unit}
    return Published.model_validate(
        {
            "name": "pleas",
            "says": "pleas up ten",
            "kpi": "early_guilty_plea_rate",
            "direction": direction,
            "grade": "B",
            "source": "cjsss_2007_08",
            **sized,
        }
    )


def difference(
    middle: float, half: float, baseline: float = 0.5, count: int = 6
) -> dict[str, float | None]:
    return {
        "baseline": baseline,
        "value": baseline + middle,
        "difference": middle,
        "low": middle - half,
        "high": middle + half,
        "n": count,
        "differed": count,
    }


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (difference(0.05, 0.01), "agrees"),
        (difference(0.01, 0.005), "partly"),
        (difference(0.01, 0.06), "does not"),
        (difference(-0.05, 0.01), "does not"),
        (difference(0.20, 0.01), "partly"),
    ],
)
def test_the_word_is_of_direction_and_size(found: dict[str, float | None], word: str) -> None:
    assert compare_effect(published(), found).word == word


def test_from_fewer_than_six_replications_no_direction_can_be_told() -> None:
    few = difference(0.05, 0.01, count=5)
    assert compare_effect(published(), few).word == "too few replications"
    assert overall([compare_effect(published(), few)]) == "too few replications"
    assert (
        overall([compare_effect(published(), few), compare_effect(published(), None)])
        == "too few replications"
    )


def test_no_direction_comes_from_few_that_differ_among_more_replications() -> None:
    some = {**difference(0.05, 0.01, count=10), "differed": 5}
    assert compare_effect(published(), some).word == "does not"


def test_a_difference_that_is_the_same_every_time_has_a_direction_without_an_interval() -> None:
    same = {**difference(0.05, 0.0), "low": None, "high": None}
    assert compare_effect(published(), same).word == "agrees"


def test_without_a_size_the_direction_alone_is_compared() -> None:
    assert compare_effect(published(size=None), difference(0.001, 0.0005)).word == "agrees"
    assert compare_effect(published("falls", None), difference(0.001, 0.0005)).word == "does not"


def test_a_size_of_something_else_is_never_agreed_with() -> None:
    hours = published(size=None).model_copy(update={"size_is_of_something_else": True})
    assert compare_effect(hours, difference(0.05, 0.02)).word == "partly"
    assert compare_effect(hours, difference(-0.05, 0.02)).word == "does not"
    with pytest.raises(ValueError, match="something else"):
        Published.model_validate({**published().model_dump(), "size_is_of_something_else": True})


def test_where_a_number_was_published_it_is_compared_or_said_to_be_of_something_else(
    reforms: list[Experiment],
) -> None:
    loose = [
        (one.path.stem, effect.says)
        for one in reforms
        for effect in one.published
        if effect.size is None and not effect.size_is_of_something_else
        if any(letter.isdigit() for letter in effect.says)
    ]
    assert loose == []


def test_what_was_said_not_to_change_agrees_unless_it_clearly_does() -> None:
    assert (
        compare_effect(published("does not change", None), difference(0.01, 0.02)).word == "agrees"
    )
    assert (
        compare_effect(published("does not change", None), difference(0.03, 0.02)).word
        == "does not"
    )


def test_points_are_of_a_share_and_per_cent_of_the_level_before() -> None:
    assert in_unit("points", 0.11, 0.48) == pytest.approx(11)
    assert in_unit("per cent", 0.05, 0.5) == pytest.approx(10)
    assert in_unit("per cent", 0.05, 0.0) is None
    assert in_unit("own unit", -0.8, 2.2) == -0.8


def test_a_reform_has_one_word_for_all_its_effects() -> None:
    good, bad = (
        compare_effect(published(), difference(0.05, 0.01)),
        compare_effect(published(), difference(-1, 0.1)),
    )
    assert overall([]) == "nothing published"
    assert overall([good]) == "agrees"
    assert overall([good, bad]) == "partly"
    assert overall([bad]) == "does not"
    assert overall([compare_effect(published(), None)]) == "not run"


# --- the register ----------------------------------------------------------------------------


def test_every_reform_of_the_issue_has_its_file(reforms: list[Experiment]) -> None:
    names = {one.path.stem for one in reforms}
    assert {
        "prosecute_not_process",
        "community_triage",
        "victim_tracker",
        "victim_gateway",
        "body_worn_video",
        "mobile_data",
        "out_of_court_scrutiny",
        "cars_behind_bars",
        "offender_management",
        "domestic_abuse_fund",
        "outcome_fund",
        "whole_programme",
        "cjsss",
        "transforming_summary_justice",
        "better_case_management",
        "virtual_courts",
        "flexible_courts",
        "magistrates_powers",
        "sitting_days",
        "summary_case_management",
    } <= names


def test_the_whole_programme_sets_nothing_and_uses_every_initiative(
    reforms: list[Experiment],
) -> None:
    whole = next(one for one in reforms if one.path.stem == "whole_programme")
    assert not whole.scenarios["programme"].set
    used = {name.partition("#")[0] for name in whole.used_by("programme")} - {"programme"}
    initiatives = {
        one.path.name for one in reforms if one.reform is not None and one.reform.programme
    }
    assert used == initiatives - {"whole_programme.toml"}


def test_the_page_tells_what_was_published_and_what_the_model_says(
    reforms: list[Experiment],
) -> None:
    key = ("early_guilty_plea_rate", "magistrates", "")
    said = {
        "cjsss": ModelEffects({key: difference(0.11, 0.02)}, {key[0]: "share"}, "2 replications")
    }
    found = entries(reforms, said)
    one = next(entry for entry in found if entry.stem == "cjsss")
    assert [effect.word for effect in one.effects] == ["agrees", "not run"]
    page = register_page(found, "cjsim reforms --write")
    assert "guilty pleas at the first hearing from 48 to 59 %" in page
    assert "+11 points (+9.00 to +13)" in page
    assert "not run" in register_text(found)
    assert "All agencies together" not in page


def test_the_page_tells_what_a_reform_costs_all_agencies(reforms: list[Experiment]) -> None:
    """One that fails has its cost and nothing else to show."""
    key = ("cost_gbp", "all", "")
    said = {
        "nightingale_courts": ModelEffects(
            {key: difference(600_000, 200_000, 2e7)}, {key[0]: "GBP"}, ""
        )
    }
    page = register_page(entries(reforms, said), "cjsim reforms --write")
    assert "in pounds over that time: +600,000 (+400,000 to +800,000)" in page


def test_what_was_run_is_found_where_results_go(reforms: list[Experiment], tmp_path: Path) -> None:
    assert effects_kept_in(tmp_path / "nowhere", reforms) == {}
    for folder, size in (("reforms-register", 0.11), ("cjsss", 0.5)):
        run = tmp_path / folder / "0123456789ab"
        run.mkdir(parents=True)
        row = {
            "reform": "cjsss",
            "kpi": "early_guilty_plea_rate",
            "court": "magistrates",
            "group": "",
            "unit": "share",
            "baseline": 0.4,
            "difference": size,
            "low": None,
            "high": None,
        }
        content = {
            "kind": "register",
            "run_id": "0123456789ab",
            "seed": 1,
            "replications": 2,
            "study_from": "2013-10-01",
            "study_to": "2014-03-31",
            "rows": [row],
            "notices": [],
        }
        (run / "study.json").write_text(json.dumps(content), encoding="utf-8")
    found = effects_kept_in(tmp_path, reforms)
    assert list(found) == ["cjsss"]
    # The register's own runs come before a run of the experiment beside it.
    (one,) = found["cjsss"].differences.values()
    assert one["difference"] == 0.11


def test_a_folder_without_results_of_a_reform_is_named(
    reforms: list[Experiment], tmp_path: Path
) -> None:
    with pytest.raises(Faults) as caught:
        effects_in([tmp_path], reforms)
    assert "there are no results of a reform here" in caught.value.report()


# --- the size of levers ----------------------------------------------------------------------


def test_size_0_is_the_baseline_1_what_is_declared_and_2_the_far_end(root: Path) -> None:
    models = resolve(load_experiment(root / "experiments" / "prosecute_not_process.toml"))
    base, pilot = models[BASELINE], models["north_pilot"]

    def level(size: float, area: str = "north") -> tuple[float, float]:
        model = at_size(base, pilot, size).model
        ready = number_on(model.branches["file_ready"].probability, DAY, area, "theft")
        team = number_on(model.pools["prosecution_team"].capacity, DAY, area, area)
        return ready, team

    before = number_on(base.model.branches["file_ready"].probability, DAY, "north", "theft")
    assert level(0) == (before, 0)
    assert level(1) == (0.70, 6)
    assert level(2) == (0.85, 10)
    assert level(0.5)[0] == pytest.approx((before + 0.70) / 2)
    assert level(0.01)[1] == 1, "whoever is taken on must find somebody"
    assert level(2, "south") == (before, 0)


@given(target=st.floats(0.1, 7.9), sign=st.sampled_from([1, -1]))
def test_the_fitted_size_gives_the_target_back(target: float, sign: int) -> None:
    sizes, effect = [0.0, 0.5, 1.0, 2.0], [0.0, 1.0, 3.0, 8.0]
    found = crossing(sizes, [sign * one for one in effect], sign * target)
    assert found is not None
    assert np.interp(found, sizes, effect) == pytest.approx(target)


def test_a_target_beyond_the_far_ends_has_no_size() -> None:
    assert crossing([0, 1, 2], [0, 3, 4], 5) is None
    assert crossing([0, 1, 2], [0, 3, 4], -1) is None


# --- planes ----------------------------------------------------------------------------------


def test_a_plane_is_found_again_and_its_claims_are_in_reach() -> None:
    design = np.random.default_rng(1).random((20, 3))
    one = fit_surrogate(design, 1 + design @ np.array([2.0, 0.0, -1.0]))
    two = fit_surrogate(design, -1 + design @ np.array([0.0, -3.0, 0.0]))
    assert one.level == pytest.approx(1)
    assert one.slopes == pytest.approx([2, 0, -1])
    assert share_in_reach([(one, 3.0)])[0] == pytest.approx(1)
    assert share_in_reach([(one, 2.5), (two, -4.0)])[0] == pytest.approx(1)
    assert share_in_reach([(one, 30.0)])[0] == pytest.approx(0.1)
    settings = nearest_settings([(one, 2.0), (two, -2.5)], [0.5, 0.2, 0.5])
    assert one.level + one.slopes @ settings >= 2 - 1e-9
    assert two.level + two.slopes @ settings <= -2.5 + 1e-9
    assert settings[1] == pytest.approx(0.5)


# --- what the test of a claim says ---------------------------------------------------------------


def told(
    pleas: list[float],
    time: list[float],
    overall: float,
    *,
    size: float | None = 1.4,
    best: list[float] | None = None,
) -> str:
    """A claim fitted to early pleas, with the court time that came with them.

    `best` are the pleas where all of it was sought last; those at the fitted size when not given.
    """
    effects = [
        {**published().model_dump(mode="json"), "says": "pleas up ten"},
        {**published("falls", 50).model_dump(mode="json"), "name": "time", "says": "time halved"},
    ]
    found = {"pleas": pleas, "time": time}
    lever = {
        "path": "branches.file_ready.probability",
        "level": 0.8,
        "declared": 0.7,
        "low": 0.55,
        "high": 0.85,
    }
    return claim_text(
        {
            "experiment": {"title": "Claims"},
            "study_from": "2013-10-01",
            "study_to": "2014-03-31",
            "replications": 3,
            "published": effects,
            "fit": "pleas",
            "size": size,
            "nearest_size": 2.0 if size is None else size,
            "tried": 28,
            "most": found,
            "sizes": [0, 1, 2],
            "curve": {},
            "effects": {FITTED: found, BEST: {**found, "pleas": best or pleas}},
            "together": overall,
            "alone": {"pleas": 0.99, "time": 0.1},
            "settings": [lever],
            "notices": [],
        }
    )


def test_a_claim_is_answered_before_it_is_explained() -> None:
    text = told([9.8, 10.0, 10.2], [-3.0, -4.0, -5.0], 0.1)
    assert '"pleas up ten" bring 0 of the other 1 with them: none of them.' in text
    assert "no settings were found in which every claim holds" in text
    assert "not reproduced: 8 % of it" in text
    assert "file ready (chance)" in text
    assert "something else would have to give the rest: from -4.00 % to -50.00 %" in text


def test_a_claim_that_holds_is_said_to_hold() -> None:
    text = told([9.8, 10.0, 10.2], [-49.0, -50.0, -51.0], 1.1)
    assert '"pleas up ten" bring 1 of the other 1 with them: "time halved".' in text
    assert "there are settings in which every claim holds" in text


def test_where_no_size_gives_the_claim_the_nearest_says_what_comes_of_the_others() -> None:
    text = told([9.6, 9.8, 10.0], [-3.0, -4.0, -5.0], 0.1, size=None)
    assert "The most is +9.80 %, and it brings 0 of the other 1 with it" in text
    assert "Nearest to it comes size 2.00" in text
    assert "the most: 98 % of it" in text
    assert "not reproduced: 8 % of it" in text


def test_what_was_run_is_never_called_out_of_reach() -> None:
    """A plane through the runs saw 99 % at the most, and one of them came to the whole."""
    text = told([9.6, 9.8, 10.0], [-3.0, -4.0, -5.0], 0.1, size=None, best=[9.9, 10.0, 10.2])
    assert '"pleas up ten" alone is within reach: the largest effect of a run was +10.03 %' in text
    assert '"time halved" alone is out of reach: the largest effect of a run was -4.00 %' in text
    assert "99 %" not in text


def test_what_the_planes_miss_and_a_run_gives_holds() -> None:
    text = told([9.8, 10.0, 10.2], [-46.0, -47.0, -48.0], 0.97)
    assert "there are settings in which every claim holds" in text
    assert "All of it can hold within the declared ranges" in text


# --- small runs ------------------------------------------------------------------------------


def test_reforms_that_begin_on_one_day_are_run_together_and_every_reform_is_run(
    reforms: list[Experiment],
) -> None:
    groups = list(groups_of(reforms, StudyOptions()))
    assert len({group.day for group in groups}) == len(groups)
    names = {name for group in groups for name in group.names}
    assert names == {one.path.stem for one in reforms} - {"whole_programme"}


def test_a_reform_is_decided_when_its_direction_or_its_absence_is_known(root: Path) -> None:
    cjsss = load_experiment(root / "experiments" / "cjsss.toml")
    pleas = ("early_guilty_plea_rate", "magistrates", "")
    hearings = ("adjournments_per_case", "magistrates", "")

    def said(half: float) -> ModelEffects:
        found = {pleas: difference(0.005, half), hearings: difference(-0.1, 0.02)}
        return ModelEffects(found, {}, "")

    assert is_decided(cjsss, said(0.004)), "above nought"
    assert is_decided(cjsss, said(0.005)), "not worth while either way"
    assert not is_decided(cjsss, said(0.03))


def test_only_what_is_not_decided_is_run_again_until_nothing_is_left(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [
        load_experiment(root / "experiments" / f"{stem}.toml")
        for stem in ("community_triage", "cjsss", "better_case_management")
    ]
    ran: list[tuple[int, list[str]]] = []

    def run_group(group: Group, given: StudyOptions, months: int) -> Path:
        count = group.members[0][1].replications
        ran.append((count, group.names))
        rows = [
            {
                "reform": one.path.stem,
                "kpi": effect.kpi,
                "court": effect.court,
                "unit": "",
                "group": effect.group,
                **difference(1e9, 2e9 if one.path.stem == "cjsss" and count < 12 else 1.0),
            }
            for one, _ in group.members
            for effect in one.published
        ]
        study = {
            "kind": "register",
            "run_id": "0123456789ab",
            "seed": 1,
            "replications": count,
            "study_from": "2013-10-01",
            "study_to": "2014-03-31",
            "notices": [],
            "rows": rows,
        }
        folder = tmp_path / f"{len(ran)}"
        folder.mkdir()
        (folder / STUDY).write_text(json.dumps(study), encoding="utf-8")
        return folder

    monkeypatch.setattr(quick_runs, "_run_group", run_group)
    folders = quick_runs.run_quick(known, StudyOptions(), 6, until_decided=20)
    assert sorted(name for count, names in ran if count == 6 for name in names) == sorted(
        one.path.stem for one in known
    )
    assert [(n, names) for n, names in ran if n > 6] == [(12, ["cjsss"])] == ran[-1:]
    assert len(folders) == len(ran)
