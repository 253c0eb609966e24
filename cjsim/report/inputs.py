"""The tables that a report reads: one run, a run with another baseline, or two runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.economics.cash_flows import funds_of
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.hashes import TRUST, Trust
from cjsim.experiment.results import Results, read_results
from cjsim.measures.comparison import compare, unchanged_by
from cjsim.report.run_metadata import Json

Payments = Mapping[str, Mapping[str, npt.NDArray[np.float64]]]
"""By scenario and agency: pounds, one for each replication; what an agency receives is below 0."""

COST: Final = "cost_gbp"


@dataclass(frozen=True)
class Source:
    """The tables and the manifest that a report reads.

    `suffix` is added to the names of the report's files when its baseline or runs are not the
    default ones. `area` names one of several areas. `outcomes` are payments of funds for outcomes;
    the costs of both tables include them. `trust` says how to treat changed files.
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
    """The same tables with the payments for outcomes in the costs, if there are any."""
    run = Results(source.folder, source.manifest, source.kpis, source.comparison)
    outcomes = outcome_payments(run)
    if not outcomes:
        return source
    kpis = with_payments(source.kpis, outcomes)
    comparison = _compared(kpis, run.scenarios[0], source.manifest)
    return replace(source, kpis=kpis, comparison=comparison, outcomes=outcomes)


def scenario_names(source: Source) -> list[str]:
    """The scenarios in their order, the baseline first."""
    return [str(scenario["name"]) for scenario in source.manifest["scenarios"]]


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
    by_name = {str(scenario["name"]): scenario for scenario in source.manifest["scenarios"]}
    models = source.manifest.get("models", {})
    manifest = {
        **source.manifest,
        "scenarios": [by_name[name] for name in order],
        "models": {name: models[name] for name in order if name in models},
    }
    comparison = _compared(source.kpis, baseline, manifest)
    suffix = f"{source.suffix}-against-{baseline}"
    return replace(source, manifest=manifest, comparison=comparison, suffix=suffix)


# --- two runs -------------------------------------------------------------------------------


