"""What funds pay for outcomes, brought into every cost that a report shows.

It falls due when a run is over and hangs on the run's measures, so that it is in none of them. A
page that left it out of some of its totals would tell a Board two costs of one reform.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cjsim.economics.cash_flows import funds_of
from cjsim.england_wales.vocabulary import AGENCIES
from cjsim.experiment.results import Results

Payments = Mapping[str, Mapping[str, npt.NDArray[np.float64]]]
"""By scenario and agency: pounds, one for each replication; what an agency receives is below 0."""

COST: Final = "cost_gbp"


def outcome_payments(run: Results) -> Payments:
    """What each agency pays for outcomes in the scenarios that draw on funds which pay for any.

    They are judged against the run's own baseline, whatever a report then compares. Raises Faults.
    """
    experiment = run.manifest.get("experiment", {})
    none = np.zeros(int(run.manifest.get("replications", 0)))
    payments: dict[str, dict[str, npt.NDArray[np.float64]]] = {}
    for scenario in run.scenarios[1:]:
        names = experiment.get("draws_on", {}).get(scenario, ())
        if not any(experiment["funds"][name].get("outcomes") for name in names):
            continue
        sums: dict[str, npt.NDArray[np.float64]] = {}
        for fund in funds_of(run, scenario):
            for agency, charged in fund.charged.items():
                sums[agency] = sums.get(agency, none) + charged
        payments[scenario] = {agency: sums[agency] for agency in AGENCIES if agency in sums}
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
        for agency, pounds in {**paid, "": together(paid.values())}.items():
            rows = of_scenario & (words["group"] == agency)
            values[rows] += np.broadcast_to(pounds, _count(replications))[replications[rows]]
    index = kpis.column_names.index("value")
    return kpis.set_column(index, "value", pa.array(values, from_pandas=True))


def together(paid: Iterable[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
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
