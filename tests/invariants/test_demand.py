"""Who arrives, and when: the profiles are kept, and a demand scenario keeps the same people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from cjsim.des.random_streams import RandomStreams
from cjsim.des.working_time import Calendar
from cjsim.england_wales.vocabulary import OFFENCE_GROUPS
from cjsim.schema.model import Model
from cjsim.simulation.arrivals import Arrival, TooFewPeople, arrivals
from tests.support.runs import changed, toy_model

EPOCH = dt.date(2013, 4, 1)
DAYS = 730


def come(model: Model, replication: int = 0) -> list[Arrival]:
    calendar = Calendar(EPOCH, DAYS + 400)
    random_streams = RandomStreams(7, replication, model.area)
    return [one for one in arrivals(model, calendar, random_streams, DAYS * 1440) if one.comes]


def test_arrivals_by_hour_follow_their_profile(toy: Path) -> None:
    model = toy_model(toy)
    hours = [one.minute // 60 % 24 for one in come(model) if one.way_in == "arrest_notifiable"]
    weights = np.array(model.streams["arrest_notifiable"].hours.value)
    expected = weights / weights.sum() * len(hours)
    counts = np.bincount(hours, minlength=24)
    likely = stats.chisquare(counts[expected > 0], expected[expected > 0]).pvalue
    assert likely > 0.001


def test_a_year_brings_as_many_cases_of_each_group_as_the_model_says(toy: Path) -> None:
    model = toy_model(toy)
    stream = model.streams["arrest_notifiable"]
    everyone = [one for r in range(10) for one in come(model, r)]
    groups, furthest = 0, 0.0
    for group, name in enumerate(OFFENCE_GROUPS):
        try:
            a_year = stream.per_year.at(name)
        except KeyError:
            continue
        expected = a_year * DAYS / 365.25 * 10
        found = sum(
            1 for one in everyone if one.group == group and one.way_in == "arrest_notifiable"
        )
        assert abs(found - expected) <= 4 * np.sqrt(expected) + 1, name
        groups, furthest = groups + 1, max(furthest, abs(found - expected) / np.sqrt(expected))


def test_a_tenth_more_demand_keeps_everybody_and_adds_others(toy: Path) -> None:
    model = toy_model(toy)
    per_year = model.streams["arrest_notifiable"].per_year
    assert isinstance(per_year.value, dict)
    change = {
        "from": EPOCH,
        "value": {group: 1.1 * n for group, n in per_year.value.items()},
        "source": "assumption",
        "evidence": "assumed",
        "range": (0, 1e9),
    }
    more = changed(model, streams={"arrest_notifiable": {"per_year": {"changes": (change,)}}})
    before = {(one.number, one.minute, one.group, one.area) for one in come(model)}
    after = {(one.number, one.minute, one.group, one.area) for one in come(more)}
    assert before < after


def test_more_demand_than_the_headroom_allows_is_refused(toy: Path) -> None:
    model = toy_model(toy)
    per_year = model.streams["summons"].per_year
    assert isinstance(per_year.value, dict)
    change = {
        "from": EPOCH,
        "value": {group: 9 * n for group, n in per_year.value.items()},
        "source": "assumption",
        "evidence": "assumed",
        "range": (0, 1e9),
    }
    more = changed(model, streams={"summons": {"per_year": {"changes": (change,)}}})
    with pytest.raises(TooFewPeople, match=r"raise streams\.summons\.headroom"):
        come(more)
