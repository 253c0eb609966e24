"""The tables of a model must fit one another: each misfit is found, and told at its place."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from cjsim.scenarios.load import load_model
from cjsim.schema.checks.whole_model import check
from cjsim.schema.messages import Problem
from cjsim.schema.model import Model
from cjsim.schema.register import COLUMNS

SOUND = {"source": "toy", "evidence": "measured"}


@pytest.fixture(scope="module")
def tables(toy_model: Model) -> dict[str, Any]:
    """The toy model as the tables that its files hold."""
    dumped: dict[str, Any] = toy_model.model_dump(by_alias=True)
    return dumped


@pytest.fixture(scope="module")
def toy_model() -> Model:
    return load_model(Path(__file__).parents[2] / "models" / "toy")


def with_value(tables: dict[str, Any], path: str, value: Any) -> list[Problem]:
    """What is wrong once the value at a dotted path is another one; None takes the key out."""
    changed = copy.deepcopy(tables)
    holder = changed
    *above, key = path.split("/")
    for part in above:
        holder = holder[part]
    if value is None:
        del holder[key]
    else:
        holder[key] = value
    return check(Model.model_validate(changed))


def change(value: Any, day: str = "2013-10-01", **more: Any) -> dict[str, Any]:
    return {"from": day, "value": value, **SOUND, **more}


def number(value: Any, *changes: dict[str, Any]) -> dict[str, Any]:
    return {"value": value, "changes": list(changes), **SOUND}


def test_the_toy_model_fits(tables: dict[str, Any]) -> None:
    assert check(Model.model_validate(tables)) == []


# Each line: what is changed, to what, where the fault is told, and a part of what is said.
MISFITS = [
    # every word has its table
    ("branches/file_ready", None, "branches/file_ready", "the journey asks for this branch"),
    ("stages/remand", None, "stages/remand", "the journey asks for this stage"),
    ("streams/summons", None, "streams/summons", "the journey asks for this way in"),
    (
        "multiway_branches/crown_listing",
        None,
        "multiway_branches/crown_listing",
        "asks for this multi-way branch",
    ),
    ("duties/chasing_call", None, "duties/chasing_call", "the journey asks for this duty"),
    ("limits/most_hearings_of_one_kind", None, "limits/most_hearings_of_one_kind", "this limit"),
    ("engagement/at_report", None, "engagement/at_report", "this engagement move"),
    # names that lead somewhere
    ("pools/officers/hours", "nights", "pools/officers/hours", 'no hours called "nights"'),
    ("stages/investigation/pool", "oficers", "stages/investigation/pool", 'called "oficers"'),
    ("duties/chasing_call/pool", "unit", "duties/chasing_call/pool", 'no pool called "unit"'),
    # how victims are reached, and who waits at court
    ("channels/letter", None, "channels/letter", "the journey asks for this channel"),
    (
        "duties/change_of_date/channels",
        ("self_service", "letter"),
        "duties/change_of_date/channels",
        '"self_service" has no staff',
    ),
    (
        "duties/change_of_date/channels",
        ("letter", "telephone", "letter"),
        "duties/change_of_date/channels",
        "a channel stands here twice",
    ),
    (
        "stages/police_attendance/waiting/crown",
        None,
        "stages/police_attendance",
        "how long one waits at the crown court",
    ),
    (
        "channels/letter/contact_length",
        number(0.7, change(0.6, area="north")),
        "channels/letter/contact_length/changes/0/area",
        "the same in every division",
    ),
    # lengths and hours
    ("stages/investigation/duration", None, "stages/investigation", "how long this takes"),
    ("hours/office/end", "08:00", "hours/office", "end (08:00) before they start"),
    # divisions
    ("divisions/north/share", number(0.9), "divisions", "the shares of the divisions add up to"),
    (
        "divisions/north/share",
        number({"violence": 0.5, "default": 0.5}),
        "divisions/north/share/value",
        "this is one number for all",
    ),
    # tables name known words
    ("pools/officers/capacity", number({"north": 1}), "pools/officers/capacity/value", "south"),
    (
        "pools/officers/capacity",
        number({"north": 1, "south": 1, "east": 1}),
        "pools/officers/capacity/value/east",
        'no division called "east"',
    ),
    (
        "streams/summons/per_year",
        number({"violense": 1}),
        "streams/summons/per_year/value/violense",
        'no offence group called "violense"',
    ),
    (
        "limits/most_hearings_of_one_kind",
        number({"violence": 1, "default": 2}),
        "limits/most_hearings_of_one_kind/value",
        "this is one number for all",
    ),
    # pools
    ("pools/officers/capacity", number(2.5), "pools/officers/capacity/value", "cannot hold 2.5"),
    (
        "pools/officers/capacity",
        number(2, change(3, area="north")),
        "pools/officers/capacity/changes/0",
        "serves the whole area",
    ),
    # dated changes
    (
        "branches/file_ready/probability",
        number(0.3, change(0.4, "2014-01-01"), change(0.5, "2013-01-01")),
        "branches/file_ready/probability/changes/1",
        "the dates are in the wrong order",
    ),
    (
        "branches/file_ready/probability",
        number(0.3, change(0.4), change(0.5)),
        "branches/file_ready/probability/changes/1",
        "this is the same day",
    ),
    (
        "branches/file_ready/probability",
        number(0.3, change(0.4), change(0.5, area="north")),
        "branches/file_ready/probability/changes/1",
        "this is the same day",
    ),
    (
        "branches/file_ready/probability",
        number(0.3, change(0.4, area="nroth")),
        "branches/file_ready/probability/changes/0/area",
        'no division called "nroth"',
    ),
    (
        "engagement/at_report",
        number(0.3, change(0.4, area="north")),
        "engagement/at_report/changes/0/area",
        "the same in every division",
    ),
    (
        "opening/warm_up_days",
        number(30, change(40)),
        "opening/warm_up_days/changes/0",
        "cannot change in the course of a run",
    ),
    # streams
    ("streams/summons/hours", number([1, 2]), "streams/summons/hours/value", "2 weights, not 24"),
    ("streams/summons/weekdays", number([0] * 7), "streams/summons/weekdays/value", "are 0"),
    ("streams/summons/headroom", number(0.5), "streams/summons/headroom/value", "no room"),
    (
        "streams/summons/per_year",
        number({"theft": 100}, change({"theft": 900})),
        "streams/summons/per_year/changes/0/value",
        "900 a year for theft is more than",
    ),
    (
        "streams/summons/per_year",
        number({"theft": 100}, change({"theft": 90, "fraud": 1})),
        "streams/summons/per_year/changes/0/value",
        "1 a year for fraud is more than the 0",
    ),
    # multi-way branches
    (
        "multiway_branches/crown_listing/shares",
        number({"fixture": 0.5, "floater": 0.5}),
        "multiway_branches/crown_listing/shares/value",
        '"warned_list" has no share',
    ),
    (
        "multiway_branches/crown_listing/shares",
        number({"fixture": 0.5, "floater": 0.25, "warned_list": 0.25, "floating": 0}),
        "multiway_branches/crown_listing/shares/value/floating",
        'no option called "floating"',
    ),
    # costs
    ("costs/price_base", "2030-31", "costs/price_base", 'no year "2030-31"'),
    ("costs/uncosted", ["digging"], "costs/uncosted", 'no activity called "digging"'),
    (
        "costs/units/police_officer_hour/gbp",
        number({"violence": 40, "default": 38}),
        "costs/units/police_officer_hour/gbp/value",
        "one number for all",
    ),
    (
        "costs/units/police_officer_hour/gbp",
        number(38, change(40, area="north")),
        "costs/units/police_officer_hour/gbp/changes/0/area",
        "the same in every division",
    ),
    (
        "costs/units/magistrates_courtroom_hour/lists",
        [],
        "costs/units/magistrates_courtroom_hour",
        "this counts nothing",
    ),
    (
        "costs/units/cps_direct_hour/pools",
        ["officers"],
        "costs/units/cps_direct_hour/pools",
        "a cost per hour is not counted by pools",
    ),
]


@pytest.mark.parametrize(("path", "value", "at", "wrong"), MISFITS)
def test_a_misfit_is_told_at_its_place(
    tables: dict[str, Any], path: str, value: Any, at: str, wrong: str
) -> None:
    found = with_value(tables, path, value)
    told = [("/".join(map(str, problem.at)), problem.wrong) for problem in found]
    assert any(where == at and wrong in text for where, text in told), told
    assert all(problem.remedy for problem in found)


def first_house(tables: dict[str, Any], court_list: str) -> tuple[str, dict[str, Any]]:
    houses: dict[str, Any] = tables["lists"][court_list]["houses"]
    name = next(iter(houses))
    return f"lists/{court_list}/houses/{name}", houses[name]


def test_a_hearing_cannot_be_listed_into_the_other_court(tables: dict[str, Any]) -> None:
    found = with_value(tables, "hearings/first_hearing/notice_days", {"crown_trials": number(3)})
    assert [problem.wrong for problem in found] == [
        "this list belongs to the crown court, the hearing to the magistrates court."
    ]


def test_a_house_sits_in_no_more_courtrooms_than_it_names(tables: dict[str, Any]) -> None:
    at, house = first_house(tables, "crown_trials")
    many = len(house["courtrooms"]) + 1
    found = with_value(tables, f"{at}/rooms", number([many] * 5 + [0, 0]))
    assert [problem.wrong for problem in found] == [
        f"{many} courtrooms sit on one day, and the list may use {many - 1}.",
        (
            f"{many + 1} courtrooms sit at 10:30 on a Monday (crown_pleas 1, "
            'crown_trials 2), and the courthouse "north_court" has 2.'
        ),
    ]


def test_a_house_says_what_sits_on_each_weekday(tables: dict[str, Any]) -> None:
    at, _ = first_house(tables, "crown_trials")
    found = with_value(tables, f"{at}/rooms", number([0] * 5))
    assert [problem.wrong for problem in found] == ["here stand 5 numbers, not 7."]


def test_a_courthouse_serves_known_divisions(tables: dict[str, Any]) -> None:
    found = with_value(tables, "courthouses/north_court/serves", ["nroth"])
    wrong = [problem.wrong for problem in found]
    assert 'there is no division called "nroth".' in wrong
    assert 'no courthouse of this list serves the division "north".' in wrong


def test_a_list_is_held_in_a_known_courthouse(tables: dict[str, Any]) -> None:
    at, house = first_house(tables, "crown_trials")
    found = with_value(tables, f"{at}_too", house)
    assert [problem.wrong for problem in found] == [
        'there is no courthouse called "north_court_too".'
    ]


def test_a_list_uses_courtrooms_of_its_courthouse(tables: dict[str, Any]) -> None:
    at, _ = first_house(tables, "crown_trials")
    found = with_value(tables, f"{at}/courtrooms", ["court 1", "court 9"])
    assert [problem.wrong for problem in found] == ['there is no courtroom called "court 9".']


def test_a_courthouse_may_serve_two_divisions_and_a_division_have_two(
    tables: dict[str, Any],
) -> None:
    assert not with_value(tables, "courthouses/north_court/serves", ["north", "south"])


def test_a_list_may_use_all_courtrooms_of_its_courthouse(tables: dict[str, Any]) -> None:
    changed = copy.deepcopy(tables)
    changed["lists"]["crown_trials"]["houses"]["north_court"]["courtrooms"] = ()
    model = Model.model_validate(changed)
    assert model.courtrooms("crown_trials", "north_court") == ("court 1", "court 2")
    assert check(model) == []


# --- courtrooms that sit at once, and courthouses that are shut --------------------------------


def test_no_more_courtrooms_sit_at_once_than_the_courthouse_has(tables: dict[str, Any]) -> None:
    found = with_value(tables, "courthouses/north_court/courtrooms", ["court 1"])
    assert [("/".join(map(str, one.at)), one.wrong) for one in found] == [
        (
            "courthouses/north_court/courtrooms",
            (
                "2 courtrooms sit at 14:00 on a Tuesday (crown_trials 1, bulk_motoring 1), and the "
                'courthouse "north_court" has 1.'
            ),
        )
    ]
    assert "[courthouses.north_court]" in found[0].remedy


def test_lists_that_sit_one_after_the_other_share_a_courtroom(tables: dict[str, Any]) -> None:
    earlier = with_value(tables, "lists/crown_trials/sessions", ["17:00"])
    assert not earlier
    changed = copy.deepcopy(tables)
    for court_list in ("crown_trials", "crown_pleas", "crown_sentences"):
        changed["lists"][court_list]["sessions"] = ["17:00"]
    for courthouse in ("north_court", "south_court"):
        changed["courthouses"][courthouse]["courtrooms"] = ["court 1"]
    assert check(Model.model_validate(changed)) == []


def test_a_later_change_is_held_against_the_courtrooms_too(tables: dict[str, Any]) -> None:
    at, house = first_house(tables, "magistrates_trials")
    rooms = {**house["rooms"], "changes": [{**house["rooms"], "from": "2013-10-01"}]}
    del rooms["changes"][0]["changes"]
    rooms["changes"][0]["value"] = [0, 0, 1, 1, 0, 0, 0]
    found = with_value(tables, f"{at}/rooms", rooms)
    assert [("/".join(map(str, one.at)), one.wrong) for one in found] == [
        (
            f"{at}/rooms/changes/0/value",
            (
                "3 courtrooms sit at 10:30 on a Wednesday (crown_trials 1, "
                "guilty_anticipated_plea 1, magistrates_trials 1), and the courthouse "
                '"north_court" has 2.'
            ),
        )
    ]


def shut(first: str, last: str | None = None, goes_to: str = "south_court") -> dict[str, Any]:
    return {"from": first, "to": last, "work_goes_to": goes_to, **SOUND}


CLOSURES = [
    ([shut("2013-10-01", goes_to="suoth_court")], "0/work_goes_to", "no other courthouse called"),
    ([shut("2013-10-01", goes_to="north_court")], "0/work_goes_to", "that is shut"),
    (
        [shut("2013-10-01"), shut("2014-10-01", "2014-12-31")],
        "1",
        "shut from 2013-10-01 for good already",
    ),
]


@pytest.mark.parametrize(("closed", "at", "wrong"), CLOSURES)
def test_a_closure_sends_the_work_to_a_courthouse_that_is_open(
    tables: dict[str, Any], closed: list[dict[str, Any]], at: str, wrong: str
) -> None:
    (found,) = with_value(tables, "courthouses/north_court/closed", closed)
    assert "/".join(map(str, found.at)) == f"courthouses/north_court/closed/changes/{at}"
    assert wrong in found.wrong


def test_the_courthouse_that_has_the_work_is_not_shut_itself(tables: dict[str, Any]) -> None:
    changed = copy.deepcopy(tables)
    changed["courthouses"]["north_court"]["closed"] = [shut("2013-10-01", "2013-12-31")]
    changed["courthouses"]["south_court"]["closed"] = [
        shut("2013-12-31", "2014-01-31", "north_court")
    ]
    wrong = [problem.wrong for problem in check(Model.model_validate(changed))]
    assert wrong == [
        '"south_court" is shut itself from 2013-12-31.',
        '"north_court" is shut itself from 2013-10-01.',
    ]


def test_the_courthouse_that_has_the_work_holds_the_same_lists(tables: dict[str, Any]) -> None:
    changed = copy.deepcopy(tables)
    changed["courthouses"]["north_court"]["serves"] = ["north", "south"]
    del changed["lists"]["crown_trials"]["houses"]["south_court"]
    changed["courthouses"]["north_court"]["closed"] = [shut("2013-10-01")]
    (found,) = check(Model.model_validate(changed))
    assert found.wrong == '"south_court" does not hold crown_trials, which "north_court" holds.'
    assert "[lists.crown_trials.houses.south_court]" in found.remedy


def test_sessions_of_one_day_do_not_overlap(tables: dict[str, Any]) -> None:
    at = "lists/crown_trials/sessions"
    for sessions in (["10:00", "10:05"], ["14:00", "10:00"]):
        wrong = [problem.wrong for problem in with_value(tables, at, sessions)]
        assert any("runs past" in each for each in wrong)


def test_a_session_ends_before_midnight(tables: dict[str, Any]) -> None:
    found = with_value(tables, "lists/crown_trials/sessions", ["23:50"])
    assert any("runs past midnight" in problem.wrong for problem in found)


def test_an_activity_is_costed_or_uncosted_and_not_both(tables: dict[str, Any]) -> None:
    uncosted = list(tables["costs"]["uncosted"])
    nobody = [problem.wrong for problem in with_value(tables, "costs/uncosted", uncosted[1:])]
    assert nobody == [f'no unit cost counts "{uncosted[0]}".']
    costed = next(a for unit in tables["costs"]["units"].values() for a in unit["activities"])
    both = [problem.wrong for problem in with_value(tables, "costs/uncosted", [*uncosted, costed])]
    assert both == [f'"{costed}" is costed by a unit cost and stands here as well.']


def test_an_assumption_is_no_measurement(tables: dict[str, Any]) -> None:
    claim = {"value": 0.3, "source": "assumption", "evidence": "measured"}
    found = with_value(tables, "branches/file_ready/probability", claim)
    assert [problem.wrong for problem in found] == [
        'the source is an assumption and the evidence "measured".'
    ]


def test_a_source_stands_in_the_register(toy_model: Model) -> None:
    register = {"B0001": dict.fromkeys(COLUMNS, "") | {"id": "B0001"}}
    known = toy_model.branches["file_ready"].probability.model_copy(update={"source": "B0001"})
    unknown = known.model_copy(update={"source": "B0002"})
    for probability, expected in ((known, []), (unknown, ['"B0002" is not in'])):
        branch = toy_model.branches["file_ready"].model_copy(update={"probability": probability})
        model = toy_model.model_copy(
            update={"branches": {**toy_model.branches, "file_ready": branch}}
        )
        wrong = [
            problem.wrong
            for problem in check(model, register=register)
            if problem.at == ("branches", "file_ready", "probability", "source")
        ]
        assert len(wrong) == len(expected)
        assert all(each.startswith(start) for each, start in zip(wrong, expected, strict=True))


def test_without_a_register_sources_are_not_looked_up(toy_model: Model) -> None:
    assert check(toy_model, register=None) == []


def test_only_the_toy_area_may_name_the_toy_as_its_source_and_it_is_told_once(
    toy_model: Model,
) -> None:
    def made_up(model: Model) -> list[Problem]:
        return [each for each in check(model, register={}) if '"toy"' in each.wrong]

    assert made_up(toy_model) == []
    (told,) = made_up(toy_model.model_copy(update={"area": "somewhere"}))
    assert told.at == ("area",)
    assert re.match(r"\d\d+ numbers \(divisions\.north\.share \.\.\.\) name ", told.wrong)
    assert 'by "assumption"' in told.remedy


def test_nobody_waits_at_court_in_a_stage_that_does_not_go_there(tables: dict[str, Any]) -> None:
    waiting = tables["stages"]["witness_attendance"]["waiting"]
    found = with_value(tables, "stages/suspect_interview/waiting", waiting)
    assert [(problem.at, problem.wrong) for problem in found] == [
        (("stages", "suspect_interview", "waiting"), "nobody waits at court in this stage.")
    ]
