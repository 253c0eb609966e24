"""Each initiative moves what its mechanism says, that way, and nothing that it cannot reach."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from cjsim.experiment.run import make_plan, run_plan
from cjsim.measures.registry import known_measures
from cjsim.reforms.register import reforms_in
from cjsim.scenarios.load import load_experiment
from cjsim.schema.base import BASELINE
from tests.invariants.test_experiments_run import on_the_toy_model

Key = tuple[str, str, str]

DECLARED = {
    "prosecute_not_process",
    "community_triage",
    "victim_tracker",
    "victim_gateway",
    "body_worn_video",
    "mobile_data",
    "out_of_court_scrutiny",
    "cars_behind_bars",
    "offender_management",
    "domestic_abuse_fund",
    "outcome_fund",
    "nightingale_courts",
}
"""The reforms whose files say what they cost beside what the model charges."""
UP, DOWN = 1, -1

MOVES: dict[str, list[tuple[Key, int]]] = {
    # the area's own programme
    "prosecute_not_process": [
        (("early_guilty_plea_rate", "magistrates", "division:north"), UP),
        (("adjournments_per_case", "magistrates", "division:north"), DOWN),
        (("cost_of_reform_gbp", "all", "commissioner"), UP),
    ],
    "community_triage": [
        (("detained_in_mental_distress", "all", "division:north"), DOWN),
        (("cost_of_reform_gbp", "all", "health"), UP),
    ],
    "victim_tracker": [(("chasing_calls", "all", ""), DOWN)],
    "victim_gateway": [(("support_reached_share", "all", ""), UP)],
    "body_worn_video": [
        (("charged_share", "all", ""), UP),
        (("early_guilty_plea_rate", "magistrates", ""), UP),
    ],
    "mobile_data": [(("staff_hours", "all", "police"), DOWN)],
    "out_of_court_scrutiny": [(("charged_share", "all", ""), DOWN)],
    "cars_behind_bars": [(("cost_of_reform_gbp", "all", "police"), UP)],
    "offender_management": [(("cost_of_reform_gbp", "all", "probation"), UP)],
    "domestic_abuse_fund": [
        (("staff_hours", "all", "victim_services"), UP),
        (("cost_of_reform_gbp", "all", "councils"), UP),
    ],
    "outcome_fund": [
        (("restorative_justice_taken", "all", ""), UP),
        (("cost_of_reform_gbp", "all", "commissioner"), UP),
    ],
    # national
    "cjsss": [(("adjournments_per_case", "magistrates", ""), DOWN)],
    "stop_delaying_justice": [(("hearings_per_case", "magistrates", ""), DOWN)],
    "streamlined_process": [(("staff_hours", "all", "police"), DOWN)],
    "transforming_summary_justice": [(("adjournments_per_case", "magistrates", ""), DOWN)],
    "better_case_management": [(("hearings_per_case", "crown", ""), DOWN)],
    # The toy area's plea hearing comes after 25 days: there five weeks are later.
    "early_guilty_plea": [(("receipt_to_completion_days", "crown", "mean"), UP)],
    "two_tier_disposals": [(("staff_hours", "all", "police"), UP)],
    "single_justice_procedure": [(("cost_gbp", "all", "hmcts"), DOWN)],
    "nightingale_courts": [(("cost_of_reform_gbp", "all", "hmcts"), UP)],
    "virtual_courts": [(("charge_to_first_listing_days", "magistrates", "mean"), DOWN)],
    "flexible_courts": [],
    "magistrates_powers": [(("sent_to_crown_share", "magistrates", ""), DOWN)],
    "sitting_days": [(("cost_gbp", "all", "hmcts"), DOWN)],
    "summary_case_management": [(("early_guilty_plea_rate", "magistrates", ""), UP)],
}
"""What each reform must move, and which way.

