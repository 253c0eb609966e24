"""Write a run as a bundle: its inputs as they were, its manifest, and the hashes of its results."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cjsim.errors import Fault, Faults
from cjsim.experiment.areas import AREAS
from cjsim.experiment.bundles.contents import (
    DESCRIPTION,
    INPUTS,
    LOCK,
    MANIFEST,
    Bundle,
    Expected,
    Options,
    expected_of,
    is_safe_name,
)
from cjsim.experiment.manifest import results_hash
from cjsim.experiment.plan import Plan
from cjsim.experiment.replication import RECORD, run_folder
from cjsim.experiment.results import Results, read_results
from cjsim.experiment.run import make_plan
from cjsim.experiment.run_folder import PLAN
from cjsim.identity import identity
from cjsim.scenarios.load import load_experiment
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.register import register_path
from cjsim.storage.disk import file_hash, make_folder
from cjsim.storage.outputs import write_output
from cjsim.storage.plain import PlainTable
from cjsim.storage.temporary import scratch_folder
from cjsim.storage.whole import write_bytes, write_text

_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every entry, so that the same run gives the same bytes."""

_MODE: Final = 0o100644 << 16


@dataclass(frozen=True)
class Packed:
    """A bundle that was written: where, the files in it, and the results files it has hashes of."""

    path: Path
    files: tuple[str, ...]
    expected: int


def write_bundle(
    results: Path,
    out: Path,
    *,
    experiment: Path | None = None,
    lock: Path | None = None,
) -> Packed:
    """Write the run in a results folder to `out`, a ZIP whose bytes depend on the run alone.

    `experiment` is the run's file where it no longer lies where it was, `lock` a list of libraries
    with their hashes. Raises Faults when the results or the inputs are not what they were when the
    run was made.
    """
    read = read_results(results, areas=True)
    file = experiment or read.experiment_file
    if file is None:
        kept = str(read.metadata.experiment.file)
        wrong = f"the experiment of this run, {kept}, is not to be found."
        raise Faults([Fault(str(read.folder), "", wrong, "Give it with --experiment FILE.")])
    expected = _expected(read)
    loaded = load_experiment(file)
    root, inputs = _inputs(loaded)
    with scratch_folder() as scratch:
        # The plan is made from the copies: what they do not hold, nobody else will have either.
        for name, path in inputs.items():
            copy = Path(scratch, INPUTS, name)
            make_folder(copy.parent)
            write_bytes(path.read_bytes(), copy)
        own = loaded.path.relative_to(root).as_posix()
        options = _options(load_experiment(Path(scratch, INPUTS, own)), read)
        files = {f"{INPUTS}/{name}": Path(scratch, INPUTS, name) for name in inputs}
        files[MANIFEST] = read.folder / MANIFEST
        if lock is not None:
            files[LOCK] = lock
        bundle = Bundle(
            run_id=read.metadata.run_id,
            plan_hash=read.metadata.plan_hash or "",
            results_hash=read.metadata.results_hash or "",
            made_with=read.metadata.versions,
            commit=read.metadata.commit,
            experiment=own,
            options=options,
            files={name: file_hash(path) for name, path in files.items()},
            expected=expected,
        )
        description = Path(scratch, DESCRIPTION)
        text = json.dumps(bundle.model_dump(mode="json"), indent=1, sort_keys=True)
        write_text(text + "\n", description)
        files[DESCRIPTION] = description
        write_output(_zip(files), out, "bundle")
    return Packed(out, tuple(sorted(files)), len(expected))