def together(first: Source, second: Source) -> Source:
    """The scenarios of two runs against the baseline that both have. Raises Faults.

    Both runs need the same baseline model, seed, period and version, because only then they
    have the same cases and random numbers. All other differences are errors. If one run has more
    replications, the surplus is not used, because replications are compared in pairs.
    """
    if faults := list(_apart(first, second)):
        raise Faults(faults)
    run = str(second.manifest["run_id"])
    first_names, second_names = scenario_names(first), scenario_names(second)[1:]
    names = {name: name if name not in first_names else f"{name}_{run}" for name in second_names}
    labels = {str(scenario["label"]) for scenario in first.manifest["scenarios"]}
    added = [
        {
            "name": names[str(scenario["name"])],
            "label": f"{scenario['label']} (run {run})"
            if scenario["label"] in labels
            else scenario["label"],
        }
        for scenario in second.manifest["scenarios"][1:]
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
            **{names[name]: second.manifest["models"][name] for name in second_names},
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
        _compared(kpis, first_names[0], manifest),
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
    """The differences between two runs that make them not comparable."""
    where = f"{first.folder} and {second.folder}"
    one_manifest, other = first.manifest, second.manifest
    faults = []
    if one_manifest["run_id"] == other["run_id"]:
        remedy = "Name two different runs, or one folder."
        return [Fault(where, "", "both folders hold the same run.", remedy)]
    remedy = "Run both experiments with the same value."
    for key, words in _MUST_AGREE.items():
        if one_manifest.get(key) != other.get(key):
            wrong = f"{words} {_shown(one_manifest.get(key))} in one run and "
            wrong += f"{_shown(other.get(key))} in the other."
            faults.append(Fault(where, key, wrong, remedy))
    codes = [manifest.get("versions", {}).get("code") for manifest in (one_manifest, other)]
    if codes[0] != codes[1]:
        wrong = "different versions of cjsim made them."
        faults.append(Fault(where, "versions.code", wrong, "Run both with this version."))
    base = [next(iter(manifest["models"].values())) for manifest in (one_manifest, other)]
    if base[0] != base[1]:
        paths = ", ".join(_first_differences(base[0], base[1])[:3])
        wrong = f"their baselines are not the same model: they differ in {paths}."
        remedy = "Put the scenarios in one experiment, or use the same model in both."
        faults.append(Fault(where, "models", wrong, remedy))
    return faults


def _shown(value: Json) -> str:
    if isinstance(value, Mapping):
        return str(value.get("file") or value)
    return "not set" if value is None else str(value)


def _first_differences(before: Json, other: Json, path: str = "") -> list[str]:
    """The paths at which two models differ."""
    if isinstance(before, dict) and isinstance(other, dict):
        keys = list(dict.fromkeys([*before, *other]))
        return [
            difference
            for key in keys
            for difference in _first_differences(
                before.get(key), other.get(key), f"{path}.{key}" if path else str(key)
            )
        ]
    return [] if before == other else [path]


def _notices(first: Source, second: Source, fewest: int) -> list[str]:
    runs = [int(source.manifest["replications"]) for source in (first, second)]
    notices = [
        str(notice) for source in (first, second) for notice in source.manifest.get("notices", ())
    ]
    if runs[0] != runs[1]:
        notices.append(
            f"The two runs have {runs[0]} and {runs[1]} replications: {fewest} are used."
        )
    return notices


def _compared(kpis: pa.Table, baseline: str, manifest: Mapping[str, Json]) -> pa.Table:
    """Every scenario of a manifest against its baseline."""
    unchanged = unchanged_by(manifest.get("models", {}), baseline)
    return compare(kpis, baseline, _worthwhile(manifest), unchanged)


def _worthwhile(manifest: Mapping[str, Json]) -> dict[str, float]:
    experiment = manifest.get("experiment", {}).get("worthwhile", {})
    return {str(kpi): float(least) for kpi, least in experiment.items()}


def _first_replications(kpis: pa.Table, count: int) -> pa.Table:
    return kpis.filter(pc.less(kpis.column("replication"), count))


def _renamed(kpis: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """The rows of the scenarios named, under their new names."""
    column = kpis.column("scenario").cast(pa.string())
    kpis = kpis.set_column(kpis.column_names.index("scenario"), "scenario", column)
    kept = kpis.filter(pc.is_in(column, pa.array(list(names))))
    new = pa.array([names[name] for name in kept.column("scenario").to_pylist()], pa.string())
    return kept.set_column(kept.column_names.index("scenario"), "scenario", new)


# --- payments for outcomes -------------------------------------------------------------------
# They are due when a run is over and depend on its measures, so no measure includes them.


def outcome_payments(run: Results) -> Payments:
    """What each agency pays for outcomes in the scenarios that draw on funds which pay for any.

    They are judged against the run's own baseline, whatever a report then compares. Raises Faults.
    """
    experiment = run.manifest.get("experiment", {})
    none = np.zeros(int(run.manifest.get("replications", 0)))
    known = run.metadata.jurisdiction.vocabulary.agencies
    payments: dict[str, dict[str, npt.NDArray[np.float64]]] = {}
    for scenario in run.scenarios[1:]:
        names = experiment.get("draws_on", {}).get(scenario, ())
        if not any(experiment["funds"][name].get("outcomes") for name in names):
            continue
        sums: dict[str, npt.NDArray[np.float64]] = {}
        for fund in funds_of(run, scenario):
            for agency, charged in fund.charged.items():
                sums[agency] = sums.get(agency, none) + charged
        payments[scenario] = {agency: sums[agency] for agency in known if agency in sums}
    return payments


def with_payments(kpis: pa.Table, payments: Payments) -> pa.Table:
    """The measures with these payments in the costs of the whole period and of its last month."""
    words = {name: _words(kpis, name) for name in ("kpi", "court", "period", "scenario", "group")}
    values = np.array(kpis.column("value").to_numpy(), dtype=np.float64)
    replications = kpis.column("replication").to_numpy()
    last = max((period for period in set(words["period"]) if period != "all"), default="all")
    costs = (words["kpi"] == COST) & (words["court"] == "all")
    costs &= np.isin(words["period"], ("all", last))
    for scenario, paid in payments.items():
        of_scenario = costs & (words["scenario"] == scenario)
        for agency, pounds in {**paid, "": total_payments(paid.values())}.items():
            rows = of_scenario & (words["group"] == agency)
            values[rows] += np.broadcast_to(pounds, _count(replications))[replications[rows]]
    index = kpis.column_names.index("value")
    return kpis.set_column(index, "value", pa.array(values, from_pandas=True))


def total_payments(paid: Iterable[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """What all agencies pay, less what they receive."""
    return np.asarray(sum(paid, start=np.zeros(1)))


def first_payments(payments: Payments, replications: int) -> Payments:
    """The payments of the first replications only."""
    return {
        scenario: {agency: pounds[:replications] for agency, pounds in paid.items()}
        for scenario, paid in payments.items()
    }


def _words(kpis: pa.Table, name: str) -> npt.NDArray[Any]:
    return np.asarray(pc.cast(kpis.column(name), pa.string()).to_pylist(), dtype=object)


def _count(replications: npt.NDArray[Any]) -> int:
    return int(replications.max(initial=-1)) + 1