The toy area has no real courthouses or volumes, so that settings of those are left out there: of
them only the money is looked at.
"""

ARRESTS: Key = ("arrests", "all", "")
NOTHING: list[Key] = [
    ARRESTS,
    ("charged_share", "all", ""),
    ("early_guilty_plea_rate", "magistrates", ""),
    ("hearings_per_case", "crown", ""),
    ("staff_hours", "all", "police"),
    ("chasing_calls", "all", ""),
]
"""What stays as it was in every digit where a file sets nothing in the toy area."""

OUT_OF_REACH: dict[str, list[Key]] = {
    **{name: [ARRESTS] for name in MOVES},
    # What happens in the north alone leaves the south as it is where the two share no staff.
    "community_triage": [ARRESTS, ("detained_in_mental_distress", "all", "division:south")],
    "prosecute_not_process": [ARRESTS, ("detained_in_mental_distress", "all", "")],
    # Officers who go to the Crown Court are those who investigate: a change there reaches charges,
    # and arrests are all that it leaves alone. What sets courthouses and volumes only sets nothing.
    "flexible_courts": NOTHING,
    "nightingale_courts": NOTHING,
    "cars_behind_bars": NOTHING,
    # In the toy area nobody comes back, and there is nobody to prevent it with.
    "offender_management": [*NOTHING, ("arrests_again", "all", "")],
}


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
    scenarios = {BASELINE: first.scenarios[BASELINE]}
    scenarios |= {name: plan.scenarios[scenario] for name, (plan, scenario) in plans.items()}
    plan = replace(
        first, scenarios=scenarios, study_from=dt.date(2015, 5, 1), study_to=dt.date(2016, 1, 31)
    )
    out = folder / "runs"
    out.mkdir()
    found: dict[str, dict[Key, float]] = {name: {} for name in scenarios}
    for run in run_plan(plan, folder=out, workers=2, keep_logs=False):
        for row in run.kpis.to_pylist():
            if str(row["period"]) == "all":
                key = (row["kpi"], row["court"], row["group"])
                of = found[run.scenario]
                of[key] = of.get(key, 0.0) + row["value"]
    return found


@pytest.mark.slow
def test_every_reform_of_the_register_is_among_them(root: Path) -> None:
    known = {one.path.stem for one in reforms_in(root / "experiments")}
    assert known - {"whole_programme"} == set(MOVES)


@pytest.mark.slow
def test_what_was_published_is_of_something_that_the_model_tells(
    root: Path, measured: dict[str, dict[Key, float]]
) -> None:
    for experiment in reforms_in(root / "experiments"):
        for one in experiment.published:
            assert (one.kpi, one.court, one.group) in measured[BASELINE], (experiment.path, one)


@pytest.mark.slow
def test_what_a_reform_itself_costs_is_in_its_cost_to_the_penny(
    measured: dict[str, dict[Key, float]],
) -> None:
    for name, found in measured.items():
        whole, own = ("cost_gbp", "all", ""), ("cost_of_reform_gbp", "all", "")
        parts = [
            value
            for (kpi, _, group), value in found.items()
            if kpi == "cost_gbp" and group not in ("", "victims_and_witnesses")
        ]
        assert sum(parts) == pytest.approx(found[whole], abs=0.01), name
        assert found[own] >= 0
        if name in DECLARED:
            assert found[own] > 0, name


@pytest.mark.slow
@pytest.mark.parametrize("name", MOVES)
def test_an_initiative_moves_what_its_mechanism_says(
    name: str, measured: dict[str, dict[Key, float]]
) -> None:
    for key, sign in MOVES[name]:
        assert key[0] in known_measures("england_wales")
        moved = measured[name][key] - measured[BASELINE][key]
        assert moved * sign > 0, (key, moved)


@pytest.mark.slow
@pytest.mark.parametrize("name", OUT_OF_REACH)
def test_and_leaves_untouched_what_it_cannot_reach(
    name: str, measured: dict[str, dict[Key, float]]
) -> None:
    for key in OUT_OF_REACH[name]:
        assert measured[name][key] == measured[BASELINE][key], key
