"""The national Crown Court: published counts come in as they are, and weights multiply back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from cjsim.des.random_streams import RandomStreams
from cjsim.des.working_time import Calendar
from cjsim.england_wales.initial_state import read_opening
from cjsim.listing.sitting_calendar import ListAtCourthouse, days_of_sitting
from cjsim.measures import measure
from cjsim.scenarios.load import load_model
from cjsim.schema.demand import days_of_quarter
from cjsim.schema.model import Model
from cjsim.simulation.arrivals import arrivals
from cjsim.simulation.simulate import simulate
from tests.conftest import ROOT
from tests.support.hand_made import Measured, a_model, at, case, event, write_log
from tests.support.runs import changed

FOLDER = ROOT / "models" / "england_wales_2016"
FIRST = dt.date(2016, 4, 1)
TWO_YEARS = 731
DOOR = "received_at_crown_court"


@pytest.fixture(name="model", scope="module")
def _model() -> Model:
    return load_model(FOLDER)


def sampled(model: Model, one_in: float) -> Model:
    return changed(model, sampling={"one_in": {"value": one_in}})


def by_quarter(model: Model, replication: int = 0) -> Counter[tuple[int, int]]:
    """How many cases come in each quarter of two years, multiplied back."""
    calendar = Calendar(FIRST, TWO_YEARS + 400)
    random_streams = RandomStreams(7, replication, model.area)
    found: Counter[tuple[int, int]] = Counter()
    for one in arrivals(model, calendar, random_streams, TWO_YEARS * 1440):
        if one.comes:
            assert one.way_in == DOOR
            date = FIRST + dt.timedelta(days=one.minute // 1440)
            found[date.year, (date.month - 1) // 3 + 1] += 1
    return Counter({quarter: round(count * model.one_in) for quarter, count in found.items()})


@pytest.mark.parametrize("one_in", [50, 25])
def test_as_many_cases_come_in_each_quarter_as_were_received(model: Model, one_in: int) -> None:
    stream = model.streams[DOOR]
    assert stream.per_quarter is not None
    received = {
        (change.from_.year, (change.from_.month - 1) // 3 + 1): change.value
        for change in stream.per_quarter.changes
    }
    quarters, furthest = 0, 0.0
    for quarter, count in by_quarter(sampled(model, one_in)).items():
        published = received[quarter]
        assert isinstance(published, float)
        # Working days fall differently on quarters; beyond that only the rounding of a sample.
        apart = abs(count / published - 1)
        assert apart < 0.03, quarter
        quarters, furthest = quarters + 1, max(furthest, apart)


def test_replications_differ_in_who_comes_and_hardly_in_how_many(model: Model) -> None:
    years = [sum(by_quarter(model, r).values()) / model.one_in for r in range(3)]
    assert max(years) - min(years) <= 20  # chance alone would spread some 4,400 by more than 60


def test_sitting_days_are_those_published_whatever_the_fraction(model: Model) -> None:
    days_found = []
    for one_in in (50, 10):
        found = 0.0
        for word, spec in model.lists.items():
            if not word.startswith("crown"):
                continue
            court_list = ListAtCourthouse(
                spec, "england_and_wales", "england_and_wales", (), one_in
            )
            days = days_of_sitting(court_list, dt.date(2018, 4, 1), dt.date(2019, 3, 31))
            found += sum(rooms for _, rooms, _ in days) * one_in
        assert found == pytest.approx(97_293, rel=0.01)
        days_found.append(found)


def test_a_quarter_has_ninety_to_ninety_two_days() -> None:
    assert [days_of_quarter(dt.date(2019, month, 5)) for month in (2, 5, 8, 12)] == [90, 91, 92, 92]


def test_what_is_counted_is_multiplied_back_and_what_is_shared_is_not(tmp_path: Path) -> None:
    cases = [
        case(
            1,
            charged=at(1),
            received_crown=at(2),
            magistrates_completed=at(2),
            ended=at(20),
            crown_way="for_trial",
            outcome="acquitted",
        ),
        case(
            2,
            charged=at(1),
            received_crown=at(2),
            magistrates_completed=at(2),
            ended=at(30),
            crown_way="for_trial",
            outcome="convicted_after_trial",
        ),
    ]
    folder = write_log(tmp_path, cases, [event(1, "investigation", at(3), at(4), minutes=90.0)])
    one = Measured(folder)
    sampling = {"one_in": {"value": 50.0, "source": "made by hand", "evidence": "measured"}}
    many = Measured(
        folder,
        a_model().model_copy(
            update={
                "sampling": type(load_model(FOLDER).sampling).model_validate(sampling),  # type: ignore[union-attr]
            }
        ),
    )
    assert one["cases_disposed", "crown"] == 2
    assert many["cases_disposed", "crown"] == 100
    assert one["staff_hours", "all", "police"] == 1.5
    assert many["staff_hours", "all", "police"] == 75
    assert many["conviction_rate"] == one["conviction_rate"] == 0.5
    assert (
        many["receipt_to_completion_days", "crown", "mean"]
        == one["receipt_to_completion_days", "crown", "mean"]
    )


def test_what_was_before_the_door_of_the_crown_court_is_not_measured(tmp_path: Path) -> None:
    """Its charge and the magistrates' court's end are the receipt itself, and stand for nothing."""
    door = {"way_in": "received_at_crown_court", "charged_by": "by_cps", "has_victim": True}
    folder = write_log(
        tmp_path,
        [
            case(
                1,
                **door,
                arrived=at(1),
                charged=at(1),
                received_crown=at(1),
                magistrates_completed=at(1),
                first_listed=at(29),
                ended=at(40),
                crown_way="for_trial",
                outcome="acquitted",
            ),
            case(
                2,
                charged=at(2),
                charged_by="by_police",
                first_listed=at(5),
                magistrates_completed=at(5),
                ended=at(5),
                outcome="convicted_guilty_plea",
            ),
        ],
    )
    both = Measured(folder)
    assert both["magistrates_proceeded_against", "magistrates"] == 1
    assert both["sent_to_crown_share", "magistrates"] == 0
    assert both["charge_to_first_listing_days", "magistrates", "mean"] == 3
    assert both["first_listing_to_completion_days", "magistrates", "mean"] == 0
    assert ("first_listing_to_completion_days", "crown", "mean") not in both
    assert both["completed_at_first_listing_share", "magistrates"] == 1
    assert both["police_charged_share"] == 1
    assert both["charged_share"] == 1
    assert both["cps_decisions"] == 0
    assert "support_reached_share" not in both
    assert both["receipt_to_completion_days", "crown", "mean"] == 39
    assert both["cases_disposed"] == 2


def test_a_short_run_opens_with_the_published_caseload_and_repeats_itself(
    model: Model, tmp_path: Path
) -> None:
    opening = read_opening(FOLDER / "opening_caseload.csv", model, FIRST)
    hashes, measured = [], {}
    for name in ("once", "again"):
        folder = tmp_path / name
        folder.mkdir()
        run = simulate(
            model,
            seed=1,
            replication=0,
            study_from=FIRST,
            study_to=dt.date(2016, 4, 30),
            folder=folder,
            opening=opening,
        )
        hashes.append(run.content_hash)
        rows = measure(folder, model).to_pylist()
        measured = {(r["kpi"], r["court"], r["group"], r["period"]): r["value"] for r in rows}
    assert hashes[0] == hashes[1]
    before = measured["open_cases", "crown", "", "2016-04"]
    change = measured["open_cases_change_share", "crown", "", "all"]
    assert before / (1 + change) == pytest.approx(48_250, abs=50)
    assert measured["open_cases", "magistrates", "", "2016-04"] == 0
