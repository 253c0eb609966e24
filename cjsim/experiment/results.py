"""A results folder, read again: what was asked, what came out, and any comparison of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import ValidationError

import cjsim.measures
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.areas import AREAS, areas_in, some_of
from cjsim.experiment.replication import run_folder
from cjsim.experiment.store import KPI_COLUMNS, UNFINISHED
from cjsim.measures.comparison import comparison_schema
from cjsim.spec.model import Model
from cjsim.spec.scaled import model_of_area
from cjsim.storage.tables import read_table

MANIFEST_KEYS = {
    "run_id": str, "experiment": dict, "scenarios": list, "replications": int, "study_from": str,
    "study_to": str, "models": dict,
}  # fmt: skip
"""What a manifest must have to be shown again, and of which kind."""


@dataclass(frozen=True)
class Results:
    """The content of a results folder; the logs are read only when they are asked for.

    Where several areas ran side by side `kpis` holds what they come to together, and `by_area` the
    measures of each; `area` is the one of them that all of this is of, if it is.
    """

    folder: Path
    manifest: dict[str, Any]
    kpis: pa.Table
    comparison: pa.Table
    by_area: pa.Table | None = None
    area: str = ""

    @property
    def scenarios(self) -> list[str]:
        """The scenarios, the baseline first."""
        return [scenario["name"] for scenario in self.manifest["scenarios"]]

    @property
    def experiment_file(self) -> Path | None:
        """The file of the experiment, if it still lies where the study that holds it has it.

        It is looked for from the folders above the results, then from the current folder and those
        above it.
        """
        kept = Path(str(self.manifest["experiment"].get("file") or "."))
        here = Path.cwd()
        for folder in (*self.folder.resolve().parents, here, *here.parents):
            if (folder / kept).is_file():
                return folder / kept
        return None

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
        folder = run_folder(self.folder, scenario, replication, area or self.area)
        return read_table(folder / f"{table}.parquet")

    def models(self) -> dict[str, Model]:
        """Every scenario's model. Raises Faults when another version of the program wrote it."""
        try:
            return {name: self.model(name) for name in self.scenarios}
        except ValidationError as error:
            at = ".".join(str(part) for part in error.errors()[0]["loc"])
            wrong = f"the models in this run are of another version of cjsim (models: {at})."
            remedy = "Run the experiment again with --fresh."
            raise Faults([Fault(str(self.folder), "manifest.json", wrong, remedy)]) from error

    @property
    def place(self) -> str:
        """Where this is, in words to stand in a heading; empty where there is one place only."""
        if self.area:
            return str(self.manifest["area"]["title"])
        return f"all {len(self.areas)} areas together" if self.areas else ""

    @property
    def suffix(self) -> str:
        """What the name of a file gets that is of one of several areas."""
        return f"-in-{self.area}" if self.area else ""

    def of_area(self, name: str) -> Results:
        """What ran in one of several areas, as if it had run alone. Raises Faults."""
        areas = areas_in(self.manifest)
        if areas is None or self.by_area is None:
            wrong = f'there is no area "{name}": one area ran here, and nothing beside it.'
            raise Faults([Fault(str(self.folder), "--area", wrong, "Leave --area out.")])
        if name not in areas.of:
            wrong = f'there is no area called "{name}" in these results.'
            remedy = did_you_mean(name, [*areas.of]) or _one_of(areas.of)
            raise Faults([Fault(str(self.folder), "--area", wrong, remedy)])
        mine = pc.equal(self.by_area.column("area"), name)
        kpis = self.by_area.filter(mine).drop_columns(["area"]).combine_chunks()
        models = {
            scenario: model_of_area(areas, model, name).model_dump(mode="json", by_alias=True)
            for scenario, model in self.models().items()
        }
        of = {"title": areas.of[name].title, "size": areas.of[name].size}
        base = self.manifest["models"][self.scenarios[0]]["title"]
        told = (
            f"{of['title']} is one of {len(areas.of)} areas that ran side by side: {base} at "
            f"{areas.scale(name):.3g} times its size, by {areas.unit}."
        )
        manifest = {
            **self.manifest,
            "areas": None,
            "area": {"name": name, **of, "scale": areas.scale(name), "beside": list(areas.of)},
            "models": models,
            "notices": [told, *self.manifest.get("notices", ())],
            "runs": [run for run in self.manifest["runs"] if run.get("area") == name],
        }
        found = cjsim.measures.compare(kpis, self.scenarios[0], self.worthwhile)
        return replace(
            self, manifest=manifest, kpis=kpis, comparison=found, by_area=None, area=name
        )


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
        remedy = _one_of(manifest["areas"]["of"])
        raise Faults([Fault(str(found), "", wrong, remedy)])
    return found


