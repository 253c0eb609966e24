"""Where a report's numbers come from: one run, a run held against another baseline, or two runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.hashes import TRUST, Trust
from cjsim.experiment.results import Results, read_results
from cjsim.measures.comparison import compare, unchanged_by
from cjsim.report.manifest import Json
from cjsim.report.outcomes import Payments, first_payments, outcome_payments, with_payments


@dataclass(frozen=True)
class Source:
    """What a report is written from; `suffix` tells its files from those of the run as it was.

    `area` is the one of several areas side by side that it is of. `outcomes` is what funds pay for
    outcomes; the costs of both tables have it in them. `trust` says how changed files are taken.
    """

    folder: Path
    manifest: dict[str, Json]
    kpis: pa.Table
    comparison: pa.Table
    suffix: str = ""
    area: str = ""
    outcomes: Payments = field(default_factory=dict)
    trust: Trust = TRUST


def read_source(folder: Path, area: str | None = None, trust: Trust = TRUST) -> Source:
    """The tables of a run as it was compared when it ended, or of one of its areas.

    Raises Faults when there is no such area, or the results cannot be trusted.
    """
    run = read_results(
        folder, area=area, areas=True, allow_changed=trust.changed_is_allowed, say=trust.say
    )
    return _with_outcomes(
        Source(
            run.folder,
            run.manifest,
            run.kpis,
            run.comparison,
            run.suffix,
            run.area,
            trust=trust,
        )
    )


def _with_outcomes(source: Source) -> Source:
    """The same with what funds pay for outcomes in the costs, if they pay for any."""
    run = Results(source.folder, source.manifest, source.kpis, source.comparison)
    outcomes = outcome_payments(run)
    if not outcomes:
        return source
    kpis = with_payments(source.kpis, outcomes)
    found = _compared(kpis, run.scenarios[0], source.manifest)
    return replace(source, kpis=kpis, comparison=found, outcomes=outcomes)


def scenario_names(source: Source) -> list[str]:
    """The scenarios in their order, the baseline first."""
    return [str(one["name"]) for one in source.manifest["scenarios"]]


def held_against(source: Source, baseline: str) -> Source:
    """The same run with another of its scenarios as the baseline. Raises Faults."""
    names = scenario_names(source)
    if baseline not in names:
        wrong = f'there is no scenario called "{baseline}" in these results.'
        raise Faults(
            [Fault(str(source.folder), "--baseline", wrong, did_you_mean(baseline, names))]
        )
    if baseline == names[0]:
        return source
    order = [baseline, *(name for name in names if name != baseline)]
    by_name = {str(one["name"]): one for one in source.manifest["scenarios"]}
    models = source.manifest.get("models", {})
    manifest = {
        **source.manifest,
        "scenarios": [by_name[name] for name in order],
        "models": {name: models[name] for name in order if name in models},
    }
    found = _compared(source.kpis, baseline, manifest)
    suffix = f"{source.suffix}-against-{baseline}"
    return replace(source, manifest=manifest, comparison=found, suffix=suffix)


# --- two runs -------------------------------------------------------------------------------


def together(first: Source, second: Source) -> Source:
    """The scenarios of two runs against the baseline that both have. Raises Faults.

    Only runs whose baselines are the same to the last number, with one seed, period and version,
    meet the same cases with the same luck; anything else is refused with all that differs. Where
    one has more replications the others are left out, for pairs are what is compared.
    """
    if faults := list(_apart(first, second)):
        raise Faults(faults)
    run = str(second.manifest["run_id"])
    mine, theirs = scenario_names(first), scenario_names(second)[1:]
    names = {name: name if name not in mine else f"{name}_{run}" for name in theirs}
    labels = {str(one["label"]) for one in first.manifest["scenarios"]}
    added = [
        {
            "name": names[str(one["name"])],
            "label": f"{one['label']} (run {run})" if one["label"] in labels else one["label"],
        }
        for one in second.manifest["scenarios"][1:]
    ]
    fewest = min(int(source.manifest["replications"]) for source in (first, second))
    kpis = pa.concat_tables(
        [
            _first_replications(first.kpis, fewest),
            _renamed(_first_replications(second.kpis, fewest), names),
        ]
    )
    manifest = {
        **first.manifest,
        "scenarios": [*first.manifest["scenarios"], *added],
        "models": {
            **first.manifest["models"],
            **{names[name]: second.manifest["models"][name] for name in theirs},
        },
        "replications": fewest,
        "notices": list(dict.fromkeys(_notices(first, second, fewest))),
        "with_run": {
            "run_id": run,
            "plan_hash": second.manifest.get("plan_hash"),
            "results_hash": second.manifest.get("results_hash"),
            "file": second.manifest["experiment"].get("file"),
            "replications": second.manifest["replications"],
        },
    }
    outcomes = {**first.outcomes, **{names[name]: paid for name, paid in second.outcomes.items()}}
    return Source(
        first.folder,
        manifest,
        kpis,
        _compared(kpis, mine[0], manifest),
        f"{first.suffix}-with-{run}",
        first.area,
        first_payments(outcomes, fewest),
        first.trust,
    )


_MUST_AGREE = {
    "study_from": "the period begins on",
    "study_to": "the period ends on",
    "seed": "the seed is",
    "opening": "the open cases at the start are",
}


def _apart(first: Source, second: Source) -> list[Fault]:
    """Everything in which two runs differ that would make their difference mean something else."""
    where = f"{first.folder} and {second.folder}"
    one, other = first.manifest, second.manifest
    faults = []
    if one["run_id"] == other["run_id"]:
        remedy = "Give two different runs, or one folder alone."
        return [Fault(where, "", "these are one and the same run.", remedy)]
    remedy = "Run both experiments again with the same one."
    for key, words in _MUST_AGREE.items():
        if one.get(key) != other.get(key):
            wrong = f"{words} {_shown(one.get(key))} in the one and {_shown(other.get(key))} in "
            faults.append(Fault(where, key, f"{wrong}the other.", remedy))
    codes = [manifest.get("versions", {}).get("code") for manifest in (one, other)]
    if codes[0] != codes[1]:
        wrong = "they were made by different versions of the program."
        faults.append(Fault(where, "versions.code", wrong, "Run both again with this version."))
    base = [next(iter(manifest["models"].values())) for manifest in (one, other)]
    if base[0] != base[1]:
        told = ", ".join(_first_differences(base[0], base[1])[:3])
        wrong = f"their baselines are not the same model: they differ in {told}."
        remedy = "Put the scenarios into one experiment, or give both the same model."
        faults.append(Fault(where, "models", wrong, remedy))
    return faults


def _shown(value: Json) -> str:
    if isinstance(value, Mapping):
        return str(value.get("file") or value)
    return "not given" if value is None else str(value)


def _first_differences(one: Json, other: Json, path: str = "") -> list[str]:
    """The paths at which two models differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = list(dict.fromkeys([*one, *other]))
        return [
            found
            for key in keys
            for found in _first_differences(
                one.get(key), other.get(key), f"{path}.{key}" if path else str(key)
            )
        ]
    return [] if one == other else [path]


