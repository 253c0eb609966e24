"""The same plan gives the same results, wherever and however it is run."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import cjsim
from cjsim.experiment import replications
from cjsim.experiment.replication import Replication
from cjsim.experiment.results import Results

EXPERIMENT = """
title = "Nothing and something"
question = "Does chance stay the same?"
owner = "The tests"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-04-30
replications = 2
seed = 20130401

[scenarios.nothing]
label = "A copy of the baseline"

[scenarios.ready]
label = "Every file ready"
[scenarios.ready.set]
"branches.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0.0, 1.0] }}
"""


@pytest.fixture(scope="module")
def experiment(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("experiment") / "same.toml"
    file.write_text(EXPERIMENT.format(model=toy))
    return file


LISTENS = """
import signal
from cjsim.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""The command line; what a shell starts in the background ignores Ctrl-C, with all it starts."""


def command(
    experiment: Path, out: Path, *more: str, workers: int, hash_seed: int, what: str = "run"
) -> subprocess.Popen[str]:
    arguments = [what, str(experiment), "--out", str(out), "--workers", str(workers), *more]
    return subprocess.Popen(
        [sys.executable, "-c", LISTENS, *arguments],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(cjsim.__file__).parents[1],
        start_new_session=True,
    )


def run_by(experiment: Path, out: Path, *, workers: int, hash_seed: int) -> Results:
    """The results of the experiment, run by so many workers under a PYTHONHASHSEED."""
    process = command(experiment, out, workers=workers, hash_seed=hash_seed)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return cjsim.read_results(out / "same")


@pytest.fixture(scope="module")
def alone(experiment: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The same experiment, run by one worker."""
    return run_by(experiment, tmp_path_factory.mktemp("results"), workers=1, hash_seed=0)


@pytest.mark.parametrize(
    ("workers", "hash_seed"),
    [(2, 12345), pytest.param(8, 7, marks=pytest.mark.slow)],
    ids=["two workers, another PYTHONHASHSEED", "eight workers"],
)
def test_results_are_the_same_to_the_last_byte(
    experiment: Path, alone: Results, tmp_path: Path, workers: int, hash_seed: int
) -> None:
    one, two = alone, run_by(experiment, tmp_path, workers=workers, hash_seed=hash_seed)
    assert one.folder.name == two.folder.name
    tables = {
        name: (one.folder / name).read_bytes() for name in ("kpis.parquet", "comparison.parquet")
    }
    for name, found in tables.items():
        assert found == (two.folder / name).read_bytes(), name
    assert one.manifest["runs"] == two.manifest["runs"]
    assert one.manifest["results_hash"] == two.manifest["results_hash"]
    assert one.manifest["plan_hash"] == two.manifest["plan_hash"]


def test_a_scenario_that_changes_nothing_differs_by_exactly_nothing(alone: Results) -> None:
    rows = [row for row in alone.comparison.to_pylist() if row["scenario"] == "nothing"]
    assert rows
    assert [row for row in rows if row["difference"] != 0] == []
    values: dict[str, list[tuple[object, ...]]] = {"baseline": [], "nothing": []}
    for row in alone.kpis.to_pylist():
        if row["scenario"] in values:
            values[row.pop("scenario")].append(tuple(row.values()))
    assert values["baseline"] == values["nothing"], "in every month and group, too"


def test_a_scenario_that_changes_something_differs(alone: Results) -> None:
    rows = [row for row in alone.comparison.to_pylist() if row["scenario"] == "ready"]
    moved = [row for row in rows if row["difference"] != 0]
    assert moved


def test_replications_differ_from_each_other(alone: Results) -> None:
    hashes = [run["content_hash"] for run in alone.manifest["runs"]]
    assert len(set(hashes)) == 4, "the copy of the baseline has the baseline's two"


@pytest.mark.skipif(os.name != "posix", reason="signals to a group of processes")
@pytest.mark.parametrize(
    ("workers", "sent", "code"),
    [
        (1, signal.SIGINT, 130),
        pytest.param(2, signal.SIGINT, 130, marks=pytest.mark.slow),
        (2, signal.SIGTERM, 143),
    ],
)
def test_ctrl_c_keeps_what_was_done_and_resume_gives_the_same_bytes(
    experiment: Path,
    alone: Results,
    tmp_path: Path,
    workers: int,
    sent: int,
    code: int,
) -> None:
    out = tmp_path / "results"
    process = command(experiment, out, workers=workers, hash_seed=0)
    deadline = time.monotonic() + 60
    while (
        not list(out.glob("same/*/runs/*/[!.]*/replication.json")) and time.monotonic() < deadline
    ):
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)
    os.killpg(process.pid, sent)  # what a terminal does: to the workers as well
    said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "Interrupted. " in said
    assert "--resume continues the run" in said
    assert "Traceback" not in said
    again = command(experiment, out, "--resume", workers=workers, hash_seed=7)
    said, _ = again.communicate(timeout=300)
    assert again.returncode == 0, said
    resumed = content(out / "same")
    assert resumed == content(alone.folder.parent)


def content(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


class Backwards:
    """An executor of one worker that runs the last task first."""

    batch = 1000

    @contextlib.contextmanager
    def open(
        self, work: Callable[[Any, Any], Any], shared: object, _tasks: int, /
    ) -> Iterator[Callable[[Any], Future[Any]]]:
        asked: list[tuple[Any, Future[Any]]] = []

        def submit(task: Any) -> Future[Any]:
            future: Future[Any] = Future()
            asked.append((task, future))
            if len(asked) == _tasks:
                for one, told in reversed(asked):
                    told.set_result(work(shared, one))
            return future

        yield submit


def test_the_order_in_which_replications_are_done_is_all_one(
    experiment: Path,
    alone: Results,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replications, "local_executor", lambda *_, **__: Backwards())
    done: list[tuple[str, int]] = []

    def note(_done: int, _of: int, came_in: Sequence[Replication]) -> None:
        done.extend((one.scenario, one.replication) for one in came_in)

    folder = cjsim.run(experiment, out=tmp_path, progress=note, say=lambda _: None)
    assert sorted(done) == sorted(
        (run["scenario"], run["replication"]) for run in alone.manifest["runs"]
    )
    backwards = content(folder.parent)
    assert backwards == content(alone.folder.parent)


SWEEP = """
[report]
watch = ["hearings_per_case", "arrest_to_disposal_days"]

[sweep]
scenario = "ready"
method = "latin_hypercube"
points = 2
[sweep.over]
"branches.file_ready.probability" = { low = 0.2, high = 0.9 }
"stages.investigation.duration" = { low = 4, high = 20 }
"""


def test_a_sweep_gives_the_same_bytes_however_it_is_run(experiment: Path, tmp_path: Path) -> None:
    file = tmp_path / "swept.toml"
    file.write_text(experiment.read_text() + SWEEP)
    found = []
    for workers, hash_seed in ((1, 0), (2, 99)):
        out = tmp_path / f"out-{workers}"
        process = command(
            file, out, "--replications", "1", workers=workers, hash_seed=hash_seed, what="sweep"
        )
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        found.append(content(out / "swept-sweep"))
    assert found[0] == found[1]
    assert any(name.endswith("sweep.csv") for name in found[0])