def _zip(files: Mapping[str, Path]) -> bytes:
    """The files, in the order of their names, without compression: its bytes would vary."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DAY)
            entry.create_system, entry.external_attr = 3, _MODE
            archive.writestr(entry, files[name].read_bytes())
    return packed.getvalue()


def _expected(results: Results) -> dict[str, Expected]:
    """What every file that the run wrote holds. Raises Faults where one has been changed since."""
    folder, metadata = results.folder, results.metadata
    names = [MANIFEST, PLAN, "kpis.parquet", "comparison.parquet"]
    names += [AREAS] if metadata.areas else []
    changed = []
    for run in metadata.runs:
        place = run_folder(folder, run.scenario, run.replication, run.area)
        try:
            record = json.loads((place / RECORD).read_text(encoding="utf-8"))
            wrong = [
                name
                for name, digest in record["files"].items()
                if file_hash(place / name) != digest
            ]
            if record["content_hash"] != run.content_hash:
                wrong.append(RECORD)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            changed.append((place / RECORD).relative_to(folder).as_posix())
            continue
        changed += [(place / name).relative_to(folder).as_posix() for name in wrong]
        names += [
            (place / name).relative_to(folder).as_posix() for name in (RECORD, *record["files"])
        ]
    names = [name for name in names if (folder / name).is_file()]
    if results_hash(folder / "kpis.parquet", metadata.runs) != metadata.results_hash:
        changed.append("kpis.parquet")
    if changed:
        told = "this is not what the run wrote: its hash is another."
        remedy = "Run the experiment again with --fresh."
        raise Faults(Fault(str(folder), name, told, remedy) for name in changed)
    return {name: expected_of(folder / name) for name in sorted(names)}


def _inputs(experiment: Experiment) -> tuple[Path, dict[str, Path]]:
    """The folder above all that an experiment reads, and the files by their path below it."""
    needed = {path.resolve() for path in read_by(experiment)}
    root = Path(os.path.commonpath([path.parent for path in needed]))
    named = {path.relative_to(root).as_posix(): path for path in sorted(needed)}
    wrong = "some system cannot keep a file of this name in a bundle."
    faults = [
        Fault(shown_path(path), "", wrong, "Give it another name.")
        for name, path in named.items()
        if not is_safe_name(name)
    ]
    if Path(experiment.run.model).is_absolute():
        wrong = "the model's folder is written from the root of this machine."
        remedy = "Write it from the experiment's own folder, such as ../models/toy."
        faults.append(Fault(shown_path(experiment.path), "run.model", wrong, remedy, "run"))
    if faults:
        raise Faults(faults)
    return root, named


def read_by(experiment: Experiment) -> Iterator[Path]:
    """Every file that is read when an experiment is loaded and planned."""
    home = experiment.path
    yield home
    yield from (path for path in experiment.model_folder.glob("*.toml") if path.is_file())
    for reference in experiment.borrowed:
        yield home.parent / reference.rpartition("#")[0]
    for file in (experiment.opening_file, experiment.published_file, experiment.ages_file):
        if file is not None and file.is_file():
            yield file
    for start in (home.parent, experiment.model_folder):
        if (register := register_path(start)) is not None:
            yield register


def _options(experiment: Experiment, results: Results) -> Options:
    """The options under which the experiment gives the plan that was run. Raises Faults."""
    metadata = results.metadata
    names = results.scenarios[1:]
    areas = metadata.areas
    of_areas = experiment.areas.of if experiment.areas is not None else {}
    beside = [] if areas is None or len(areas.of) == len(of_areas) else [*areas.of]
    common: PlainTable = {
        "seed": metadata.seed,
        "scenarios": () if len(names) == len(experiment.scenarios) else tuple(names),
        "areas": tuple(beside),
    }
    tries = [Options(**common, replications=metadata.replications)]
    if metadata.precision is not None:
        asked = metadata.precision.asked.of_baseline
        tries = [Options(**common), *([Options(**common, precision=asked)] if asked else [])]
    plans = []
    for options in tries:
        try:
            plans.append(plan_of(experiment, options))
        except Faults:
            continue
        if plans[-1].hash == metadata.plan_hash:
            return options
    raise Faults([_not_the_same(experiment, results, plans)])


def plan_of(experiment: Experiment, options: Options) -> Plan:
    """The plan of an experiment under the options of a bundle. Raises Faults."""
    return make_plan(
        experiment,
        replications=options.replications,
        seed=options.seed,
        scenarios=options.scenarios,
        precision=options.precision,
        areas=options.areas,
    )


def _not_the_same(experiment: Experiment, results: Results, plans: list[Plan]) -> Fault:
    """Why no plan of today is the one that was run."""
    shown = shown_path(experiment.path)
    was, now = results.metadata.versions.get("code"), identity().code
    if was != now:
        wrong = "these results were made by another cjsim than this one: its code has changed."
        return Fault(str(results.folder), "", wrong, "Run the experiment again, then bundle that.")
    if plans and plans[0].models_as_json != results.metadata.model_values:
        wrong = "the model or the experiment has changed since this was run."
    else:
        wrong = "this is not the experiment that was run: its plan is another."
    return Fault(shown, "", wrong, "Run it again, then bundle that; or give the file that was run.")
