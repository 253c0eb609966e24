"""Scenarios of one replication share the days on which they are the same: these are run once.

A scenario's model differs from another's from a day on; up to it both have the same cases, the same
luck and the same log. On that day the process forks: one copy goes on as it was, the other as the
scenario's world. What each writes is, byte for byte, what a run of its own would have written
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

from cjsim.england_wales.open_cases import OpenCases
from cjsim.errors import RunFailed
from cjsim.experiment.executors.processes import WITHOUT_WORKERS
from cjsim.experiment.unused_settings import ReadTimes
from cjsim.scenarios.divergence import divergence_day
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.model import Model
from cjsim.simulation.simulate import Run, begin, finish, garbage_left_alone
from cjsim.simulation.simulation import Simulation
from cjsim.storage import disk
from cjsim.storage.temporary import scratch_folder

_DISK_ERROR_OFFSET: Final = 100
"""Added to the number of an error of the disk, where it could not be written to a file either."""

_DIE_WITH_PARENT: Final = 1
"""Linux's `PR_SET_PDEATHSIG`."""


@dataclass(eq=False)
class Node:
    """A scenario, the day on which it parts from another, and those that part from it."""

    scenario: str
    day: dt.date
    others: list[Node] = field(default_factory=list)

    def scenarios(self) -> list[str]:
        """Its own and those of all that part from it or from one of them."""
        return [self.scenario, *(name for branch in self.others for name in branch.scenarios())]

    def depth(self) -> int:
        """How many wait for each other at most: itself, and the deepest that parts from it."""
        return 1 + max((branch.depth() for branch in self.others), default=0)


def can_fork() -> bool:
    """Whether a process can be copied here with all that it holds, and end with its parent."""
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
        (roots if best is None else best.others).append(branch)
        branches.append(branch)
    return roots


@dataclass(frozen=True)
class PrefixTree:
    """One replication of several scenarios: their models, and the folder of each for its log.

    Of those in `watched` it is noted what their cases read.
    """

    models: Mapping[str, Model]
    folders: Mapping[str, Path]
    seed: int
    replication: int
    study_from: dt.date
    study_to: dt.date
    opening: OpenCases | None
    watched: frozenset[str]

    def simulate(self, root: Node) -> dict[str, tuple[Run, ReadTimes]]:
        """Run a branch and all that part from it; by scenario, the run and what its cases read.

        Raises what a run raises, and BrokenProcessPool where one of the copies was killed.
        """
        with scratch_folder() as scratch, garbage_left_alone():
            own = self._whole(root, scratch)
            return {root.scenario: own, **_read_results(root.scenarios()[1:], scratch)}

    def _whole(self, root: Node, scratch: Path) -> tuple[Run, ReadTimes]:
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
        return self._goes_on(simulation, root, scratch), reads

    def _goes_on(self, simulation: Simulation, branch: Node, scratch: Path) -> Run:
        """To the end of a branch, and on the way there each that parts from it."""
        for other in sorted(branch.others, key=lambda other: other.day):
            simulation.env.run_until(simulation.calendar.minute(min(other.day, self.study_to)))
            self._parts(simulation, other, scratch)
        simulation.log.goes_to(self.folders[branch.scenario])
        return finish(simulation)

    def _parts(self, simulation: Simulation, branch: Node, scratch: Path) -> None:
        """In a copy of this process, the world of another scenario from now on."""
        told = scratch / branch.scenario
        parent = os.getpid()
        with warnings.catch_warnings():
            # From Python 3.12 on it warns of threads. The worker's other one only waits.
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                copy = os.fork()
            except OSError as error:
                raise RunFailed(
                    f"No process can be started: {error.strerror}. {WITHOUT_WORKERS}"
                ) from None
        if not copy:
            # Nothing may get out: further up, the files of the one that forked are tidied up.
            status = 1
            try:
                _die_with_parent(parent)
                simulation.switch_model(self.models[branch.scenario])
                reads = ReadTimes()
                if branch.scenario in self.watched:
                    reads.note(simulation)
                run = self._goes_on(simulation, branch, scratch)
                _write(ForkingPickler.dumps((run, reads)), told)
                status = 0
            except BaseException as error:  # whatever it is, it is for whoever forked
                status = _write_error(error, branch.scenario, told)
            finally:
                os._exit(status)
        _, ended = os.waitpid(copy, 0)
        if os.waitstatus_to_exitcode(ended) < 0:
            raise BrokenProcessPool(f"The process of scenario {branch.scenario} was killed.")
        status = os.waitstatus_to_exitcode(ended)
        if status > _DISK_ERROR_OFFSET:
            raise OSError(
                status - _DISK_ERROR_OFFSET, os.strerror(status - _DISK_ERROR_OFFSET), str(scratch)
            )
        if status:
            raise ForkingPickler.loads(told.read_bytes())


def _die_with_parent(parent: int) -> None:
    """Ask that this process be killed when the one that forked it is gone."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _write_error(error: BaseException, scenario: str, file: Path) -> int:
    """Write an error to a file; the status to end with, which tells one of the disk by itself."""
    error.add_note(f"This happened in scenario {scenario}.")
    try:
        told = ForkingPickler.dumps(error)
        ForkingPickler.loads(told)
    except Exception:  # an error that cannot travel goes as its text
        told = ForkingPickler.dumps(RuntimeError("".join(traceback.format_exception(error))))
    try:
        _write(told, file)
    except OSError as of_the_disk:
        return _DISK_ERROR_OFFSET + (of_the_disk.errno or 0)
    return 1


def _write(content: bytes | memoryview, file: Path) -> None:
    with disk.naming(file), disk.create(file) as whole:
        whole.write(content)


def _read_results(scenarios: Iterable[str], scratch: Path) -> dict[str, tuple[Run, ReadTimes]]:
    return {name: ForkingPickler.loads((scratch / name).read_bytes()) for name in scenarios}
