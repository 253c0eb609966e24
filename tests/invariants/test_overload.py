"""A court with more work than it can ever list has a growing backlog; its run comes to its end."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cjsim.experiment.notices import overload_notices
from cjsim.experiment.replication import Replication
from cjsim.measures import measure
from tests.support.runs import changed, run, toy_model
from tests.support.small_world import number

JUNE = dt.date(2013, 6, 30)


def test_a_court_that_never_sits_ends_no_run_and_is_named(toy: Path, tmp_path: Path) -> None:
    shut = {"rooms": number((0, 0, 0, 0, 0, 0, 0))}
    model = toy_model(toy)
    houses = dict.fromkeys(model.lists["crown_trials"].houses, shut)
    overloaded = changed(model, lists={"crown_trials": {"houses": houses}})
    done, usual = (
        run(each, tmp_path / name, to=JUNE)
        for name, each in (("overloaded", overloaded), ("usual", model))
    )
    assert {name.partition("@")[0] for name in done.overloaded} == {"crown_trials"}
    assert usual.overloaded == ()
    backlog = [
        sum(
            row["value"]
            for row in measure(tmp_path / name, each).to_pylist()
            if (row["kpi"], row["court"], row["group"], row["period"])
            == ("open_cases", "crown", "", "all")
        )
        for name, each in (("overloaded", overloaded), ("usual", model))
    ]
    assert backlog[0] > backlog[1]


def test_the_notice_names_the_list_and_in_how_many_replications() -> None:
    runs = [
        Replication("baseline", number, "", 0, 0, 0.0, None, overloaded=lists)  # type: ignore[arg-type]
        for number, lists in enumerate([("crown_trials@stafford",), (), ("crown_trials@stafford",)])
    ]
    (notice,) = overload_notices(runs)
    assert "crown_trials@stafford has no date left" in notice
    assert "in 2 of 3 replications" in notice
