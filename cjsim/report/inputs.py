"""The tables that a report reads: one run, a run with another baseline, or two runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.economics.cash_flows import funds_of
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.hashes import TRUST, Trust
from cjsim.experiment.manifest_records import OpeningRecord, ScenarioRecord
from cjsim.experiment.manifest_schema import Manifest
from cjsim.experiment.results import Results, read_results
from cjsim.measures.comparison import compare, unchanged_by
from cjsim.report.run_metadata import Json, SecondRun

Payments = Mapping[str, Mapping[str, npt.NDArray[np.float64]]]
"""By scenario and agency: pounds, one for each replication; what an agency receives is below 0."""

COST: Final = "cost_gbp"


@dataclass(frozen=True)
class Source:
    """The tables and the manifest that a report reads.

    `suffix` is added to the names of the report's files when its baseline or runs are not the
    default ones. `area` names one of several areas. `outcomes` are payments of funds for outcomes;
    the costs of both tables include them. `trust` says how to treat changed files. `with_run` is a
    second run whose scenarios are in the tables and in the manifest.
    """

    folder: Path
    manifest: Manifest
    kpis: pa.Table
    comparison: pa.Table
    suffix: str = ""
    area: str = ""
    outcomes: Payments = field(default_factory=dict)
    trust: Trust = TRUST
    with_run: SecondRun | None = None


def read_source(folder: Path, area: str | None = None, trust: Trust = TRUST) -> Source:
    """The tables of a run as it was compared when it ended, or of one of its areas.

    Raises Faults when there is no such area, or the results cannot be trusted.
    """
    run = read_results(
        folder, area=area, areas=True, allow_changed=trust.changed_is_allowed, say=trust.say
    )
    manifest, kpis, comparison = run.metadata, run.kpis, run.comparison
    outcomes = outcome_payments(run)
    if outcomes:
        kpis = with_payments(kpis, outcomes)
        comparison = _compared(kpis, manifest)
    return Source(run.folder, manifest, kpis, comparison, run.suffix, run.area, outcomes, trust)


def held_against(source: Source, baseline: str) -> Source:
    """The same run with another of its scenarios as the baseline. Raises Faults."""
    names = source.manifest.names
    if baseline not in names:
        wrong = f'there is no scenario called "{baseline}" in these results.'
        raise Faults(
            [Fault(str(source.folder), "--baseline", wrong, did_you_mean(baseline, names))]
        )
    if baseline == names[0]:
        return source
    ordered = sorted(source.manifest.scenarios, key=lambda scenario: scenario.name != baseline)
    models = source.manifest.model_values
    manifest = source.manifest.model_copy(
        update={
            "scenarios": ordered,
            "model_values": {scenario.name: models[scenario.name] for scenario in ordered},
        }
    )
    comparison = _compared(source.kpis, manifest)
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
    manifest, other = first.manifest, second.manifest
    run, added = other.run_id, other.scenarios[1:]
    names = {
        scenario.name: scenario.name
        if scenario.name not in manifest.names
        else f"{scenario.name}_{run}"
        for scenario in added
    }
    labels = {scenario.label for scenario in manifest.scenarios}
    scenarios = [
        ScenarioRecord(
            name=names[scenario.name],
            label=f"{scenario.label} (run {run})" if scenario.label in labels else scenario.label,
            changes=scenario.changes,
        )
        for scenario in added
    ]
    fewest = min(manifest.replications, other.replications)
    kpis = pa.concat_tables(
        [
            _first_replications(first.kpis, fewest),
            _renamed(_first_replications(second.kpis, fewest), names),
        ]
    )
    both = manifest.model_copy(
        update={
            "scenarios": [*manifest.scenarios, *scenarios],
            "models": {
                **manifest.models,
                **{names[scenario.name]: other.models[scenario.name] for scenario in added},
            },
            "model_values": {
                **manifest.model_values,
                **{names[scenario.name]: other.model_values[scenario.name] for scenario in added},
            },
            "replications": fewest,
            "notices": list(dict.fromkeys(_notices(manifest, other, fewest))),
        }
    )
    outcomes = {**first.outcomes, **{names[name]: paid for name, paid in second.outcomes.items()}}
    return Source(
        first.folder,
        both,
        kpis,
        _compared(kpis, both),
        f"{first.suffix}-with-{run}",
        first.area,
        first_payments(outcomes, fewest),
        first.trust,
        SecondRun(
            run, other.plan_hash or "", other.results_hash or "", other.experiment.file or ""
        ),
    )


_MUST_AGREE = {
    "study_from": "the period begins on",
    "study_to": "the period ends on",
    "seed": "the seed is",
    "opening": "the open cases at the start are",
}


def _apart(first: Source, second: Source) -> Iterator[Fault]:
    """The differences between two runs that make them not comparable."""
    where = f"{first.folder} and {second.folder}"
    manifest, other = first.manifest, second.manifest
    if manifest.run_id == other.run_id:
        remedy = "Name two different runs, or one folder."
        yield Fault(where, "", "both folders hold the same run.", remedy)
        return
    remedy = "Run both experiments with the same value."
    for key, words in _MUST_AGREE.items():
        value, other_value = getattr(manifest, key), getattr(other, key)
        if value != other_value:
            wrong = f"{words} {_shown(value)} in one run and {_shown(other_value)} in the other."
            yield Fault(where, key, wrong, remedy)
    if manifest.versions.get("code") != other.versions.get("code"):
        wrong = "different versions of cjsim made them."
        yield Fault(where, "versions.code", wrong, "Run both with this version.")
    base, other_base = (one.model_values[one.names[0]] for one in (manifest, other))
    if base != other_base:
        paths = ", ".join(_first_differences(base, other_base)[:3])
        wrong = f"their baselines are not the same model: they differ in {paths}."
        remedy = "Put the scenarios in one experiment, or use the same model in both."
        yield Fault(where, "models", wrong, remedy)


def _shown(value: dt.date | int | OpeningRecord | None) -> str:
    if isinstance(value, OpeningRecord):
        return value.file
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


def _notices(manifest: Manifest, other: Manifest, fewest: int) -> list[str]:
    notices = [*manifest.notices, *other.notices]
    runs = (manifest.replications, other.replications)
    if runs[0] != runs[1]:
        notices.append(
            f"The two runs have {runs[0]} and {runs[1]} replications: {fewest} are used."
        )
    return notices


def _compared(kpis: pa.Table, manifest: Manifest) -> pa.Table:
    """Every scenario of a manifest against its baseline, which is the first."""
    baseline = manifest.names[0]
    unchanged = unchanged_by(manifest.model_values, baseline)
    return compare(kpis, baseline, manifest.experiment.worthwhile, unchanged)


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
    experiment = run.metadata.experiment
    none = np.zeros(run.metadata.replications)
    known = run.metadata.jurisdiction.vocabulary.agencies
    payments: dict[str, dict[str, npt.NDArray[np.float64]]] = {}
    for scenario in run.scenarios[1:]:
        names = experiment.draws_on.get(scenario, ())
        if not any(experiment.funds[name].outcomes for name in names):
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


def _words(kpis: pa.Table, name: str) -> npt.NDArray[np.object_]:
    return np.asarray(pc.cast(kpis.column(name), pa.string()).to_pylist(), dtype=object)


def _count(replications: npt.NDArray[np.object_]) -> int:
    return int(replications.max(initial=-1)) + 1
