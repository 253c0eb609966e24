"""A plea foreseen brings a case before the right list with the right file, and is no other plea."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from tests.support.runs import Columns, changed, columns, run, toy_model

TO = dt.date(2014, 3, 31)
GUILTY = (
    "guilty_plea_sentenced",
    "guilty_plea_report_ordered",
    "guilty_plea_sentence_later",
    "committed_for_sentence",
)


@pytest.fixture(scope="module")
def logs(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Columns, Columns]:
    """A year of the toy area: by the plea that the police expect, and with every plea foreseen."""
    folder = tmp_path_factory.mktemp("foreseen")
    always = {"value": 1.0, "source": "assumption", "evidence": "assumed", "range": (0.0, 1.0)}
    model = toy_model(toy)
    foreseen = changed(model, branches={"plea_foreseen": {"probability": always}})
    before, after = (
        columns(run(one, folder / name, to=TO).events_path)
        for name, one in (("expected", model), ("foreseen", foreseen))
    )
    return before, after


def pleas(log: Columns) -> dict[tuple[str, bool], int]:
    """How many pleaded on each of the two lists, by whether guilty."""
    hearing = np.isin(log["activity"], ["first_hearing", "further_hearing"])
    lists = [str(place).partition("@")[0] for place in log["place"][hearing]]
    results = log["result"][hearing]
    found: dict[tuple[str, bool], int] = {}
    for word, result in zip(lists, results, strict=True):
        if word.endswith("anticipated_plea") and result in (*GUILTY, "not_guilty_plea"):
            key = (word, result in GUILTY)
            found[key] = found.get(key, 0) + 1
    return found


def test_fewer_come_before_the_list_of_the_other_plea(logs: tuple[Columns, Columns]) -> None:
    wrong = [
        found.get(("guilty_anticipated_plea", False), 0)
        + found.get(("not_guilty_anticipated_plea", True), 0)
        for found in map(pleas, logs)
    ]
    # What the file and the papers change after the forecast is still not foreseen.
    assert 0 < wrong[1] < 0.5 * wrong[0]


def test_and_nobody_pleads_otherwise_for_it(logs: tuple[Columns, Columns]) -> None:
    guilty = [
        sum(count for (_, is_guilty), count in found.items() if is_guilty)
        for found in map(pleas, logs)
    ]
    assert guilty[1] == pytest.approx(guilty[0], rel=0.02)


def test_and_contested_cases_get_the_full_file_at_once(logs: tuple[Columns, Columns]) -> None:
    full = [int((log["activity"] == "full_file").sum()) for log in logs]
    assert full[1] > full[0]
