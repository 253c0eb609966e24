"""Memory stays flat, however many replications one worker runs and however large their area is."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

import cjsim
from cjsim.des.event_log import Codes, Log
from cjsim.england_wales.case_columns import CASE_COLUMNS
from cjsim.jurisdiction import vocabulary
from tests.conftest import ROOT
from tests.speed import largest

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the system does not tell what a process holds"
)

CODE = """
import datetime as dt, sys, tempfile
from pathlib import Path
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import Job, run_replication
from cjsim.scenarios.load import load_model
from cjsim.scenarios.scenario import scenarios_of

model = load_model(sys.argv[1])
first, last = dt.date(2013, 4, 1), dt.date(2013, 4, 14)
with tempfile.TemporaryDirectory() as folder:
    scenarios = scenarios_of({"baseline": model})
    job = Job(scenarios, 1, first, last, Path(folder), keep_logs=False, plan="p")
    for number in range(500):
        run_replication(job, Task("baseline", number))
        if number in (49, 499):
            print(Path("/proc/self/statm").read_text().split()[1])
"""


@pytest.mark.slow
def test_five_hundred_replications_in_one_worker_grow_by_less_than_five_per_cent(toy: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(toy)],
        cwd=Path(cjsim.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    early, late = (int(pages) for pages in done.stdout.split())
    assert late < early * 1.05


MEASURED = """
import sys
from pathlib import Path
from cjsim.measures import measure
from cjsim.scenarios.load import load_model
from tests.speed import largest

measure(Path(sys.argv[2]), load_model(sys.argv[1]))
print(largest.most_held())
"""


def log_of(folder: Path, rows: int) -> Path:
    """The log of one case that was investigated so many times, and of nothing else."""
    day = dt.date(2013, 4, 1)
    folder.mkdir()
    words = vocabulary()
    codes = Codes(words.activities, words.agencies, words.results, words.reasons)
    footer = {"epoch": day, "study_from": day, "study_to": day}
    log = Log(folder, ["officers"], footer, codes=codes, case_columns=CASE_COLUMNS)
    investigation = codes.activity["investigation"]
    for number in range(rows):
        log.row(0, investigation, 0, 0, 0, number % 1440, -1, 0, number % 1440, 5.0, 5.0, 0, 0)
    log.capacity([])
    log.close()
    return folder


def test_a_row_that_is_only_counted_takes_little_memory_to_measure(
    toy: Path, tmp_path: Path
) -> None:
    few, many = 50_000, 1_500_000
    held = [
        float(
            subprocess.run(
                [sys.executable, "-c", MEASURED, str(toy), str(log_of(tmp_path / str(rows), rows))],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for rows in (few, many)
    ]
    each = (held[1] - held[0]) * 1e6 / (many - few)
    # It took 45 when the whole log was read before anything was counted.
    assert each < 24


def test_a_worker_runs_the_smallest_of_43_areas_in_the_memory_foretold() -> None:
    found = largest.in_a_process("city_of_london")
    assert found["foreseen"] == pytest.approx(found["megabytes"], rel=0.25)


@pytest.mark.slow
def test_a_worker_runs_the_largest_of_43_areas_in_less_than_a_gigabyte_as_foretold() -> None:
    found = largest.in_a_process()
    assert found["areas"] == 43
    assert found["megabytes"] < 700, "1,000 are promised, and less than 600 were seen"
    assert found["foreseen"] == pytest.approx(found["megabytes"], rel=0.25)