def _notices(first: Source, second: Source, fewest: int) -> list[str]:
    runs = [int(source.manifest["replications"]) for source in (first, second)]
    told = [str(one) for source in (first, second) for one in source.manifest.get("notices", ())]
    if runs[0] != runs[1]:
        told.append(f"The two runs have {runs[0]} and {runs[1]} replications: {fewest} are used.")
    return told


def _compared(kpis: pa.Table, baseline: str, manifest: Mapping[str, Json]) -> pa.Table:
    """Every scenario of a manifest against its baseline."""
    unchanged = unchanged_by(manifest.get("models", {}), baseline)
    return compare(kpis, baseline, _worthwhile(manifest), unchanged)


def _worthwhile(manifest: Mapping[str, Json]) -> dict[str, float]:
    asked = manifest.get("experiment", {}).get("worthwhile", {})
    return {str(kpi): float(least) for kpi, least in asked.items()}


def _first_replications(kpis: pa.Table, count: int) -> pa.Table:
    return kpis.filter(pc.less(kpis.column("replication"), count))


def _renamed(kpis: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """The rows of the scenarios named, under their new names."""
    column = kpis.column("scenario").cast(pa.string())
    kpis = kpis.set_column(kpis.column_names.index("scenario"), "scenario", column)
    kept = kpis.filter(pc.is_in(column, pa.array(list(names))))
    new = pa.array([names[name] for name in kept.column("scenario").to_pylist()], pa.string())
    return kept.set_column(kept.column_names.index("scenario"), "scenario", new)
