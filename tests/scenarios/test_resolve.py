"""A scenario becomes a whole model: the baseline's, with the scenario's changes in their places."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cjsim.errors import Faults
from cjsim.scenarios.load import load_experiment, load_model
from cjsim.scenarios.resolve import resolve, resolve_models
from cjsim.scenarios.scenario import changes_between
from cjsim.schema.dated import number_on, order_on
from cjsim.schema.experiment import Experiment
from tests.conftest import ROOT

HEAD = """
title = "A question"
question = "What if?"
owner = "The tests"
[run]
model = "toy"
from = 2013-04-01
to = 2014-03-31
seed = 1
"""
ASSUMED = 'source = "assumption", range = [0, 1]'


@pytest.fixture
def folder(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(toy, tmp_path / "toy")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def experiment(folder: Path, scenarios: str) -> Experiment:
    path = folder / "question.toml"
    path.write_text(HEAD + scenarios, encoding="utf-8")
    return load_experiment(path)


def faults(folder: Path, scenarios: str) -> list[tuple[str, str]]:
    with pytest.raises(Faults) as caught:
        experiment(folder, scenarios)
    return [(fault.key, fault.wrong) for fault in caught.value.faults]


def scenario(name: str, *settings: str, uses: str = "") -> str:
    used = f"uses = [{uses}]\n" if uses else ""
    lines = "\n".join(settings)
    return f'[scenarios.{name}]\nlabel = "{name}"\n{used}[scenarios.{name}.set]\n{lines}\n'


def file_ready(value: float, **when: str) -> str:
    given = "".join(f"{key.rstrip('_')} = {text}, " for key, text in when.items())
    return f'"branches.file_ready.probability" = {{ {given}value = {value}, {ASSUMED} }}'


def test_the_baseline_is_the_model_as_it_is_and_comes_first(folder: Path) -> None:
    models = resolve_models(experiment(folder, scenario("other", file_ready(0.9))))
    assert list(models) == ["baseline", "other"]
    assert models["baseline"] == load_model(folder / "toy")


def test_a_scenario_that_sets_nothing_is_the_baseline(folder: Path) -> None:
    models = resolve_models(experiment(folder, scenario("same")))
    assert models["same"] == models["baseline"]


def test_an_experiment_may_have_no_scenario(folder: Path) -> None:
    assert list(resolve_models(experiment(folder, ""))) == ["baseline"]


def test_a_setting_without_a_day_begins_with_the_study_and_not_with_the_warm_up(
    folder: Path,
) -> None:
    models = resolve_models(experiment(folder, scenario("other", file_ready(0.9))))
    probability = models["other"].branches["file_ready"].probability
    before = models["baseline"].branches["file_ready"].probability
    assert number_on(probability, dt.date(2013, 4, 1), "north", "theft") == 0.9
    last_day_of_warm_up = dt.date(2013, 3, 31)
    assert number_on(probability, last_day_of_warm_up, "north", "theft") == number_on(
        before, last_day_of_warm_up, "north", "theft"
    )


def test_a_setting_for_one_division_leaves_the_other_alone(folder: Path) -> None:
    models = resolve_models(experiment(folder, scenario("other", file_ready(0.9, area='"north"'))))
    day = dt.date(2014, 1, 1)
    new = models["other"].branches["file_ready"].probability
    old = models["baseline"].branches["file_ready"].probability
    assert number_on(new, day, "north", "theft") == 0.9
    assert number_on(new, day, "south", "theft") == number_on(old, day, "south", "theft")


def test_a_setting_is_assumed_unless_it_says_otherwise(folder: Path) -> None:
    models = resolve_models(experiment(folder, scenario("other", file_ready(0.9))))
    assert models["other"].branches["file_ready"].probability.changes[-1].evidence == "assumed"


def test_several_settings_of_one_value_come_in_the_order_of_their_dates(folder: Path) -> None:
    later = f"{{ from = 2014-01-01, value = 0.9, {ASSUMED} }}"
    sooner = f"{{ from = 2013-07-01, value = 0.6, {ASSUMED} }}"
    setting = f'"branches.file_ready.probability" = [{later}, {sooner}]'
    models = resolve_models(experiment(folder, scenario("other", setting)))
    changes = models["other"].branches["file_ready"].probability.changes
    assert [(change.from_.month, change.value) for change in changes] == [(7, 0.6), (1, 0.9)]


def test_a_scenario_carries_what_it_uses(folder: Path) -> None:
    text = scenario("first", file_ready(0.6, from_="2013-07-01"))
    text += scenario("second", file_ready(0.9, from_="2014-01-01"), uses='"first"')
    text += scenario("third", uses='"second"')
    models = resolve_models(experiment(folder, text))
    values = [c.value for c in models["second"].branches["file_ready"].probability.changes]
    assert values == [0.6, 0.9]
    assert models["third"] == models["second"]
    assert [c.value for c in models["first"].branches["file_ready"].probability.changes] == [0.6]


def test_what_is_used_twice_counts_once(folder: Path) -> None:
    text = scenario("base", file_ready(0.6))
    text += scenario("left", uses='"base"') + scenario("right", uses='"base"')
    text += scenario("both", uses='"left", "right"')
    models = resolve_models(experiment(folder, text))
    assert models["both"] == models["base"]


def test_every_kind_of_value_can_be_set(folder: Path) -> None:
    house = next(iter(load_model(folder / "toy").lists["crown_trials"].houses))
    given = {
        "pools.officers.capacity": 'area = "north", value = 7',
        "stages.investigation.duration": "median = 2, p90 = 5",
        "multiway_branches.crown_listing.shares": (
            "value = { fixture = 0.2, warned_list = 0.3, floater = 0.5 }"
        ),
        f"lists.crown_trials.houses.{house}.rooms": "value = [1, 1, 1, 1, 0, 0, 0]",
        "lists.crown_trials.over_listing": "value = 1.0",
        "hearings.first_hearing.estimate_minutes": "value = 1, each = true",
        "duties.chasing_call.turnaround": "fixed = 0",
        "engagement.at_report": "value = 0.8",
        "limits.detention_first_hours": "value = 36",
        "courthouses.north_court.closed": 'to = 2013-12-31, work_goes_to = "south_court"',
    }
    settings = [
        f'"{path}" = {{ {value}, source = "assumption", range = [0, 100] }}'
        for path, value in given.items()
    ]
    model = resolve_models(experiment(folder, scenario("other", *settings)))["other"]
    assert model.pools["officers"].capacity.changes[-1].value == 7
    assert model.stages["investigation"].duration is not None
    assert model.stages["investigation"].duration.changes[-1].p90 == 5
    assert model.multiway_branches["crown_listing"].shares.changes[-1].value["floater"] == 0.5
    assert sum(model.lists["crown_trials"].houses[house].rooms.changes[-1].value) == 4
    assert model.lists["crown_trials"].over_listing.changes[-1].value == 1
    assert model.hearings["first_hearing"].estimate_minutes.changes[-1].value == 1
    assert model.duties["chasing_call"].turnaround.changes[-1].fixed == 0
    (closure,) = model.courthouses["north_court"].closed.changes
    assert (closure.to, closure.work_goes_to) == (dt.date(2013, 12, 31), "south_court")
    assert model.engagement["at_report"].changes[-1].value == 0.8
    assert model.limits["detention_first_hours"].changes[-1].value == 36


def test_a_cost_can_be_set(folder: Path) -> None:
    unit = next(iter(load_model(folder / "toy").costs.units))
    setting = f'"costs.units.{unit}.gbp" = {{ value = 1, source = "assumption", range = [0, 2] }}'
    models = resolve_models(experiment(folder, scenario("other", setting)))
    assert models["other"].costs.units[unit].gbp.changes[-1].value == 1


def test_a_clash_of_two_scenarios_names_both(folder: Path) -> None:
    text = scenario("first", file_ready(0.6))
    text += scenario("second", file_ready(0.9), uses='"first"')
    ((key, wrong),) = faults(folder, text)
    assert key == "scenarios.second.set.branches.file_ready.probability"
    assert wrong == (
        'scenarios "first" and "second" both set this value on 2013-04-01 in all divisions.'
    )


def test_a_clash_of_two_used_scenarios_is_told_where_they_are_used(folder: Path) -> None:
    text = scenario("first", file_ready(0.6)) + scenario("second", file_ready(0.9))
    text += scenario("both", uses='"first", "second"')
    ((key, wrong),) = faults(folder, text)
    assert key == "scenarios.both.uses"
    assert wrong == (
        'scenarios "first" and "second" both set "branches.file_ready.probability" on 2013-04-01 '
        "in all divisions."
    )


def test_all_divisions_clash_with_each_of_them(folder: Path) -> None:
    text = scenario("first", file_ready(0.6, area='"north"'))
    text += scenario("second", file_ready(0.9), uses='"first"')
    ((_, wrong),) = faults(folder, text)
    assert wrong.endswith("on 2013-04-01 in north and in all divisions.")


def test_two_divisions_on_one_day_do_not_clash(folder: Path) -> None:
    text = scenario("first", file_ready(0.6, area='"north"'))
    text += scenario("second", file_ready(0.9, area='"south"'), uses='"first"')
    assert len(
        resolve_models(experiment(folder, text))["second"]
        .branches["file_ready"]
        .probability.changes
    )


def test_a_scenario_cannot_override_a_change_of_the_model_on_its_day(folder: Path) -> None:
    model = (folder / "toy" / "police.toml").read_text(encoding="utf-8")
    heading, _, rest = model.partition("[branches.file_ready]\n")
    assert rest
    line, _, after = rest.partition("\n")
    changes = (
        'probability = { value = 0.3, source = "toy", evidence = "measured", changes = '
        '[{ from = 2013-10-01, value = 0.5, source = "toy", evidence = "measured" }] }'
    )
    assert line.startswith("probability")
    text = f"{heading}[branches.file_ready]\n{changes}\n{after}"
    (folder / "toy" / "police.toml").write_text(text, encoding="utf-8")
    ((_, wrong),) = faults(folder, scenario("other", file_ready(0.9, from_="2013-10-01")))
    assert wrong == "the model itself changes this value on 2013-10-01."
    models = resolve_models(
        experiment(folder, scenario("other", file_ready(0.9, from_="2013-07-01")))
    )
    changed = models["other"].branches["file_ready"].probability.changes
    assert [change.value for change in changed] == [0.9, 0.5]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("branch.file_ready.probability", 'the model has no table called "branch".'),
        ("branches.file_redy.probability", 'there is no branch called "file_redy".'),
        (
            "branches.file_ready.probablity",
            '"branches.file_ready" has no value called "probablity" to',
        ),
        ("branches.file_ready", "this path names a table, not a value."),
        ("branches.file_ready.probability.value", '"branches.file_ready.probability" is a value'),
        ("branches.late_guilty_plea.odds.months_since_charg", "there is no fact called"),
        ("pools.oficers.capacity", 'there is no pool called "oficers".'),
        ("lists.crown_trials.houses.nowhere.rooms", 'there is no courthouse called "nowhere".'),
        ("opening.warm_up_days", "no scenario can set this value: it says how a run starts"),
        ("streams.summons.headroom", "no scenario can set this value: up to this rate the cases"),
        ("costs.social_cost_of_crime.theft", "no scenario can set this value: it says what a"),
        ("title", 'the model has no table called "title".'),
        ("", 'the model has no table called "".'),
        ("...", 'the model has no table called "".'),
    ],
)
def test_a_path_that_leads_to_no_value_is_told_where_it_goes_wrong(
    folder: Path, path: str, wrong: str
) -> None:
    setting = f'"{path}" = {{ value = 0.5, {ASSUMED} }}'
    found = faults(folder, scenario("other", setting))
    assert len(found) == 1
    assert found[0][1].startswith(wrong)


def test_a_setting_that_unbalances_the_model_is_told_at_the_setting(folder: Path) -> None:
    setting = (
        '"streams.summons.per_year" = '
        '{ value = 10_000_000, each = true, source = "assumption", range = [0, 100_000_000] }'
    )
    ((key, wrong),) = faults(folder, scenario("other", setting))
    assert key == "scenarios.other.set.streams.summons.per_year.value"
    assert "headroom" in wrong


def test_faults_of_all_scenarios_and_of_the_model_come_together(folder: Path) -> None:
    path = folder / "toy" / "police.toml"
    text = path.read_text(encoding="utf-8").replace('pool = "officers"', 'pool = "oficers"', 1)
    path.write_text(text, encoding="utf-8")
    scenarios = scenario("one", file_ready(1.7)) + scenario("two", file_ready(0.9, area='"x"'))
    keys = [key for key, _ in faults(folder, scenarios)]
    assert len(keys) == 3
    assert keys[0].startswith("scenarios.one.set.branches.file_ready.probability")
    assert keys[1].startswith("scenarios.two.set.branches.file_ready.probability")
    assert keys[2].endswith(".pool")


def test_resolving_tells_the_faults_of_an_experiment_changed_in_memory(folder: Path) -> None:
    sound = experiment(folder, scenario("other", file_ready(0.9)))
    run = sound.run.model_copy(update={"from_": dt.date(2013, 6, 1), "model": "nowhere"})
    with pytest.raises(Faults, match="there is no model folder nowhere"):
        resolve_models(sound.model_copy(update={"run": run}))


@pytest.mark.parametrize("name", ["prosecute_not_process", "nothing_changes"])
def test_the_experiments_of_the_project_resolve(name: str) -> None:
    models = resolve_models(load_experiment(ROOT / "experiments" / f"{name}.toml"))
    assert list(models)[0] == "baseline"  # noqa: RUF015 - the order is what is tested
    assert len(models) > 1


def test_prosecute_not_process_leaves_no_lever_in_the_baseline() -> None:
    models = resolve_models(load_experiment(ROOT / "experiments" / "prosecute_not_process.toml"))
    takes = {name: model.branches["prosecution_team_takes_case"] for name, model in models.items()}
    after_both, divisions = dt.date(2014, 7, 1), ("north", "south")
    chances = {
        name: [number_on(branch.probability, after_both, place, "theft") for place in divisions]
        for name, branch in takes.items()
    }
    assert chances["baseline"] == [0, 0]
    assert chances["north_pilot"][0] > 0.5
    assert chances["north_pilot"][1] == 0
    assert min(chances["whole_county"]) > 0.5


# --- rules in words --------------------------------------------------------------------------

CALL_ORDER = '"lists.crown_trials.call_order" = { value = %s, source = "assumption" }'


def test_an_order_of_call_is_set_by_its_words_and_needs_no_range(folder: Path) -> None:
    setting = CALL_ORDER % '["custody_time_limit", "oldest_case"]'
    model = resolve_models(experiment(folder, scenario("other", setting)))["other"]
    order = model.lists["crown_trials"].call_order
    assert order_on(order, dt.date(2013, 4, 1), "north") == ("custody_time_limit", "oldest_case")
    assert order_on(order, dt.date(2013, 3, 31), "north") == order.value


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ('["custdy"]', 'there is no rule of call called "custdy".'),
        ('["youth", "youth"]', 'the rule "youth" stands here twice.'),
        ("[]", "no rule stands here."),
        ('"youth"', 'this must be a list, not "youth".'),
    ],
)
def test_a_slip_in_an_order_of_call_is_told_where_it_stands(
    folder: Path, value: str, wrong: str
) -> None:
    found = faults(folder, scenario("other", CALL_ORDER % value))
    assert [said for _, said in found] == [wrong]
    assert found[0][0].startswith("scenarios.other.set")


def test_a_number_without_a_range_is_refused_as_before(folder: Path) -> None:
    setting = '"lists.crown_trials.over_listing" = { value = 2.0, source = "assumption" }'
    assert [said for _, said in faults(folder, scenario("other", setting))] == [
        "an assumed number needs a range."
    ]


def test_a_share_of_the_sittings_above_the_usual_is_refused(folder: Path) -> None:
    months = ", ".join(["1.2"] * 12)
    setting = (
        f'"lists.crown_trials.sitting_share" = {{ value = [{months}], source = "assumption", '
        "range = [0, 2] }"
    )
    assert [said for _, said in faults(folder, scenario("other", setting))] == [
        "1.2 is more than all of the usual sittings."
    ]


# --- what is recorded of the changes ------------------------------------------------------------


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in (ROOT / "experiments").glob("*.toml"))
)
def test_the_recorded_changes_are_all_that_differs_from_the_baseline(name: str) -> None:
    scenarios = resolve(load_experiment(ROOT / "experiments" / f"{name}.toml"))
    baseline = scenarios["baseline"].model
    for scenario in scenarios.values():
        found = changes_between(baseline, scenario.name, scenario.model)
        recorded = tuple(replace(change, stated_in="") for change in scenario.changes)
        assert found == replace(scenario, changes=recorded)
        assert all(change.stated_in for change in scenario.changes)


def test_a_change_names_the_scenario_that_states_it(folder: Path) -> None:
    text = scenario("first", file_ready(0.6, area='"north"'))
    text += scenario("second", file_ready(0.9, area='"south"'), uses='"first"')
    changes = resolve(experiment(folder, text))["second"].changes
    assert [(change.division, change.stated_in) for change in changes] == [
        ("north", "first"),
        ("south", "second"),
    ]
