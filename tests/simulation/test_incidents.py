"""Who is arrested together: nobody is added, and as many of them as the model says."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from cjsim.des.random_streams import RandomStreams
from cjsim.des.working_time import Calendar
from cjsim.schema.co_defendants import SIZES, CoDefendantsSpec
from cjsim.schema.model import Model
from cjsim.simulation.arrivals import Arrival, arrivals
from cjsim.simulation.incidents import incidents, mean_size
from tests.support.co_defendants import WAYS_IN, table, with_co_defendants
from tests.support.runs import toy_model

GROUPS = ("theft", "robbery")
DAYS = 365


@pytest.fixture(scope="module")
def model(toy: Path) -> Model:
    return toy_model(toy)


def all_who_come(model: Model) -> list[Arrival]:
    calendar = Calendar(dt.date(2013, 4, 1), DAYS)
    streams = RandomStreams(1, 0, model.area)
    return [each for each in arrivals(model, calendar, streams, DAYS * 1440) if each.comes]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_the_share_of_people_who_come_with_others_is_the_models(share: float) -> None:
    spec = CoDefendantsSpec.model_validate(table(share=share))
    people = 200_000
    group = np.arange(people) % 2
    draws = np.random.default_rng(1).random((2, people))
    first = incidents(spec, GROUPS, group, draws)
    sizes = np.bincount(first, minlength=people)[first]
    assert np.mean(sizes > 1) == pytest.approx(share, abs=0.01)
    assert np.all(group[first] == group)
    if share:
        incident_sizes = np.bincount(first)[np.unique(first[sizes > 1])]
        assert incident_sizes.mean() == pytest.approx(mean_size(spec, "theft"), abs=0.03)
        assert set(incident_sizes) <= set(SIZES.values()) | {1}


def test_as_many_people_are_arrested_with_the_table_as_without_it(model: Model) -> None:
    alone = all_who_come(model)
    together = all_who_come(with_co_defendants(model, share=0.6))
    kinds = [Counter((each.way_in, each.group) for each in people) for people in (alone, together)]
    assert sum(kinds[0].values()) == pytest.approx(sum(kinds[1].values()), rel=0.03)
    for kind, people in kinds[0].items():
        # Whole incidents come or stay away under the rate in force: more noise, the same mean.
        assert kinds[1][kind] == pytest.approx(people, abs=6 * people**0.5 * 1.6)


def test_those_who_come_by_other_ways_are_the_same_people(model: Model) -> None:
    def others(people: list[Arrival]) -> list[tuple[int, str, int, int]]:
        return [
            (each.minute, each.way_in, each.group, each.area)
            for each in people
            if each.way_in not in WAYS_IN
        ]

    assert others(all_who_come(model)) == others(all_who_come(with_co_defendants(model)))


def test_the_people_of_an_incident_come_at_once_and_with_numbers_in_a_row(model: Model) -> None:
    people = defaultdict(list)
    for each in all_who_come(with_co_defendants(model, share=0.6)):
        people[each.first].append(each)
    several = [members for members in people.values() if len(members) > 1]
    assert len(several) > 50
    for first, members in people.items():
        assert [each.number for each in members] == [*range(first, first + len(members))]
        assert len({(each.minute, each.way_in, each.group, each.area) for each in members}) == 1
        assert all(each.alone == (len(members) == 1) for each in members)


def test_a_share_of_nobody_gives_the_arrivals_of_a_model_without_the_table(model: Model) -> None:
    assert all_who_come(with_co_defendants(model, share=0.0)) == all_who_come(model)
