"""The manifest: everything that is needed to say how results came about, and to make them again."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

import cjsim
from cjsim.des import engine
from cjsim.experiment.manifest_records import ChangeRecord, RunRecord, ScenarioRecord
from cjsim.experiment.plan import Plan, canonical
from cjsim.experiment.replication import Replication
from cjsim.identity import identity
from cjsim.scenarios.scenario import ResolvedScenario, ScenarioChange
from cjsim.schema.base import Sourced
from cjsim.storage.disk import file_hash

NOT_NUMBERS = {"source", "evidence", "range", "note", "from_", "area", "changes", "unit"}
"""The keys of an entry that say something about its numbers."""

BUILD = "_build.json"
"""What a build adds to the package: `hatch_build.py` writes it."""


def manifest(
    plan: Plan,
    *,
    about: dict[str, object],
    labels: dict[str, str],
    replications: Sequence[Replication],
    kpis: Path,
    notices: Sequence[str],
    hashes: Mapping[str, Mapping[str, str]],
    precision: dict[str, object] | None = None,
) -> dict[str, object]:
    """The content of manifest.json.

    `about` describes the question that was put, `precision` what was asked of the differences and
    what was reached; `hashes` are those of `cjsim.experiment.hashes`.
    """
    runs = [
        RunRecord(
            scenario=run.scenario,
            replication=run.replication,
            area=run.area,
            content_hash=run.content_hash,
            events=run.events,
            cases=run.cases,
        )
        for run in replications
    ]
    return {
        "run_id": plan.run_id,
        "plan_hash": plan.hash,
        "results_hash": results_hash(kpis, runs),
        "experiment": about,
        "scenarios": [
            scenario_record(scenario, labels.get(name, name)).model_dump(mode="json", by_alias=True)
            for name, scenario in plan.scenarios.items()
        ],
        "seed": plan.seed,
        "areas": areas_as_json(plan),
        "replications": 1 + max(run.replication for run in replications),
        "precision": precision,
        "study_from": plan.study_from.isoformat(),
        "study_to": plan.study_to.isoformat(),
        "opening": None
        if plan.opening is None
        else {
            "file": plan.opening.file,
            "sha256": plan.opening.sha256,
            "cases": len(plan.opening.cases),
        },
        "notices": list(notices),
        "versions": versions(),
        "commit": commit(),
        "engine": engine.expected(plan.seed),
        "made_with": identities(replications),
        **hashes,
        "runs": [run.model_dump(exclude_defaults=True) for run in runs],
        "models": plan.models_as_json,
    }


def scenario_record(scenario: ResolvedScenario, label: str) -> ScenarioRecord:
    """A scenario as the manifest keeps it, with its changes."""
    return ScenarioRecord(
        name=scenario.name, label=label, changes=[change_record(each) for each in scenario.changes]
    )


def change_record(change: ScenarioChange) -> ChangeRecord:
    """A change as the manifest keeps it."""
    entry = change.entry
    return ChangeRecord(
        path=change.path,
        from_=change.day,
        division=change.division,
        numbers=_numbers(entry),
        before=_numbers(change.before),
        unit=getattr(change.before, "unit", None),
        range=entry.range,
        source=entry.source,
        evidence=entry.evidence,
        note=entry.note,
        stated_in=change.stated_in,
    )


def _numbers(entry: Sourced) -> dict[str, JsonValue]:
    """What an entry says, without its pedigree and without what it leaves open."""
    said = entry.model_dump(mode="json", by_alias=True, exclude=NOT_NUMBERS, exclude_none=True)
    return {key: value for key, value in said.items() if value not in ({}, [])}


def results_hash(kpis: Path, runs: Sequence[RunRecord]) -> str:
    """SHA-256 over kpis.parquet and the content of every replication's log."""
    hashes = sorted(
        (run.scenario, run.replication, run.content_hash, *filter(None, [run.area])) for run in runs
    )
    return hashlib.sha256(canonical([file_hash(kpis), hashes]).encode()).hexdigest()


def areas_as_json(plan: Plan) -> dict[str, object] | None:
    """The areas that ran side by side, and how many times the model each of them is."""
    areas = plan.areas
    if areas is None:
        return None
    of = {
        name: {"title": one.title, "size": one.size, "scale": areas.scale(name)}
        for name, one in areas.of.items()
    }
    return {**areas.model_dump(mode="json", exclude={"of"}), "of": of}


def versions() -> dict[str, str]:
    """The program, its source, Python, the libraries and the machine that results rest on."""
    return identity().as_json()


def identities(replications: Sequence[Replication]) -> list[dict[str, object]]:
    """Every identity that a replication was made with, its digest, and of how many it is."""
    count = Counter(run.made_with.digest for run in replications)
    by_digest = {run.made_with.digest: run.made_with for run in replications}
    return [
        {"digest": digest, "replications": number, **by_digest[digest].as_json()}
        for digest, number in sorted(count.items())
    ]


def commit() -> str | None:
    """The git commit of the program's source, marked if changed since; None if it is not known.

    An installed package has the commit that it was built from, in `_build.json`.
    """
    package = Path(cjsim.__file__).parent
    try:
        # A copy installed inside somebody else's repository is not that repository's commit.
        _git(package, "ls-files", "--error-unmatch", "__init__.py")
        head = _git(package, "rev-parse", "HEAD")
        changed = _git(package, "status", "--porcelain", "--", str(package))
    except (OSError, subprocess.SubprocessError):
        return _built_from(package / BUILD)
    return f"{head} with changes" if changed else head


def _built_from(record: Path) -> str | None:
    """The commit that a build has recorded."""
    try:
        found = json.loads(record.read_text(encoding="utf-8"))["commit"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # our own words and our own folder, no shell
        ["git", "-C", str(folder), *arguments],  # noqa: S607  # wherever git is installed
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    return done.stdout.strip()
