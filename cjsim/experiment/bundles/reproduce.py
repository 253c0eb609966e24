"""Run a bundle again and hold every file that comes out against what is expected."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from cjsim.errors import Fault, Faults
from cjsim.experiment.bundles.contents import (
    INPUTS,
    LOCK,
    MANIFEST,
    PROVENANCE,
    Bundle,
    expected_of,
    unpack,
)
from cjsim.experiment.bundles.pack import plan_of, read_by
from cjsim.experiment.plan import Plan
from cjsim.experiment.replications import Progress
from cjsim.experiment.run import run_experiment
from cjsim.experiment.run_folder import differences
from cjsim.identity import Identity, identity, identity_from
from cjsim.scenarios.load import load_experiment
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.storage.disk import make_folder
from cjsim.storage.outputs import LIST
from cjsim.storage.temporary import scratch_folder

Verdict = Literal["same", "same results", "different", "missing", "not expected"]

SAME: Final[frozenset[Verdict]] = frozenset({"same", "same results"})


@dataclass(frozen=True)
class Compared:
    """One file of the results: whether it came out the same, and where a record differs."""

    name: str
    verdict: Verdict
    detail: str = ""

    @property
    def is_same(self) -> bool:
        """Whether it came out the same, but for what says by what it was made."""
        return self.verdict in SAME

    def __str__(self) -> str:
        return f"{self.verdict:12}  {self.name}{f' ({self.detail})' if self.detail else ''}"


@dataclass(frozen=True)
class Reproduced:
    """A bundle that was run again: its description, what made both runs, and every file."""

    bundle: Bundle
    there: Identity
    here: Identity
    files: Sequence[Compared]

    @property
    def is_same(self) -> bool:
        """Whether every file came out the same, but for what says by what it was made."""
        return all(one.is_same for one in self.files)


def reproduce(
    path: Path,
    *,
    workers: int | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Reproduced:
    """Unpack a bundle, run it and compare what comes out. Raises Faults, RunFailed.

    The results are kept in `out` if it is given. `say` is told what differs between the cjsim, the
    libraries and the machine of both runs, before anything is run.
    """
    here = identity()
    with scratch_folder() as scratch:
        folder = scratch / "bundle"
        make_folder(folder)
        bundle = unpack(path, folder)
        there = _made_with(bundle, path)
        for line in differs_in(there, here, has_lock=(folder / LOCK).is_file()):
            say(line)
        experiment = load_experiment(folder / INPUTS / bundle.experiment)
        _refuse_files_outside(experiment, folder / INPUTS, path)
        plan = plan_of(experiment, bundle.options)
        manifest = _manifest(folder / MANIFEST, path)
        _refuse_other_inputs(bundle, manifest, plan, there, path)
        results = run_experiment(
            experiment,
            replications=bundle.options.replications,
            precision=bundle.options.precision,
            seed=bundle.options.seed,
            scenarios=bundle.options.scenarios,
            areas=bundle.options.areas,
            workers=workers,
            out=Path(scratch, "results") if out is None else out,
            fresh=out is not None,
            progress=progress,
            say=lambda _: None,
        )
        return Reproduced(bundle, there, here, list(_compared(bundle, results, manifest)))


def differs_in(there: Identity, here: Identity, *, has_lock: bool = False) -> Iterator[str]:
    """What differs between what made a bundle's results and this process, in lines to read."""
    differs = there.apart_from(here)
    if not differs:
        yield "Code, Python, libraries and machine are those of the first run."
        return
    yield "Not all is as it was for the first run (here: then; there: now):"
    yield from (f"  {one}" for one in differs)
    if there.code != here.code:
        yield f"  The first run was made by cjsim {there.version}: results may differ."
    elif has_lock:
        yield f"  The bundle's {LOCK} has the libraries of the first run, with hashes."


def _made_with(bundle: Bundle, path: Path) -> Identity:
    try:
        return identity_from(bundle.made_with)
    except KeyError:
        wrong = "it does not say what its results were made with."
        raise Faults([Fault(shown_path(path), "bundle.json.made_with", wrong, "")]) from None


def _refuse_files_outside(experiment: Experiment, inputs: Path, path: Path) -> None:
    """Raise Faults when an experiment of a bundle reads what is not in it."""
    inside = inputs.resolve()
    if outside := [one for one in read_by(experiment) if not one.resolve().is_relative_to(inside)]:
        wrong = f"its experiment reads {outside[0].name}, which is not in the bundle."
        remedy = "Ask for a bundle that cjsim bundle wrote."
        raise Faults([Fault(shown_path(path), INPUTS, wrong, remedy)])


def _manifest(file: Path, path: Path) -> dict[str, object]:
    with contextlib.suppress(ValueError, RecursionError):
        manifest = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(manifest, dict):
            return manifest
    raise Faults([Fault(shown_path(path), MANIFEST, "this cannot be read.", "")])


def _refuse_other_inputs(
    bundle: Bundle, manifest: Mapping[str, object], plan: Plan, there: Identity, path: Path
) -> None:
    """Raise Faults when what is in a bundle is not of one run."""
    wrong = [
        (MANIFEST, f'its "{name}" is not the one that bundle.json gives.')
        for name in ("run_id", "plan_hash", "results_hash")
        if manifest.get(name) != getattr(bundle, name)
    ]
    # Under other code the same inputs have another hash: then the models themselves are compared.
    if there.code == identity().code:
        same = plan.hash == bundle.plan_hash
    else:
        same = plan.models_as_json == manifest.get("models")
    if not same:
        wrong.append((INPUTS, "the experiment and model in it are not those that were run."))
    if wrong:
        remedy = "The bundle was changed. Ask for another copy."
        raise Faults(Fault(shown_path(path), key, text, remedy) for key, text in wrong)


def _compared(bundle: Bundle, results: Path, manifest: Mapping[str, object]) -> Iterator[Compared]:
    """Every file that is expected or came out, in the order of their names.

    The list of cjsim's own files in the folder says nothing of results.
    """
    there = {
        path.relative_to(results).as_posix(): path
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.name != LIST
    }
    for name in sorted({*bundle.expected, *there}):
        if name not in there:
            yield Compared(name, "missing")
            continue
        if name not in bundle.expected:
            yield Compared(name, "not expected")
            continue
        now, before = expected_of(there[name]), bundle.expected[name]
        if now.sha256 == before.sha256:
            yield Compared(name, "same")
        elif now.says is not None and now.says == before.says:
            yield Compared(name, "same results", "but for what it says of its making")
        else:
            yield Compared(name, "different", _detail(name, there[name], manifest))


def _detail(name: str, now: Path, manifest: Mapping[str, object]) -> str:
    """Where a manifest differs from the first run's, in words; nothing of other files."""
    if name != MANIFEST:
        return ""
    leave_out = PROVENANCE[MANIFEST]
    is_now = json.loads(now.read_text(encoding="utf-8"))
    was, is_now = (
        {key: value for key, value in content.items() if key not in leave_out}
        for content in (manifest, is_now)
    )
    return "; ".join([*differences(was, is_now)][:3])
