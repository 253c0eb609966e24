"""A made-up results folder for tests: three scenarios, six replications, 36 months."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.special import stdtrit

from cjsim.measures.comparison import comparison_schema
from cjsim.measures.intervals import FEWEST_DIFFERING
from cjsim.storage.outputs import RESULTS, add_to_list

MONTHS = tuple(f"{2013 + (3 + m) // 12}-{(3 + m) % 12 + 1:02d}" for m in range(36))
SCENARIOS = ("baseline", "north_pilot", "whole_county")
LABELS = {
    "baseline": "As it was",
    "north_pilot": "Pilot in the north, magistrates' courts",
    "whole_county": "Extended to the county",
}
NORTH_FROM, SOUTH_FROM = 6, 15
LOWER_IS_BETTER = (
    "adjournments_by_reason",
    "adjournments_per_case",
    "arrest_to_charge_days",
    "arrest_to_disposal_days",
    "consultations_per_decision",
    "cost_cashable_gbp",
    "cost_gbp",
    "detention_hours",
    "first_listing_to_completion_days",
    "hearings_per_case",
    "open_cases",
    "receipt_to_completion_days",
    "trials_ineffective_share",
    "trials_vacated_share",
    "victims_withdrawn_after_charge_share",
    "victims_withdrawn_before_charge_share",
    "witness_attendances_wasted_share",
)
HIGHER_IS_BETTER = (
    "early_guilty_plea_rate",
    "trials_effective_share",
    "victim_contacts_in_time_share",
    "victim_duties_in_time_share",
)

Numbers = npt.NDArray[np.float64]
Key = tuple[str, str, str]

# kpi, court, group: level, change once the whole county has changed, noise between replications.
PLAIN: dict[Key, tuple[float, float, float]] = {
    ("early_guilty_plea_rate", "magistrates", ""): (0.61, 0.058, 0.012),
    ("early_guilty_plea_rate", "magistrates", "division:north"): (0.60, 0.061, 0.015),
    ("early_guilty_plea_rate", "magistrates", "division:south"): (0.62, 0.055, 0.016),
    ("hearings_per_case", "magistrates", ""): (1.72, -0.16, 0.02),
    ("adjournments_per_case", "magistrates", ""): (0.58, -0.11, 0.015),
    ("trials_effective_share", "magistrates", ""): (0.44, 0.036, 0.02),
    ("trials_cracked_share", "magistrates", ""): (0.38, 0.004, 0.02),
    ("trials_ineffective_share", "magistrates", ""): (0.18, -0.040, 0.015),
    ("trials_vacated_share", "magistrates", ""): (0.12, -0.010, 0.012),
    ("first_listing_to_completion_days", "magistrates", "mean"): (22.4, -2.6, 0.6),
    ("receipt_to_completion_days", "crown", "mean"): (148.0, -1.5, 6.0),
    ("arrest_to_disposal_days", "all", "median"): (41.0, -1.4, 0.9),
    ("arrest_to_disposal_days", "all", "p90"): (173.0, -7.0, 4.0),
    ("arrest_to_charge_days", "all", "mean"): (18.1, 0.6, 0.4),
    ("detention_hours", "all", "mean"): (13.4, 0.02, 0.15),
    ("consultations_per_decision", "all", ""): (1.31, -0.05, 0.01),
    ("victim_contacts_in_time_share", "all", ""): (0.71, 0.045, 0.01),
    ("victim_contacts_in_time_share", "all", "update_on_charge"): (0.81, 0.03, 0.01),
    ("victim_contacts_in_time_share", "all", "first_hearing_date"): (0.66, 0.07, 0.02),
    ("victim_contacts_in_time_share", "all", "change_of_date"): (0.52, 0.09, 0.02),
    ("victim_contacts_in_time_share", "all", "witness_warning"): (0.88, 0.01, 0.02),
    ("victim_contacts_in_time_share", "all", "outcome_and_sentence"): (0.74, 0.04, 0.02),
    ("victim_contacts_in_time_share", "all", "update_on_no_further_action"): (0.69, 0.0, 0.02),
    ("victims_withdrawn_before_charge_share", "all", ""): (0.118, -0.002, 0.006),
    ("victims_withdrawn_after_charge_share", "all", ""): (0.083, -0.012, 0.005),
    ("witness_attendances_wasted_share", "all", ""): (0.46, -0.05, 0.02),
    ("utilisation", "all", "officers_north"): (0.83, 0.012, 0.01),
    ("utilisation", "all", "officers_south"): (0.81, 0.011, 0.01),
    ("utilisation", "all", "officers"): (0.82, 0.011, 0.01),
    ("utilisation", "all", "custody_cells_north"): (0.55, 0.001, 0.01),
    ("utilisation", "all", "witness_care_unit"): (0.93, -0.04, 0.01),
    ("utilisation", "all", "cps_area_lawyers"): (0.88, -0.02, 0.01),
    ("utilisation", "all", "forensic_laboratory"): (0.0, 0.0, 0.0),
    ("utilisation", "magistrates", "magistrates_trials"): (0.93, -0.07, 0.01),
    ("utilisation", "magistrates", "magistrates_trials@north_staffordshire"): (0.95, -0.08, 0.01),
    ("utilisation", "magistrates", "magistrates_trials@stafford"): (0.91, -0.06, 0.01),
    ("utilisation", "magistrates", "remand_court@stafford"): (0.62, -0.01, 0.02),
    ("utilisation", "crown", "crown_trials@stoke_on_trent"): (0.97, -0.01, 0.01),
    ("utilisation", "crown", "crown_pleas@stoke_on_trent"): (0.74, -0.01, 0.02),
}
COUNTS: dict[Key, tuple[float, float, float]] = {
    ("magistrates_proceeded_against", "magistrates", ""): (1500.0, 0.0, 30.0),
    ("adjournments_by_reason", "magistrates", ""): (870.0, -165.0, 20.0),
    ("adjournments_by_reason", "magistrates", "papers_not_served"): (270.0, -90.0, 9.0),
    ("adjournments_by_reason", "magistrates", "prosecution_not_ready"): (195.0, -45.0, 9.0),
    ("adjournments_by_reason", "magistrates", "legal_advice_wanted"): (150.0, -15.0, 9.0),
    ("adjournments_by_reason", "magistrates", "defendant_absent"): (135.0, 1.0, 9.0),
    ("adjournments_by_reason", "magistrates", "no_court_time"): (75.0, -15.0, 9.0),
    ("adjournments_by_reason", "magistrates", "report_not_ready"): (45.0, 4.0, 6.0),
    ("cases_disposed", "all", ""): (1700.0, 2.0, 20.0),
    ("cases_by_outcome", "all", "convicted_guilty_plea"): (640.0, 34.0, 4.0),
    ("cases_by_outcome", "all", "convicted_after_trial"): (60.0, -6.0, 2.0),
    ("cases_by_outcome", "all", "acquitted"): (40.0, -2.0, 2.0),
    ("cases_by_outcome", "all", "caution"): (200.0, 0.0, 4.0),
    ("cases_by_outcome", "all", "penalty_notice"): (60.0, 0.0, 2.0),
    ("cases_by_outcome", "all", "no_further_action"): (500.0, 1.0, 5.0),
    ("cost_cashable_gbp", "all", "police"): (300_000.0, 20_000.0, 9_000.0),
    ("cost_gbp", "all", ""): (6_300_000.0, -91_000.0, 40_000.0),
    ("cost_gbp", "all", "police"): (2_900_000.0, 38_000.0, 12_000.0),
    ("cost_gbp", "all", "cps"): (700_000.0, 9_000.0, 6_000.0),
    ("cost_gbp", "all", "hmcts"): (1_100_000.0, -71_000.0, 15_000.0),
    ("cost_gbp", "all", "legal_aid"): (600_000.0, -38_000.0, 9_000.0),
    ("cost_gbp", "all", "prisons"): (800_000.0, -3_000.0, 15_000.0),
    ("cost_gbp", "all", "victims_and_witnesses"): (200_000.0, -26_000.0, 3_000.0),
}

DUTIES: dict[Key, tuple[float, float, float]] = {
    (f"victim_duties_{part}", "all", group): (size * share, size * change, 0.5)
    for group, size in (
        ("", 900.0),
        ("police", 500.0),
        ("victim_services", 400.0),
        ("acknowledgement", 500.0),
        ("witness_warning", 400.0),
    )
    for part, share, change in (
        ("due", 1.0, 0.0),
        ("in_time", 0.8, -0.2),
        ("late", 0.15, 0.1),
        ("missed", 0.05, 0.05),
    )
} | {
    ("victim_duties_in_time_share", "all", group): (0.8, -0.2, 0.01)
    for group in ("", "police", "victim_services", "acknowledgement", "witness_warning")
}


def write_results(
    folder: Path,
    *,
    replications: int = 6,
    scenarios: tuple[str, ...] = SCENARIOS,
    labels: dict[str, str] | None = None,
    effect: float = 1.0,
    title: str = "Prosecute Not Process",
    leave_out: tuple[str, ...] = (),
    trade_offs: tuple[dict[str, Any], ...] = (),
    shock: tuple[str, str] | None = None,
    duties: bool = False,
    listed: bool = False,
) -> Path:
    """Write manifest.json, kpis.parquet and comparison.parquet; `effect` scales every change.

    An effect of 0 makes every scenario equal to the baseline to the last bit. `shock` gives the
    first day of every scenario's changes and the day on which they are taken back; `duties` adds
    what came of the duties to victims. `listed` puts the manifest on the
    list of the folder's own files, as a run does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        (scenario, key): _monthly(scenario, key, level, replications, effect)
        for scenario in scenarios
        for key, level in (
            PLAIN
            | COUNTS
            | {("open_cases", "all", ""): (5200.0, 0.0, 60.0)}
            | (DUTIES if duties else {})
        ).items()
        if key[0] not in leave_out
    }
    if shock is not None:
        for scenario in scenarios[1:]:
            values[scenario, ("open_cases", "all", "")] += effect * _swell(shock)
    rows: list[tuple[Any, ...]] = []
    for (scenario, (kpi, court, group)), monthly in values.items():
        for replication in range(replications):
            for place, month in enumerate(MONTHS):
                value = float(monthly[replication, place])
                rows.append((scenario, replication, kpi, court, group, month, value, "unit"))
            whole = float(_whole(kpi, monthly)[replication])
            rows.append((scenario, replication, kpi, court, group, "all", whole, "unit"))
    names = ("scenario", "replication", "kpi", "court", "group", "period", "value", "unit")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    table = pa.table({name: list(column) for name, column in columns.items()})
    index = names.index("replication")
    table = table.set_column(index, "replication", table["replication"].cast(pa.int32()))
    pq.write_table(table, folder / "kpis.parquet")
    compared = [
        _compared(scenario, key, _whole(key[0], values[scenarios[0], key]), _whole(key[0], monthly))
        for (scenario, key), monthly in values.items()
        if scenario != scenarios[0]
    ]
    table = pa.Table.from_pylist(compared) if compared else comparison_schema().empty_table()
    pq.write_table(table, folder / "comparison.parquet")
    manifest = _manifest(scenarios, labels or LABELS, replications, title)
    manifest["experiment"]["trade_offs"] = list(trade_offs)
    if shock is not None:
        for scenario in scenarios[1:]:
            changes = manifest["models"][scenario]["branches"]["file_ready"]["probability"][
                "changes"
            ]
            changes[:] = [_change(shock[0], ""), {**_change(shock[1], ""), "value": 0.38}]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    if listed:
        add_to_list(folder, RESULTS, ["manifest.json"])
    return folder


