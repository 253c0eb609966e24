"""A results folder: its manifest, its measures, and comparisons of its scenarios."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

import cjsim.measures
from cjsim.des.log_reader import read_log
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.areas import AREAS, list_areas
from cjsim.experiment.hashes import TRUST, Trust
from cjsim.experiment.kpi_tables import UNFINISHED
from cjsim.experiment.logs import Logs, logs_of
from cjsim.experiment.manifest_schema import Manifest
from cjsim.experiment.plan import Task
from cjsim.experiment.reading import OpenedRun, open_run
from cjsim.measures.comparison import NOT_ALWAYS_THERE, unchanged_by
from cjsim.measures.measure_table import MeasureTable
from cjsim.scenarios.scaling import model_of_area
from cjsim.schema.model import Model
from cjsim.storage.plain import PlainTable


@dataclass(frozen=True)
class Results:
    """The content of a results folder; the logs are read only when they are asked for.

    Where several areas ran side by side `kpis` holds what they come to together, and `by_area` the
    measures of each; `area` is the one of them that all of this is of, if it is.
    """

    folder: Path
    manifest: PlainTable
    kpis: pa.Table
    comparison: pa.Table
    by_area: pa.Table | None = None
    area: str = ""
    trust: Trust = TRUST

    @cached_property
    def metadata(self) -> Manifest:
        """The manifest, typed; `manifest` holds the same as plain values."""
        return Manifest.model_validate(self.manifest, by_alias=True)

    @cached_property
    def measures(self) -> MeasureTable:
        """The measures of the whole period, by scenario, measure and replication."""
        return MeasureTable.from_kpis(self.kpis, self.scenarios)

    def measures_of_area(self, area: str) -> MeasureTable:
        """The measures of one of several areas that ran side by side."""
        assert self.by_area is not None
        rows = self.by_area.filter(pc.equal(self.by_area.column("area"), area))
        return MeasureTable.from_kpis(rows, self.scenarios)

    @property
    def scenarios(self) -> list[str]:
        """The scenarios, the baseline first."""
        return self.metadata.names

    @property
    def experiment_file(self) -> Path | None:
        """The file of the experiment, if it still lies where the study that holds it has it.

        It is looked for from the folders above the results, then from the current folder and those
        above it.
        """
        kept = Path(self.metadata.experiment.file or ".")
        here = Path.cwd()
        for folder in (*self.folder.resolve().parents, here, *here.parents):
            if (folder / kept).is_file():
                return folder / kept
        return None

    @property
    def watched(self) -> list[str]:
        """The measures that the experiment's report watches, in its order."""
        return list(self.metadata.experiment.watched)

    @property
    def worthwhile(self) -> dict[str, float]:
        """For each measure the least difference that is worth having."""
        return dict(self.metadata.experiment.worthwhile)

    def compared_with(self, baseline: str) -> pa.Table:
        """Every scenario against one of them, worked out from the measures."""
        unchanged = unchanged_by(self.metadata.model_values, baseline)
        return cjsim.measures.compare(self.kpis, baseline, self.worthwhile, unchanged)

    def model(self, scenario: str) -> Model:
        """The resolved model of a scenario, as it ran."""
        return Model.model_validate(self.metadata.model_values[scenario])

    @property
    def areas(self) -> dict[str, str]:
        """The title of each area by its name; empty where there are not several."""
        areas = self.metadata.areas
        return {} if areas is None else {name: area.title for name, area in areas.of.items()}

    def log(
        self, scenario: str, replication: int, table: str = "events", *, area: str = ""
    ) -> pa.Table:
        """One replication's "events", "cases", "capacity" or "sittings", in one of several areas.

        A log of version 1 has the columns of version 2. Raises Faults for a log that cannot be
        read, or whose files were changed.
        """
        task = Task(scenario, replication, area or self.area)
        self.logs.refuse_wrong([task], [table], self.trust)
        return read_log(self.logs.folder_of(task) / f"{table}.parquet")

    @property
    def logs(self) -> Logs:
        """Where the logs lie, to be checked before they are read."""
        return logs_of(self.folder, self.metadata)

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
        if self.metadata.area is not None:
            return self.metadata.area.title
        return f"all {len(self.areas)} areas together" if self.areas else ""

    @property
    def suffix(self) -> str:
        """What the name of a file gets that is of one of several areas."""
        return f"-in-{self.area}" if self.area else ""

    def of_area(self, name: str) -> Results:
        """What ran in one of several areas, as if it had run alone. Raises Faults."""
        areas = self.metadata.areas
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
        base = self.metadata.models[self.scenarios[0]].title
        told = (
            f"{of['title']} is one of {len(areas.of)} areas that ran side by side: {base} at "
            f"{areas.scale(name):.3g} times its size, by {areas.unit}."
        )
        manifest = {
            **self.manifest,
            "areas": None,
            "area": {"name": name, **of, "scale": areas.scale(name), "beside": list(areas.of)},
            "models": models,
            "notices": [told, *self.metadata.notices],
            "runs": [
                run.model_dump(exclude_defaults=True)
                for run in self.metadata.runs
                if run.area == name
            ],
        }
        if self.metadata.records is not None:
            manifest["records"] = {
                place: file_hash
                for place, file_hash in self.metadata.records.items()
                if place.partition("/")[0].endswith(f"@{name}")
            }
        mine = replace(self, manifest=manifest, kpis=kpis, by_area=None, area=name)
        return replace(mine, comparison=mine.compared_with(self.scenarios[0]))


