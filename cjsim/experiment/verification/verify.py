"""Every check of a results folder: of a run, of a study, of whatever cjsim wrote and listed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError

from cjsim.errors import Fault, Faults
from cjsim.experiment.bounds import (
    KPIS,
    MOST_KEYS,
    Bounds,
    Kind,
    bounds_of_table,
    problem_with_file,
)
from cjsim.experiment.designs.reading import STUDY, StudyRecord, read_study
from cjsim.experiment.hashes import RUNS, Trust, discard_message
from cjsim.experiment.kpi_tables import UNFINISHED
from cjsim.experiment.logs import TABLES, logs_of
from cjsim.experiment.manifest import results_hash
from cjsim.experiment.manifest_records import Record, Sha256
from cjsim.experiment.manifest_schema import (
    LARGEST,
    MANIFEST,
    Manifest,
    no_number,
    read_manifest,
)
from cjsim.experiment.plan import canonical, hash_of_content, run_id_of
from cjsim.experiment.reading import OpenedRun
from cjsim.experiment.replication import MEASURES
from cjsim.experiment.results import Results, is_complete
from cjsim.experiment.run_folder import PLAN
from cjsim.experiment.verification.files import check_files, files_of
from cjsim.experiment.verification.findings import (
    Finding,
    State,
    Verified,
    counted,
    finding_of,
)
from cjsim.experiment.verification.remade import check_measures, check_tables, tasks_of
from cjsim.experiment.verification.rerun import check_rerun
from cjsim.schema.model import Model
from cjsim.storage.disk import file_hash
from cjsim.storage.outputs import LIST
from cjsim.storage.plain import PlainTable

_OF_A_REPLICATION: Final[Mapping[str, Kind]] = {
    name: kind for name, kind in KPIS.items() if name not in ("scenario", "replication")
}

Checks = Iterator[Finding]


def verify(
    folder: Path | str,
    *,
    rerun: int = 0,
    workers: int | None = None,
    tell: Callable[[str], None] = discard_message,
) -> list[Verified]:
    """Check all that cjsim wrote in a folder, or in each folder of results inside it.

    Nothing is written. `rerun` replications of each run are simulated again and compared byte by
    byte; `tell` hears what is being done. Raises Faults where there is nothing that cjsim wrote.
    """
    return [
        _verified(place, rerun=rerun, workers=workers, tell=tell) for place in _places(Path(folder))
    ]


def _places(folder: Path) -> list[Path]:
    """The folder itself if cjsim wrote it, else those inside it. Raises Faults."""
    if _is_ours(folder):
        return [folder]
    inside = [
        path
        for pattern in ("*", "*/*")
        for path in sorted(folder.glob(pattern))
        if path.is_dir() and not path.name.startswith(".") and _is_ours(path)
    ]
    places = [path for path in inside if not any(top in inside for top in path.parents)]
    if places:
        return places
    wrong = "this is no results folder." if folder.is_dir() else "there is no such folder."
    remedy = "Give the folder that `cjsim run` printed, such as results/<experiment>/<run id>."
    if folder.name.endswith(UNFINISHED) or list(folder.glob(f"*{UNFINISHED}")):
        wrong = "the run here was interrupted before it had results."
        remedy = "Resume it: run the same command with --resume."
    raise Faults([Fault(str(folder), "", wrong, remedy)])


def _is_ours(folder: Path) -> bool:
    if folder.name.endswith(UNFINISHED):
        return False
    return is_complete(folder) or any((folder / name).is_file() for name in (STUDY, LIST))


class _Kept(Record):
    """The hashes that the manifest of a calibration keeps, as that of a run does."""

    tables: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,64}\.csv$")], Sha256]
    records: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_@.-]{0,130}/[0-9]{3,5}$")], Sha256
    ]


def _kept_hashes(folder: Path) -> dict[str, dict[str, str]] | None:
    """The hashes in a manifest that is no run's; None where there are none."""
    path = folder / MANIFEST
    try:
        if path.stat().st_size > LARGEST:
            return None
        return _Kept.model_validate_json(path.read_bytes()).model_dump()
    except (OSError, ValidationError):
        return None


