"""Nobody stays in a police cell past the law, or stays away from court while held: in every run."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.measures.sound import refuse_impossible
from cjsim.measures.sql_tables import Log
from cjsim.schema.model import Model
from cjsim.simulation.simulate import Run
from tests.support.runs import Columns, changed, columns, run, toy_model
from tests.support.small_world import length, number

HOUR = 60
LAST = dt.date(2013, 9, 30)
COURTS = ("warrant_hearing", "crown_warrant_hearing")
ABSENT = {
    "defendant_absent_first_hearing": 0.3,
    "crown_defendant_absent_plea_hearing": 0.6,
    "defendant_absent_sentence": 0.3,
    "crown_defendant_absent": 0.5,
    "defendant_absent_trial": 0.3,
}


def many_warrants(model: Model) -> Model:
    """Many stay away from every hearing, and the police find them within days."""
    return changed(
        model,
        branches={branch: {"probability": number(chance)} for branch, chance in ABSENT.items()},
        stages={
            word: {"duration": length(5 * MINUTES_A_DAY)}
            for word in ("warrant_outstanding", "crown_warrant_outstanding")
        },
    )


def nobody_has_time(model: Model) -> Model:
    """The same with one officer, one cell, slow booking in, and courts that sit for minutes."""
    stretched = changed(
        many_warrants(model),
        pools={
            "officers": {"capacity": number({"north": 1, "south": 1})},
            "cells": {"capacity": number({"north": 1, "south": 1})},
            "custody_officers": {"capacity": number({"north": 1, "south": 1})},
        },
        stages={"custody_booking": {"duration": length(3 * HOUR)}},
        lists={"remand_court": {"session_minutes": number(20), "overrun_minutes": number(0)}},
    )
    return changed(stretched, branches={"kept_in_police_custody": {"probability": number(0.9)}})


def no_judge(model: Model) -> Model:
    """The same many warrants, and a judge who hears pleas on no more than one day a month."""
    share = {"value": [0.25] * 12, "source": "assumption", "evidence": "assumed"}
    return changed(many_warrants(model), lists={"crown_pleas": {"sitting_share": share}})


def by_video(model: Model) -> Model:
    """Everybody charged in a cell is seen by video; who may stay away mostly does."""
    branches = {"first_hearing_by_video": 1.0, "defendant_absent_first_hearing": 0.9}
    return changed(
        model,
        branches={branch: {"probability": number(chance)} for branch, chance in branches.items()},
    )


WORLDS = {
    "as it is": lambda model: model,
    "nobody has time": nobody_has_time,
    "no judge": no_judge,
    "by video": by_video,
}


@pytest.fixture(scope="module", params=list(WORLDS))
def done(
    request: pytest.FixtureRequest, toy: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, Model]:
    model = WORLDS[request.param](toy_model(toy))
    return run(model, tmp_path_factory.mktemp("cells"), to=LAST), model


@pytest.fixture(scope="module")
def events(done: tuple[Run, Model]) -> Columns:
    return columns(done[0].events_path)


def sitting_days(run: Run, house: str) -> list[int]:
    """The minutes at which a remand court sits."""
    sat = columns(run.sittings_path)
    wanted = (sat["list"] == "remand_court") & (sat["courthouse"] == house)
    return sorted(set(sat["started_at"][wanted].tolist()))


def test_measuring_finds_nothing_unlawful_in_the_run(done: tuple[Run, Model]) -> None:
    with Log(done[0].events_path.parent, done[1]) as log:
        refuse_impossible(log, done[0].events_path.parent)


def test_whoever_is_arrested_on_a_warrant_is_before_the_next_court_that_sits(
    done: tuple[Run, Model], events: Columns
) -> None:
    """Listed within a day of the arrest, never past a sitting, and out when that is over."""
    division = division_of(done[0])
    sits = {name: sitting_days(done[0], f"{name}_court") for name in ("north", "south")}
    stays = rows(events, "detention")
    seen, longest = 0, 0
    for case, hearings in rows(events, *COURTS).items():
        for entered, due, left, _ in hearings:
            arrested, _, out, _ = max(stay for stay in stays[case] if stay[0] <= entered)
            assert entered - arrested <= 24 * HOUR
            assert not [at for at in sits[division[case]] if entered < at < due - due % 1440]
            if left >= 0:
                assert out == left
                longest = max(longest, out - arrested)
            seen += 1
    assert seen > 5


def test_nobody_stays_in_a_cell_for_longer_than_a_court_is_away(
    done: tuple[Run, Model], events: Columns
) -> None:
    """The remand court sits on six days: a day for the arrest, a Sunday, and a long sitting."""
    stays = (events["activity"] == "detention") & (events["ended_at"] >= 0)
    hours = (events["ended_at"] - events["queued_at"])[stays] / HOUR
    extended = len(rows(events, "custody_warrant"))
    assert np.sum(hours > 84) <= extended


def test_whoever_is_kept_after_the_charge_is_seen_by_the_next_court(
    done: tuple[Run, Model], events: Columns
) -> None:
    """Police and Criminal Evidence Act 1984, section 46."""
    division = division_of(done[0])
    sits = {name: sitting_days(done[0], f"{name}_court") for name in ("north", "south")}
    charges, hearings = rows(events, "charge"), rows(events, "first_hearing")
    seen = 0
    for case, remands in rows(events, "remand").items():
        charged = charges[case][0][0]
        # Whoever arrived from elsewhere was charged before the log begins.
        if remands[0][0] != charged or case not in hearings:
            continue
        _, due, left, reason = hearings[case][0]
        assert not [at for at in sits[division[case]] if charged < at < due]
        assert reason != "no_court_time"
        assert left < 0 or left - due < MINUTES_A_DAY
        seen += 1
    assert seen > 5


def test_nobody_who_is_held_stays_away_from_court(done: tuple[Run, Model], events: Columns) -> None:
    held = rows(events, "remand", "detention")
    absent = events["reason"] == "defendant_absent"
    for case, due in zip(events["case_id"][absent], events["due_at"][absent], strict=True):
        for entered, _, left, _ in held.get(int(case), ()):
            assert not (entered < due and (left < 0 or left > due))


def test_nobody_who_is_seen_by_video_is_absent(done: tuple[Run, Model], events: Columns) -> None:
    seen, first = rows(events, "video_link_supervision"), rows(events, "first_hearing")
    reasons = [first[case][0][3] for case in seen if case in first]
    assert "defendant_absent" not in reasons
    if done[1].branches["first_hearing_by_video"].probability.at("default"):
        assert len(reasons) > 50
    others = [heard[0][3] for case, heard in first.items() if case not in seen]
    assert "defendant_absent" in others


def division_of(run: Run) -> dict[int, str]:
    cases = columns(run.cases_path)
    return dict(zip(cases["case_id"].tolist(), cases["division"].tolist(), strict=True))


def rows(events: Columns, *activities: str) -> dict[int, list[tuple[int, int, int, str]]]:
    """When each case entered some activities, was due and left them, and why; in order of time."""
    found: dict[int, list[tuple[int, int, int, str]]] = defaultdict(list)
    wanted = np.isin(events["activity"], activities)
    names = ("case_id", "queued_at", "due_at", "ended_at", "reason")
    for case, entered, due, left, reason in zip(
        *(events[name][wanted].tolist() for name in names), strict=True
    ):
        found[case].append((entered, due, left, reason))
    for of_case in found.values():
        of_case.sort()
    return found