def is_complete(folder: Path) -> bool:
    """Whether a run was written to its end: its folder appears only then, with its manifest."""
    return (folder / "manifest.json").is_file() and (folder / "kpis.parquet").is_file()


def find_results(
    folder: Path | str,
    *,
    areas: bool = False,
    allow_changed: bool = False,
    say: Callable[[str], None] = warnings.warn,
) -> Path:
    """The run in a folder: the folder itself, or the newest run inside it. Raises Faults.

    What is found can be read, and is what cjsim wrote: a manifest, KPIs and a comparison with all
    that is asked of them. A run of several areas is refused unless the caller can use
    `areas`; with `allow_changed` files that were changed are taken as they are, and `say` is told.
    """
    return _opened(folder, areas=areas, trust=Trust(say, allow_changed)).folder


def _opened(folder: Path | str, *, areas: bool, trust: Trust) -> OpenedRun:
    run = open_run(_find(Path(folder)), trust)
    if run.manifest.areas is not None and not areas:
        wrong = "several areas ran here side by side, and this is done for one area alone."
        raise Faults([Fault(str(run.folder), "", wrong, _one_of(run.manifest.areas.of))])
    return run


def _one_of(areas: Iterable[str]) -> str:
    """Which areas there are to choose from, and where all of them stand."""
    return f"{list_areas([*areas])}; cjsim compare shows them all."


def _find(folder: Path) -> Path:
    if is_complete(folder):
        return folder
    inside = [path.parent for path in folder.glob("*/manifest.json") if is_complete(path.parent)]
    inside = [path for path in inside if not path.name.startswith(".")]
    if inside:
        return max(inside, key=lambda path: (path / "manifest.json").stat().st_mtime)
    wrong = "there are no results here." if folder.exists() else "there is no such folder."
    if folder.name.endswith(UNFINISHED) or list(folder.glob(f"*{UNFINISHED}")):
        wrong = "the run here was interrupted before it had results."
        remedy = "Resume it: run the same command with --resume."
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


def read_results(
    folder: Path | str,
    *,
    areas: bool = False,
    area: str | None = None,
    allow_changed: bool = False,
    say: Callable[[str], None] = warnings.warn,
) -> Results:
    """Read a results folder, or the newest run of an experiment's folder. Raises Faults.

    A run of several areas side by side is read with `areas`, as what they come to together, or
    with `area`, the name of one of them, as what ran there. Files that are not what cjsim wrote are
    refused; with `allow_changed` they are read as they are, and `say` is told which.
    """
    trust = Trust(say, allow_changed)
    run = _opened(folder, areas=areas or area is not None, trust=trust)
    results = Results(
        folder=run.folder,
        manifest=run.content,
        kpis=run.table("kpis.parquet"),
        comparison=run.table("comparison.parquet"),
        by_area=run.table(AREAS) if run.manifest.areas is not None else None,
        trust=trust,
    )
    results = _of_this_version(results)
    return results if area is None else results.of_area(area)


def _of_this_version(results: Results) -> Results:
    """The same, compared again where an earlier version has compared it, with other intervals."""
    if NOT_ALWAYS_THERE <= {*results.comparison.column_names}:
        return results
    return replace(results, comparison=results.compared_with(results.scenarios[0]))


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
    return results.compared_with(baseline)


def only_watched(comparison: pa.Table, watched: list[str]) -> pa.Table:
    """The rows of the watched measures that are not split into groups, in the order watched."""
    parts = [comparison.filter(pc.equal(comparison.column("kpi"), kpi)) for kpi in watched]
    return pa.concat_tables(parts) if parts else comparison