def _monthly(
    scenario: str, key: Key, level: tuple[float, float, float], replications: int, effect: float
) -> Numbers:
    """Values by replication and month: one luck for all scenarios, and a step for each change."""
    kpi, _, group = key
    mean, change, noise = level
    seed = sum(ord(letter) * place for place, letter in enumerate("|".join(key), 1))
    random_streams = np.random.default_rng(seed).normal(size=(replications, len(MONTHS)))
    own = np.random.default_rng([seed, SCENARIOS.index(scenario) if scenario in SCENARIOS else 9])
    jitter = own.normal(size=random_streams.shape) * noise * effect
    # Some of a scenario's own luck lasts a whole replication, so that intervals have some width.
    jitter = jitter + own.normal(size=(replications, 1)) * noise * 0.6 * effect
    months = np.arange(len(MONTHS))
    north = np.where(months >= NORTH_FROM, 0.5, 0.0) if scenario != "baseline" else months * 0.0
    south = np.where(months >= SOUTH_FROM, 0.5, 0.0) if scenario == "whole_county" else months * 0.0
    share = north + south
    if group == "division:north":
        share, jitter = north * 2, jitter * (north > 0)
    if group == "division:south":
        share, jitter = south * 2, jitter * (south > 0)
    if kpi == "open_cases":
        trend = np.cumsum(random_streams, axis=1) * noise * 0.6
        return mean + trend - effect * 28.0 * np.cumsum(share)[np.newaxis, :] + jitter * 0.5
    if scenario == "baseline":
        jitter = jitter * 0
    return mean + random_streams * noise + change * effect * share[np.newaxis, :] + jitter