def _verified(
    folder: Path, *, rerun: int, workers: int | None, tell: Callable[[str], None]
) -> Verified:
    one, kept = LIST, _kept_hashes(folder)
    if kept is not None:
        one = MANIFEST
    if is_complete(folder):
        about, checks = _run(folder, rerun=rerun, workers=workers)
        one = MANIFEST
    elif (folder / STUDY).is_file():
        about, checks = _study(folder, rerun=rerun)
        one = STUDY
    else:
        about, checks = "A folder that cjsim wrote.", check_files(folder, files_of(folder, kept))
    findings = []
    for finding in checks:
        tell(f"{folder}: {finding.check}")
        findings.append(finding)
    return Verified(str(folder), about, file_hash(folder / one), tuple(findings))


# --- a run -------------------------------------------------------------------------------------


def _run(folder: Path, *, rerun: int, workers: int | None) -> tuple[str, Checks]:
    try:
        run = OpenedRun(folder, *read_manifest(folder))
    except Faults as faults:
        wrong = [fault.wrong for fault in faults.faults]
        return "A run whose manifest cannot be read.", _without(
            folder, finding_of("manifest", wrong, "")
        )
    manifest = run.manifest
    scenarios = counted(len(manifest.names), "scenario")
    areas = f" in {counted(len(manifest.areas.of), 'area')}" if manifest.areas else ""
    about = (
        f'The run "{manifest.experiment.title}": {scenarios}{areas}, '
        f"{counted(manifest.replications, 'replication')} of each, "
        f"{manifest.study_from} to {manifest.study_to}."
    )
    return about, _checks_of_run(run, rerun=rerun, workers=workers)


def _without(folder: Path, finding: Finding) -> Checks:
    yield finding
    yield from check_files(folder, files_of(folder, None))


def _checks_of_run(run: OpenedRun, *, rerun: int, workers: int | None) -> Checks:
    folder, manifest = run.folder, run.manifest
    kept = None
    if manifest.records is not None:
        tables = {str(name): digest for name, digest in (manifest.tables or {}).items()}
        kept = {"tables": tables, "records": manifest.records}
    yield from check_files(folder, files_of(folder, kept))
    yield finding_of(
        "manifest", [*_wrong_in_manifest(run)], "its names and numbers keep the rules."
    )
    yield finding_of(
        "plan",
        [*_wrong_plan(folder, _planned_by_manifest(manifest))],
        "the plan is the one that the run is named after.",
    )
    wrong = _wrong_tables(run)
    yield finding_of(
        "tables", wrong, "columns, names, months and numbers of rows are as they must be."
    )
    if wrong or not manifest.runs:
        says = "not worked out again: what it rests on is not as it must be."
        for check in ("measures", "all measures", "comparison", "run again"):
            yield Finding(check, State.UNKNOWN, says)
        return
    try:
        models = models_of(run)
    except Faults as faults:
        yield Finding("measures", State.UNKNOWN, faults.faults[0].wrong)
        yield from check_tables(run)
        yield Finding("run again", State.UNKNOWN, faults.faults[0].wrong)
        return
    yield check_measures(run, models, workers)
    yield from check_tables(run)
    yield check_rerun(run, models, rerun, workers)


def models_of(run: OpenedRun) -> dict[str, Model]:
    """The models of a run, whole. Raises Faults where they are of another version."""
    tables = run.table("kpis.parquet"), run.table("comparison.parquet")
    return Results(run.folder, run.content, *tables).models()


def _wrong_in_manifest(run: OpenedRun) -> Iterator[str]:
    kpis = run.folder / "kpis.parquet"
    if not kpis.is_file() or run.manifest.results_hash != results_hash(kpis, run.manifest.runs):
        yield "results_hash is not that of kpis.parquet and of the logs' contents"


@dataclass(frozen=True)
class _Planned:
    """What a manifest, or a study's file, says of the plan: `said` by the keys of plan.json."""

    run_id: str
    plan_hash: str | None
    said: Mapping[str, object]


def _planned_by_manifest(manifest: Manifest) -> _Planned:
    said = {
        **_period_and_seed(manifest),
        "models": manifest.model_values,
        "opening": None if manifest.opening is None else manifest.opening.sha256,
    }
    return _Planned(manifest.run_id, manifest.plan_hash, said)


def _period_and_seed(record: Manifest | StudyRecord) -> dict[str, object]:
    return {
        "seed": record.seed,
        "study_from": record.study_from.isoformat(),
        "study_to": record.study_to.isoformat(),
    }


