"""Memory stays flat, however many replications one worker runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import cjsim
from tests.conftest import Tell

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the system does not tell what a process holds"
)

CODE = """
import datetime as dt, sys, tempfile
from pathlib import Path
from cjsim.experiment.plan import Task
from cjsim.experiment.replication import Job, run_replication
from cjsim.spec.load import load_model

model = load_model(sys.argv[1])
first, last = dt.date(2013, 4, 1), dt.date(2013, 4, 14)
with tempfile.TemporaryDirectory() as folder:
    job = Job({"baseline": model}, 1, first, last, Path(folder), keep_logs=False, plan="p")
    for number in range(500):
        run_replication(job, Task("baseline", number))
        if number in (49, 499):
            print(Path("/proc/self/statm").read_text().split()[1])
"""


@pytest.mark.slow
def test_five_hundred_replications_in_one_worker_grow_by_less_than_five_per_cent(
    toy: Path, figure: Tell
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(toy)],
        cwd=Path(cjsim.__file__).parents[1], capture_output=True, text=True, check=True,
    )  # fmt: skip
    early, late = (int(pages) for pages in done.stdout.split())
    figure(f"{(late / early - 1):+.1%} from the 50th to the 500th replication")
    assert late < early * 1.05