def _swell(shock: tuple[str, str]) -> Numbers:
    """By how much open cases swell from the month in which a shock begins, until half a year on."""
    first, last = (MONTHS.index(day[:7]) for day in shock)
    swell = np.zeros(len(MONTHS))
    swell[first:last] = 900.0
    swell[last : last + 6] = np.linspace(900.0, 150.0, 6)
    return swell


def _whole(kpi: str, monthly: Numbers) -> Numbers:
    if kpi == "open_cases":
        return monthly[:, -1]
    counted = kpi in {key[0] for key in COUNTS | DUTIES} and not kpi.endswith("_share")
    return monthly.sum(axis=1) if counted else monthly.mean(axis=1)


def _compared(scenario: str, key: Key, before: Numbers, after: Numbers) -> dict[str, Any]:
    kpi, court, group = key
    gaps = after - before
    middle = float(gaps.mean())
    half = math.nan
    if gaps.size > 1:
        error = float(gaps.std(ddof=1)) / math.sqrt(gaps.size)
        half = float(stdtrit(gaps.size - 1, 0.975)) * error
    low, high = middle - half, middle + half
    verdict = "no clear difference"
    if middle == 0 and not gaps.any():
        verdict, low, high = "no difference seen", math.nan, math.nan
    elif gaps.size < FEWEST_DIFFERING:
        verdict = "too few replications"
    elif low > 0 or high < 0:
        verdict = "higher" if middle > 0 else "lower"
        if kpi in HIGHER_IS_BETTER + LOWER_IS_BETTER:
            verdict = "better" if (middle > 0) == (kpi in HIGHER_IS_BETTER) else "worse"
    mean = float(before.mean())
    return {
        "scenario": scenario,
        "kpi": kpi,
        "court": court,
        "group": group,
        "period": "all",
        "unit": "share" if kpi.endswith("_share") or kpi == "utilisation" else "unit",
        "baseline": mean,
        "value": float(after.mean()),
        "difference": middle,
        "low": low,
        "high": high,
        "per_cent": 100 * middle / mean if mean else None,
        "probability_better": 0.5,
        "n": int(gaps.size),
        "differed": int(np.count_nonzero(gaps)),
        "correlation": 0.9,
        "verdict": verdict,
        "confidence": 0.95,
        "probability_best": 0.5,
    }