def _wrong_plan(folder: Path, planned: _Planned) -> Iterator[str]:
    """Where a plan's file is not the one of the hash, or says something else than the manifest."""
    said, text = _plan(folder)
    if said is None:
        yield f"{PLAN} cannot be read"
        return
    environment = {str(name): str(version) for name, version in said.pop("environment", {}).items()}
    plan_hash = hash_of_content(said)
    spelt = {"environment": environment, **said} if environment else said
    if plan_hash != planned.plan_hash or text != canonical(spelt):
        yield f"{PLAN} is not the plan whose hash is kept"
    run_id = run_id_of(plan_hash, environment) if environment else plan_hash[:12]
    if run_id != planned.run_id:
        yield f"the run is not named after {PLAN}"
    yield from (
        f"{name} is not that of {PLAN}"
        for name, value in planned.said.items()
        if said.get(name) != value
    )


def _plan(folder: Path) -> tuple[PlainTable | None, str]:
    """A plan's file: what it says, None where it cannot be read, and its text."""
    path = folder / PLAN
    try:
        text = path.read_text(encoding="utf-8") if path.stat().st_size <= LARGEST else ""
        said = json.loads(text, parse_constant=no_number)
    except (OSError, ValueError, RecursionError):
        return None, ""
    whole = isinstance(said, dict) and isinstance(said.get("environment", {}), dict)
    return (said if whole else None), text


def _wrong_tables(run: OpenedRun) -> list[str]:
    """What is wrong with the columns, sizes and words of every table, of the logs too."""
    wrong: dict[str, str] = {}
    for file in run.tables:
        how = problem_with_file(run.folder / file, bounds_of_table(file, run.manifest))
        if not how:
            try:
                run.table(file)
            except Faults as faults:
                how = faults.faults[0].wrong
        wrong[file] = how
    logs = logs_of(run.folder, run.manifest, with_hashes=False)
    for task in tasks_of(run):
        place = logs.folder_of(task)
        kpis = place / MEASURES
        wrong[kpis.relative_to(run.folder).as_posix()] = problem_with_file(
            kpis, _bounds_of_replication()
        )
        if any((place / f"{table}.parquet").exists() for table in TABLES):
            try:
                logs.refuse_wrong([task], TABLES, Trust(discard_message))
            except Faults as faults:
                wrong |= {fault.key: fault.wrong for fault in faults.faults}
    return [f"{name}: {how}" for name, how in wrong.items() if how]


def _bounds_of_replication() -> Bounds:
    return Bounds(_OF_A_REPLICATION, MOST_KEYS * 12 * 100)


# --- a study -----------------------------------------------------------------------------------


def _study(folder: Path, *, rerun: int) -> tuple[str, Checks]:
    try:
        content = read_study(folder, trusting=True)
    except Faults as faults:
        wrong = [fault.wrong for fault in faults.faults]
        return "A study that cannot be read.", _without(folder, finding_of("study", wrong, ""))
    study = StudyRecord.model_validate(content, by_alias=True)
    title = (content.get("experiment") or {}).get("title", "")
    about = (
        f'The study "{title}" ({study.kind}): '
        f"{counted(study.replications, 'replication')} of each variant, "
        f"{study.study_from} to {study.study_to}."
    )
    return about, _checks_of_study(folder, study, rerun)


def _checks_of_study(folder: Path, study: StudyRecord, rerun: int) -> Checks:
    kept = None
    if study.records is not None:
        kept = {"tables": dict(study.tables or {}), "records": study.records}
    yield from check_files(folder, files_of(folder, kept))
    yield finding_of(
        "plan",
        [*_wrong_plan(folder, _Planned(study.run_id, study.plan_hash, _period_and_seed(study)))],
        "the plan is the one that the study is named after.",
    )
    tables = sorted(folder.glob(f"{RUNS}/*/[!.]*/{MEASURES}"))
    wrong = [
        f"{path.relative_to(folder).as_posix()}: {how}"
        for path in tables
        if (how := problem_with_file(path, _bounds_of_replication()))
    ]
    right = f"the measures of {counted(len(tables), 'replication')} have their columns and sizes."
    yield finding_of("tables", wrong, right)
    says = "a study keeps neither logs nor models: its command with --fresh runs it again."
    yield Finding("run again", State.UNKNOWN if rerun else State.LEFT_OUT, says)
