"""A results folder, read again: what was asked, what came out, and any comparison of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import cjsim.measures
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.areas import AREAS
from cjsim.experiment.replication import run_folder
from cjsim.experiment.store import KPI_COLUMNS, UNFINISHED, read_table
from cjsim.measures.comparison import comparison_schema
from cjsim.spec.model import Model

MANIFEST_KEYS = (
    "run_id", "experiment", "scenarios", "replications", "study_from", "study_to", "models",
)  # fmt: skip
"""What a manifest must have to be shown again."""


@dataclass(frozen=True)
class Results:
    """The content of a results folder; the logs are read only when they are asked for.

    Where several areas ran side by side `kpis` holds what they come to together, and `by_area` the
    measures of each.
    """

    folder: Path
    manifest: dict[str, Any]
    kpis: pa.Table
    comparison: pa.Table
    by_area: pa.Table | None = None

    @property
    def scenarios(self) -> list[str]:
        """The scenarios, the baseline first."""
        return [scenario["name"] for scenario in self.manifest["scenarios"]]

    @property
    def watched(self) -> list[str]:
        """The measures that the experiment's report watches, in its order."""
        return list(self.manifest["experiment"]["watched"])

    @property
    def worthwhile(self) -> dict[str, float]:
        """For each measure the least difference that is worth having."""
        return dict(self.manifest["experiment"]["worthwhile"])

    def model(self, scenario: str) -> Model:
        """The resolved model of a scenario, as it ran."""
        return Model.model_validate(self.manifest["models"][scenario])

    @property
    def areas(self) -> dict[str, str]:
        """The title of each area by its name; empty where there are not several."""
        found = self.manifest.get("areas")
        return {} if found is None else {name: one["title"] for name, one in found["of"].items()}

    def log(
        self, scenario: str, replication: int, table: str = "events", *, area: str = ""
    ) -> pa.Table:
        """One replication's "events", "cases" or "capacity", in one of several areas."""
        folder = run_folder(self.folder, scenario, replication, area)
        return read_table(folder / f"{table}.parquet")


def is_complete(folder: Path) -> bool:
    """Whether a run was written to its end: its folder appears only then, with its manifest."""
    return (folder / "manifest.json").is_file() and (folder / "kpis.parquet").is_file()


def find_results(folder: Path | str, *, areas: bool = False) -> Path:
    """The run in a folder: the folder itself, or the newest run inside it. Raises Faults.

    What is found can be read: a manifest, KPIs and a comparison with all that is asked of them. A
    run of several areas is refused unless whoever asks can do with `areas`.
    """
    found = _find(Path(folder))
    if damage := damage_of(found):
        remedy = "Run the experiment again with --fresh."
        raise Faults(Fault(str(found), file, wrong, remedy) for file, wrong in damage)
    manifest = json.loads((found / "manifest.json").read_text(encoding="utf-8"))
    if manifest.get("areas") and not areas:
        wrong = "several areas ran here side by side, and this is done for one area alone."
        remedy = "Each one's measures stand in areas.parquet: docs/areas.md says how to read them."
        raise Faults([Fault(str(found), "", wrong, remedy)])
    return found


def damage_of(folder: Path) -> list[tuple[str, str]]:
    """The files of a run that cannot be read or lack something, and what is wrong with each."""
    damage = []
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        lacking = [key for key in MANIFEST_KEYS if key not in manifest]
    except (OSError, ValueError, TypeError):
        damage.append(("manifest.json", "this cannot be read."))
    else:
        if lacking:
            damage.append(("manifest.json", _lacks(lacking)))
    tables = (("kpis.parquet", KPI_COLUMNS), ("comparison.parquet", comparison_schema().names))
    for file, columns in tables:
        try:
            there = pq.read_schema(folder / file).names
        except (OSError, pa.ArrowException):
            damage.append((file, "this cannot be read."))
        else:
            if lacking := [column for column in columns if column not in there]:
                damage.append((file, _lacks(lacking)))
    return damage


def _lacks(names: list[str]) -> str:
    """Older versions wrote less."""
    return f"this is damaged, or of another version: it has no {', '.join(names)}."


def _find(folder: Path) -> Path:
    if is_complete(folder):
        return folder
    inside = [path.parent for path in folder.glob("*/manifest.json") if is_complete(path.parent)]
    inside = [path for path in inside if not path.name.startswith(".")]
    if inside:
        return max(inside, key=lambda path: (path / "manifest.json").stat().st_mtime)
    wrong = "there are no results here." if folder.exists() else "there is no such folder."
    if folder.name.endswith(UNFINISHED) or list(folder.glob(f"*{UNFINISHED}")):
        wrong = "the run here was cut short before it had results."
        remedy = "Go on with it: the command that began it, with --resume."
        raise Faults([Fault(str(folder), "", wrong, remedy)])
    remedy = "Give the folder that `cjsim run` printed, such as results/<experiment>/<run id>."
    raise Faults([Fault(str(folder), "", wrong, remedy)])


def read_results(folder: Path | str, *, areas: bool = False) -> Results:
    """Read a results folder, or the newest run of an experiment's folder. Raises Faults.

    A run of several areas side by side is read with `areas` only.
    """
    folder = find_results(folder, areas=areas)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Results(
        folder=folder,
        manifest=manifest,
        kpis=read_table(folder / "kpis.parquet"),
        comparison=read_table(folder / "comparison.parquet"),
        by_area=read_table(folder / AREAS) if manifest.get("areas") else None,
    )


def compare(results: Results | Path | str, baseline: str = "baseline") -> pa.Table:
    """Every scenario against one of them, paired by replication. Raises Faults.

    The columns are those of comparison.parquet.
    """
    if not isinstance(results, Results):
        results = read_results(results)
    if baseline not in results.scenarios:
        wrong = f'there is no scenario called "{baseline}" in these results.'
        remedy = did_you_mean(baseline, results.scenarios)
        raise Faults([Fault(str(results.folder), "", wrong, remedy)])
    if baseline == results.scenarios[0]:
        return results.comparison
    return cjsim.measures.compare(results.kpis, baseline, results.worthwhile)


def only_watched(comparison: pa.Table, watched: list[str]) -> pa.Table:
    """The rows of the watched measures that are not split into groups, in the order watched."""
    parts = [comparison.filter(pc.equal(comparison.column("kpi"), kpi)) for kpi in watched]
    return pa.concat_tables(parts) if parts else comparison
