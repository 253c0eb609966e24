"""Each initiative moves what its mechanism says, that way, and nothing that it cannot reach."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from cjsim.experiment.run import make_plan, run_plan
from cjsim.measures.registry import MEASURES
from cjsim.spec.base import BASELINE
from cjsim.spec.load import load_experiment
from tests.laws.test_experiments_run import on_the_toy_model

Key = tuple[str, str, str]
UP, DOWN = 1, -1

MOVES: dict[str, list[tuple[Key, int]]] = {
    "community_triage": [(("detained_in_mental_distress", "all", "division:north"), DOWN)],
    "victim_tracker": [(("chasing_calls", "all", ""), DOWN)],
    "victim_gateway": [(("support_reached_share", "all", ""), UP)],
    "body_worn_video": [
        (("charged_share", "all", ""), UP), (("early_guilty_plea_rate", "magistrates", ""), UP),
    ],
    "mobile_data": [(("staff_hours", "all", "police"), DOWN)],
    "out_of_court_scrutiny": [(("charged_share", "all", ""), DOWN)],
    "domestic_abuse_fund": [(("staff_hours", "all", "victim_services"), UP)],
    "outcome_fund": [(("restorative_justice_taken", "all", ""), UP)],
    "prosecute_not_process": [
        (("early_guilty_plea_rate", "magistrates", "division:north"), UP),
        (("adjournments_per_case", "magistrates", "division:north"), DOWN),
    ],
    "cjsss": [(("adjournments_per_case", "magistrates", ""), DOWN)],
    "virtual_courts": [(("charge_to_first_listing_days", "magistrates", "mean"), DOWN)],
    "magistrates_powers": [(("sent_to_crown_share", "magistrates", ""), DOWN)],
    "sitting_days": [(("cost_gbp", "all", "hmcts"), DOWN)],
}  # fmt: skip

OUT_OF_REACH: dict[str, list[Key]] = {
    **{name: [("arrests", "all", "")] for name in MOVES},
    "community_triage": [
        ("arrests", "all", ""), ("detained_in_mental_distress", "all", "division:south"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, toy: Path) -> dict[str, dict[Key, float]]:
    """Every reform beside the toy's baseline for nine months: whole-period measures, summed."""
    folder = tmp_path_factory.mktemp("reforms")
    on_the_toy_model(folder, toy)
    plans = {}
    for name in MOVES:
        experiment = load_experiment(folder / f"{name}.toml")
        plans[name] = make_plan(experiment, replications=2), str(experiment.reform_scenario)
    first = next(iter(plans.values()))[0]
    models = {BASELINE: first.models[BASELINE]}
    models |= {name: plan.models[scenario] for name, (plan, scenario) in plans.items()}
    plan = replace(
        first, models=models, study_from=dt.date(2015, 5, 1), study_to=dt.date(2016, 1, 31)
    )
    out = folder / "runs"
    out.mkdir()
    found: dict[str, dict[Key, float]] = {name: {} for name in models}
    for run in run_plan(plan, folder=out, workers=2, keep_logs=False):
        for row in run.kpis.to_pylist():
            if str(row["period"]) == "all":
                key = (row["kpi"], row["court"], row["group"])
                of = found[run.scenario]
                of[key] = of.get(key, 0.0) + row["value"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", MOVES)
def test_an_initiative_moves_what_its_mechanism_says(
    name: str, measured: dict[str, dict[Key, float]]
) -> None:
    for key, sign in MOVES[name]:
        assert key[0] in MEASURES
        moved = measured[name][key] - measured[BASELINE][key]
        assert moved * sign > 0, (key, moved)


@pytest.mark.slow
@pytest.mark.parametrize("name", OUT_OF_REACH)
def test_and_leaves_untouched_what_it_cannot_reach(
    name: str, measured: dict[str, dict[Key, float]]
) -> None:
    for key in OUT_OF_REACH[name]:
        assert measured[name][key] == measured[BASELINE][key], key
