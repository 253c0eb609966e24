"""Run the days that scenarios of one replication share only once.

Two scenarios have the same cases, random numbers and log until the day on which their models
diverge. On that day the process forks: one copy continues unchanged, the other switches to the
second scenario's model. Each writes, byte for byte, what a separate run would have written
(`tests/invariants/test_shared_days.py`).
"""

from __future__ import annotations

import ctypes
import datetime as dt
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Iterable, Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Final

from cjsim.errors import RunFailed
from cjsim.experiment.executors.processes import WITHOUT_WORKERS
from cjsim.experiment.unused_settings import ReadTimes
from cjsim.scenarios.divergence import divergence_day
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.model import Model
from cjsim.simulation.process import OpeningCaseload
from cjsim.simulation.simulate import Run, begin, finish, garbage_left_alone
from cjsim.simulation.simulation import Simulation
from cjsim.storage import disk
from cjsim.storage.temporary import scratch_folder

_DISK_ERROR_OFFSET: Final = 100
"""Added to the number of a disk error, where the error could not be written to a file either."""

_DIE_WITH_PARENT: Final = 1
"""Linux's `PR_SET_PDEATHSIG`."""


@dataclass(eq=False)
class Node:
    """A scenario, the day on which it diverges from its parent, and the scenarios below it."""

    scenario: str
    day: dt.date
    children: list[Node] = field(default_factory=list)

    def scenarios(self) -> list[str]:
        """This scenario and all below it."""
        return [self.scenario, *(name for branch in self.children for name in branch.scenarios())]

    def depth(self) -> int:
        """How many processes wait for each other at most."""
        return 1 + max((branch.depth() for branch in self.children), default=0)


def can_fork() -> bool:
    """Whether a process can be forked here, and be killed with its parent."""
    return sys.platform == "linux"


def prefix_trees(
    scenarios: Mapping[str, ResolvedScenario], study_from: dt.date, first_day: dt.date
) -> list[Node]:
    """Attach each scenario to the earlier one with the latest divergence date.

    A scenario that shares no day from `first_day` on becomes the root of its own tree.
    """
    roots: list[Node] = []
    branches: list[Node] = []
    for name, scenario in scenarios.items():
        best: Node | None = None
        day = first_day
        for before in branches:
            diverge = divergence_day(scenarios[before.scenario], scenario, study_from)
            if diverge is not None and diverge > day:
                best, day = before, diverge
        branch = Node(name, day)
        (roots if best is None else best.children).append(branch)
        branches.append(branch)
    return roots


@dataclass(frozen=True)
class PrefixTree:
    """One replication of several scenarios: their models, and the folder of each for its log.

    The settings that cases read are recorded for the scenarios in `watched`.
    """

    models: Mapping[str, Model]
    folders: Mapping[str, Path]
    seed: int
    replication: int
    study_from: dt.date
    study_to: dt.date
    opening: OpeningCaseload | None
    watched: frozenset[str]

    def simulate(self, root: Node) -> dict[str, tuple[Run, ReadTimes]]:
        """Run a tree; by scenario, its run and what its cases read.

        Raises what a run raises, and BrokenProcessPool where one of the processes was killed.
        """
        with scratch_folder() as scratch, garbage_left_alone():
            own = self._run_root(root, scratch)
            return {root.scenario: own, **_read_results(root.scenarios()[1:], scratch)}

    def _run_root(self, root: Node, scratch: Path) -> tuple[Run, ReadTimes]:
        reads = ReadTimes()
        simulation = begin(
            self.models[root.scenario],
            seed=self.seed,
            replication=self.replication,
            study_from=self.study_from,
            study_to=self.study_to,
            folder=self.folders[root.scenario],
            opening=self.opening,
            on_simulation=reads.note if root.scenario in self.watched else None,
            log_held_back=True,
        )
        return self._run_to_end(simulation, root, scratch), reads

    def _run_to_end(self, simulation: Simulation, branch: Node, scratch: Path) -> Run:
        """Run a scenario to its end, and fork each scenario below it on its day."""
        for child in sorted(branch.children, key=lambda node: node.day):
            simulation.env.run_until(simulation.calendar.minute(min(child.day, self.study_to)))
            self._fork(simulation, child, scratch)
        simulation.log.goes_to(self.folders[branch.scenario])
        return finish(simulation)

    def _fork(self, simulation: Simulation, branch: Node, scratch: Path) -> None:
        """Fork this process; the child continues as another scenario."""
        result_file = scratch / branch.scenario
        parent = os.getpid()
        with warnings.catch_warnings():
            # From Python 3.12 on it warns of threads. The worker's other one only waits.
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                child = os.fork()
            except OSError as error:
                raise RunFailed(
                    f"No process can be started: {error.strerror}. {WITHOUT_WORKERS}"
                ) from None
        if not child:
            # The child must never return: the parent's cleanup would run twice.
            status = 1
            try:
                _die_with_parent(parent)
                simulation.switch_model(self.models[branch.scenario])
                reads = ReadTimes()
                if branch.scenario in self.watched:
                    reads.note(simulation)
                run = self._run_to_end(simulation, branch, scratch)
                _write(ForkingPickler.dumps((run, reads)), result_file)
                status = 0
            except BaseException as error:  # any error goes to the parent process
                status = _write_error(error, branch.scenario, result_file)
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(ended) < 0:
            raise BrokenProcessPool(f"The process of scenario {branch.scenario} was killed.")
        status = os.waitstatus_to_exitcode(ended)
        if status > _DISK_ERROR_OFFSET:
            raise OSError(
                status - _DISK_ERROR_OFFSET, os.strerror(status - _DISK_ERROR_OFFSET), str(scratch)
            )
        if status:
            raise ForkingPickler.loads(result_file.read_bytes())


def _die_with_parent(parent: int) -> None:
    """Have this process killed when its parent ends."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _write_error(error: BaseException, scenario: str, file: Path) -> int:
    """Write an error to a file; the exit status, which alone reports a disk error."""
    error.add_note(f"This happened in scenario {scenario}.")
    try:
        pickled = ForkingPickler.dumps(error)
        ForkingPickler.loads(pickled)
    except Exception:  # an error that cannot be pickled goes as its text
        pickled = ForkingPickler.dumps(RuntimeError("".join(traceback.format_exception(error))))
    try:
        _write(pickled, file)
    except OSError as disk_error:
        return _DISK_ERROR_OFFSET + (disk_error.errno or 0)
    return 1


def _write(content: bytes | memoryview, file: Path) -> None:
    with disk.naming(file), disk.create(file) as whole:
        whole.write(content)


def _read_results(scenarios: Iterable[str], scratch: Path) -> dict[str, tuple[Run, ReadTimes]]:
    return {name: ForkingPickler.loads((scratch / name).read_bytes()) for name in scenarios}
