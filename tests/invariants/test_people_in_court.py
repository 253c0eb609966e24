"""Who limits the courtrooms that sit: told for each role, by courthouse."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cjsim.measures import measure
from cjsim.schema.model import Model, SittersSpec
from tests.support.runs import run, toy_model
from tests.support.small_world import number

MAY = dt.date(2013, 5, 31)


def with_sitters(model: Model, legal_advisers: float, benches: float) -> Model:
    """The toy with so many people for each of its magistrates' courthouses."""
    pools = {
        name: SittersSpec.model_validate(
            {
                "court": "magistrates",
                "role": name,
                "at_once": number(people),
                "available": number(1.0),
            }
        )
        for name, people in (("legal_adviser", legal_advisers), ("bench", benches))
    }
    return model.model_copy(update={"sitters": pools})


def shares(model: Model, folder: Path) -> dict[str, float]:
    run(model, folder, to=MAY)
    return {
        row["group"]: row["value"]
        for row in measure(folder, model).to_pylist()
        if row["kpi"] == "people_in_court_share" and row["period"] == "all"
    }


def test_the_role_that_binds_is_used_in_full_and_the_other_is_not(
    toy: Path, tmp_path: Path
) -> None:
    model = toy_model(toy)
    plenty = shares(with_sitters(model, 20, 40), tmp_path / "plenty")
    assert plenty["legal_adviser"] == pytest.approx(2 * plenty["bench"])
    assert plenty["legal_adviser"] < 0.5
    short = shares(with_sitters(model, 1, 40), tmp_path / "short")
    assert short["legal_adviser"] == pytest.approx(1.0)
    assert short["bench"] < 0.1


def test_people_enough_change_nothing(toy: Path, tmp_path: Path) -> None:
    model = toy_model(toy)
    alone, staffed = (
        run(each, tmp_path / name, to=MAY).events_path.read_bytes()
        for name, each in (("alone", model), ("staffed", with_sitters(model, 20, 40)))
    )
    assert alone == staffed