def _manifest(
    scenarios: tuple[str, ...], labels: dict[str, str], replications: int, title: str
) -> dict[str, Any]:
    models = {scenario: _model() for scenario in scenarios}
    for scenario in scenarios[1:]:
        changes = models[scenario]["branches"]["file_ready"]["probability"]["changes"]
        changes.append(_change("2013-10-01", "north"))
        if scenario == "whole_county":
            changes.append(_change("2014-07-01", "south"))
    return {
        "run_id": "0a1b2c3d4e5f",
        "plan_hash": "0a1b2c3d4e5f" + "9" * 52,
        "results_hash": "f" * 64,
        "experiment": {
            "title": title,
            "question": "What did one prosecution team change: pleas, hearings, victims, cost?",
            "owner": "Strategic Board",
            "file": "experiments/prosecute_not_process.toml",
            "watched": [],
            "worthwhile": {"early_guilty_plea_rate": 0.02},
        },
        "scenarios": [{"name": name, "label": labels.get(name, name)} for name in scenarios],
        "seed": 20130401,
        "replications": replications,
        "study_from": "2013-04-01",
        "study_to": "2016-03-31",
        "notices": ["Fewer replications than the experiment asks for."],
        "versions": {"cjsim": "0.1.0"},
        "commit": "c0ffee",
        "models": models,
    }


def _model() -> dict[str, Any]:
    return {
        "title": "Staffordshire 2013-14",
        "area": "staffordshire",
        "divisions": {
            "north": {
                "title": "North Staffordshire: Stoke-on-Trent, Leek",
                "share": _sourced(0.55),
            },
            "south": {"title": "South Staffordshire", "share": _sourced(0.45)},
        },
        "branches": {"file_ready": {"probability": _sourced(0.38)}},
        "costs": {"price_base": "2013-14"},
    }


def _sourced(value: float) -> dict[str, Any]:
    return {
        "value": value,
        "source": "assumption",
        "evidence": "assumed",
        "range": [0.2, 0.5],
        "note": "",
        "changes": [],
    }


def _change(start: str, area: str) -> dict[str, Any]:
    return {
        "source": "assumption",
        "evidence": "assumed",
        "range": [0.55, 0.85],
        "note": "",
        "from": start,
        "area": area,
        "value": 0.7,
    }
