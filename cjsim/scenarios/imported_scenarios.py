"""Scenarios of other files that an experiment uses: `uses = ["case_tracker.toml#tracker"]`.

They are known by their reference as it is written from the experiment's own folder, and keep the
days that they have in their own file: a setting without one begins on that file's first day. The
funds that pay for them come with them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cjsim.errors import Fault, did_you_mean
from cjsim.schema.experiment import Borrowed, Experiment
from cjsim.schema.files import Places, read_toml, shown_path
from cjsim.schema.folder import validate_parts
from cjsim.schema.messages import Problem
from cjsim.schema.money import Fund

_ENTRIES: Final = (("scenarios", "*", "set"), ("scenarios",), ("report",))


@dataclass
class _Importer:
    """What is borrowed so far, from which files, and what is wrong with it."""

    home: Path
    """The experiment's own file."""
    files: dict[Path, Experiment | None] = field(default_factory=dict)
    found: dict[str, Borrowed] = field(default_factory=dict)
    funds: dict[str, Fund] = field(default_factory=dict)
    """Those of the experiment itself, and those that come with what is borrowed."""
    problems: list[Problem] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def reference(self, file: Path, scenario: str) -> str:
        """How a scenario of a file is known in the experiment: by its name alone if its own."""
        if file == self.home:
            return scenario
        beside = Path(os.path.relpath(file, self.home.parent)).as_posix()
        return f"{beside}#{scenario}"

    def follow(self, holder: Path, used: str) -> tuple[str, Path, str]:
        """The reference, the file and the name of what a scenario of `holder` uses."""
        file, _, scenario = used.rpartition("#")
        target = (holder.parent / file).resolve() if file else holder
        return self.reference(target, scenario), target, scenario

    def read(self, file: Path) -> Experiment | None:
        """Another experiment, without its model; None if it cannot be read."""
        if file not in self.files:
            self.files[file] = None
            document = read_toml(file)
            if isinstance(document, Fault):
                self.faults.append(document)
                return None
            experiment, wrong, _ = validate_parts(Experiment, document.data, _ENTRIES)
            places = Places(document.shown, [document])
            self.faults += [places.fault(one.at, one.wrong, one.remedy) for one in wrong]
            self.files[file] = experiment
        return self.files[file]


def import_scenarios(experiment: Experiment) -> tuple[Experiment, list[Problem], list[Fault]]:
    """The experiment with every scenario of other files that it uses, directly or not.

    The problems lie in its own `uses`, the faults in the other files.
    """
    home = experiment.path
    work = _Importer(home, {home: experiment}, funds=dict(experiment.funds))
    own: dict[str, tuple[str, ...]] = {}
    for name, scenario in experiment.scenarios.items():
        own[name] = _uses_of(work, home, scenario.uses, name)
    return experiment.with_borrowed(work.found, own, work.funds), work.problems, work.faults


def _uses_of(
    work: _Importer, holder: Path, uses: tuple[str, ...], own_scenario: str
) -> tuple[str, ...]:
    """The references of what a scenario uses, each of them borrowed with all that it uses."""
    references = []
    for used in uses:
        reference, file, scenario = work.follow(holder, used)
        if file != work.home and not _can_import(work, holder, used, own_scenario):
            continue
        references.append(reference if file != work.home else scenario)
    return tuple(references)


def _can_import(work: _Importer, holder: Path, used: str, own_scenario: str) -> bool:
    """Whether a scenario of another file could be borrowed."""
    reference, file, scenario = work.follow(holder, used)
    if reference in work.found:
        return True
    at = ("scenarios", own_scenario, "uses")
    if not file.is_file():
        near = sorted(path.name for path in file.parent.glob("*.toml"))
        wrong = f'"{used}": there is no file {shown_path(file)}.'
        work.problems.append(Problem(at, wrong, did_you_mean(file.name, near)))
        return False
    other = work.read(file)
    if other is None:
        return False
    if scenario not in other.scenarios:
        wrong = f'{shown_path(file)} has no scenario called "{scenario}".'
        remedy = did_you_mean(scenario, sorted(other.scenarios))
        work.problems.append(Problem(at, wrong, remedy))
        return False
    lent = other.scenarios[scenario]
    _import_funds(work, other, lent.paying_funds, used, at)
    # Entered before what it uses, so that a circle comes to its end; checked for below.
    work.found[reference] = Borrowed(lent, other.run.from_, ())
    uses = _uses_of(work, file, lent.uses, own_scenario)
    work.found[reference] = Borrowed(lent, other.run.from_, uses)
    return True


def _import_funds(
    work: _Importer, other: Experiment, named: tuple[str, ...], used: str, at: tuple[str, ...]
) -> None:
    """The funds that pay for a borrowed scenario, unless another one has their name."""
    for name in named:
        fund = other.funds.get(name)
        if fund is not None and work.funds.setdefault(name, fund) != fund:
            wrong = f'"{used}" is paid for by a fund "{name}" that is not the "{name}" known here.'
            work.problems.append(Problem(at, wrong, "Give one of the two another name."))