def damage_of(folder: Path) -> list[tuple[str, str]]:
    """The files of a run that cannot be read or lack something, and what is wrong with each."""
    damage = []
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        lacking = _lacking(manifest)
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


def _lacking(manifest: Any) -> list[str]:
    """What a manifest should have and has not, or has as something else."""
    if not isinstance(manifest, dict):
        return list(MANIFEST_KEYS)
    found = [key for key, kind in MANIFEST_KEYS.items() if not isinstance(manifest.get(key), kind)]
    if "experiment" not in found:
        wanted = {"title": str, "watched": list, "worthwhile": dict}
        about = manifest["experiment"]
        found += [
            f"experiment.{key}"
            for key, kind in wanted.items()
            if not isinstance(about.get(key), kind)
        ]
    if not isinstance(manifest.get("notices", []), list):
        found.append("notices")
    if "scenarios" not in found:
        told = [
            isinstance(one, dict) and {"name", "label"} <= one.keys()
            for one in manifest["scenarios"]
        ]
        found += [] if told and all(told) else ["scenarios"]
    return found


def _one_of(areas: Iterable[str]) -> str:
    """Which areas there are to choose from, and where all of them stand."""
    return f"{some_of([*areas])}; cjsim compare shows them all."


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
    raise Faults([Fault(str(folder), "", wrong, _where_else(folder))])


def _where_else(folder: Path) -> str:
    """What to give instead of a folder that holds no run: one inside it, if there is one."""
    if list(folder.glob("study.json")) or list(folder.glob("*/study.json")):
        return "This is a study: the command that made it shows it again, without running anything."
    inside = sorted({path.parent.parent.name for path in folder.glob("*/*/manifest.json")})
    if inside:
        few = ", ".join(str(folder / one) for one in inside[:6])
        return f"Give the folder of one experiment: {few}{', ...' if inside[6:] else ''}."
    return "Give the folder that `cjsim run` printed, such as results/<experiment>/<run id>."


def read_results(folder: Path | str, *, areas: bool = False, area: str | None = None) -> Results:
    """Read a results folder, or the newest run of an experiment's folder. Raises Faults.

    A run of several areas side by side is read with `areas`, as what they come to together, or
    with `area`, the name of one of them, as what ran there.
    """
    if area is not None:
        return read_results(folder, areas=True).of_area(area)
    folder = find_results(folder, areas=areas)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Results(
        folder=folder,
        manifest=manifest,
        kpis=_table(folder, "kpis.parquet"),
        comparison=_table(folder, "comparison.parquet"),
        by_area=_table(folder, AREAS) if manifest.get("areas") else None,
    )


def _table(folder: Path, file: str) -> pa.Table:
    """A table of a run. Raises Faults when it is damaged below its heading."""
    try:
        return read_table(folder / file)
    except (OSError, pa.ArrowException):
        remedy = "Run the experiment again with --fresh."
        raise Faults([Fault(str(folder), file, "this cannot be read.", remedy)]) from None


def compare(results: Results | Path | str, baseline: str = "baseline") -> pa.Table:
    """Every scenario against one of them, paired by replication. Raises Faults.

    The columns are those of comparison.parquet.
    """
    if not isinstance(results, Results):
        results = read_results(results, areas=True)
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
