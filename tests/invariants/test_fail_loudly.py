"""An experiment that cannot mean what it says is told so, while it runs and with its results."""

from __future__ import annotations

from pathlib import Path

import pytest

import cjsim
from cjsim.experiment.results import Results
from cjsim.experiment.show import comparison_text

EXPERIMENT = """
title = "Settings that meet nobody"
question = "Is one told?"
owner = "The tests"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-08-31
replications = 2
seed = 5

[scenarios.copy]
label = "A copy of the baseline"

[scenarios.shut_door]
label = "A team that nobody is sent to"
[scenarios.shut_door.set."pools.prosecution_team.capacity"]
area = "north"
value = 9
source = "assumption"
range = [0, 9]

[scenarios.half]
label = "A team that nobody is sent to, and files that are ready"
uses = ["shut_door"]
[scenarios.half.set."branches.file_ready.probability"]
from = 2013-06-01
value = 1.0
source = "assumption"
range = [0, 1]

[scenarios.dear]
label = "Dearer officers"
[scenarios.dear.set]
"{cost}" = {{ value = 999, source = "assumption", range = [0, 999] }}

[report]
watch = ["hearings_per_case", "open_cases"]
"""


@pytest.fixture(scope="module")
def results(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("loud")
    model = cjsim.load_model(toy)
    unit = next(name for name, cost in model.costs.units.items() if cost.agency == "police")
    file = folder / "loud.toml"
    file.write_text(EXPERIMENT.format(model=toy, cost=f"costs.units.{unit}.gbp"))
    said: list[str] = []
    out = cjsim.run(file, workers=1, out=folder / "out", say=said.append)
    found = cjsim.read_results(out)
    assert said == found.manifest["notices"], "said while it ran, and kept"
    return found


@pytest.mark.parametrize(
    "notice",
    [
        'Scenario "copy" changes nothing: its model is the baseline\'s.',
        'Scenario "shut_door": no case ever met pools.prosecution_team.capacity in north.',
        'Scenario "shut_door" has no effect on anything watched.',
        'Scenario "half": no case ever met pools.prosecution_team.capacity in north.',
        'Scenario "dear" has no effect on anything watched.',
        "No cost of the reform itself is declared in shut_door, half.",
    ],
)
def test_it_is_said_and_stands_below_the_comparison(results: Results, notice: str) -> None:
    assert notice in results.manifest["notices"]
    assert f"Note: {notice}" in comparison_text(results)


def test_nothing_else_is_said(results: Results) -> None:
    assert len(results.manifest["notices"]) == 6
    assert not any("file_ready" in notice for notice in results.manifest["notices"])


def test_noting_what_is_read_changes_nothing(results: Results) -> None:
    content = {
        (run["scenario"], run["replication"]): run["content_hash"]
        for run in results.manifest["runs"]
    }
    assert content["copy", 0] == content["baseline", 0]
    assert content["copy", 1] == content["baseline", 1]
