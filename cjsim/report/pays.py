"""Who pays and who saves: the page's one table of money, with what funds pay for outcomes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from cjsim.experiment.results import Results
from cjsim.ledger.flows import funds_of
from cjsim.ledger.years import HALF_A_PENNY
from cjsim.measures.costs import OWN_TIME
from cjsim.report import words
from cjsim.report.chart import Table
from cjsim.report.data import Difference, Numbers, ResultsFolder
from cjsim.report.terms import name_of
from cjsim.vocabulary import AGENCIES


def _pays(results: ResultsFolder, agency: str) -> bool:
    """Whether an agency pays anything, with the option or without it."""
    found = (results.difference(option, "cost_gbp", "all", agency) for option in results.options)
    return any(one is not None and bool(one.baseline or one.value) for one in found)


def pays_table(results: ResultsFolder) -> Table | None:
    """Each agency's difference in cost: what could be cashed, capacity, and what could not.

    Whoever saves stands first and whoever pays last, as in the chart above it. Below the agencies'
    total stand what of it the reform itself costs, what funds will pay for outcomes besides and
    whom that costs, and what victims and witnesses give of their own time, which nobody pays for.
    """
    rows = [
        (
            title,
            results.background.labels[whole.scenario],
            words.level("gbp", whole.baseline, whole),
            _with_interval(whole),
            *(_money_of_part(results, whole, kpi) if parted else "" for kpi in PARTS),
            words.direction(whole),
        )
        for title, whole, parted in _lines(results)
    ]
    if not rows:
        return None
    base = results.background.price_base
    prices = f"GBP, real, {base} prices" if base else "GBP, real"
    return Table(
        f"Who pays and who saves over the whole period, {prices}; intervals are 95%",
        (
            "Agency", "Option", "Before", "Difference", "Of that cashable",
            "Of that capacity, used or not", "Not cashable", "In words",
        ),
        tuple(
            tuple(words.unbroken(cell.replace(" million", "m")) for cell in row) for row in rows
        ),
    )  # fmt: skip


PARTS = ("cost_cashable_gbp", "cost_capacity_gbp", "")
"""The parts of what an agency pays; the last is what is left."""


def _lines(results: ResultsFolder) -> Iterator[tuple[str, Difference, bool]]:
    """What each row is called, its difference, and whether it is an agency's, made of parts."""
    groups = [one for one in results.groups("cost_gbp", "all") if ":" not in one]
    agencies = [one for one in groups if one not in ("", OWN_TIME) and _pays(results, one)]
    agencies.sort(key=lambda agency: _change(results, agency))
    for agency in (*agencies, ""):
        title = name_of(agency) if agency else "All agencies, net"
        yield from ((title, one, True) for one in _of_options(results, "cost_gbp", agency))
    declared = "Of that, declared for the reform itself (its posts are capacity)"
    yield from ((declared, one, False) for one in _of_options(results, "cost_of_reform_gbp", ""))
    yield from ((title, one, False) for title, one in _outcomes(results))
    own = "Apart: victims\u2019 and witnesses\u2019 own time"
    yield from ((own, one, True) for one in _of_options(results, "cost_gbp", OWN_TIME))


def _of_options(results: ResultsFolder, kpi: str, group: str) -> Iterator[Difference]:
    for option in results.options:
        found = results.difference(option, kpi, "all", group)
        if found is not None:
            yield found


def _change(results: ResultsFolder, agency: str) -> float:
    one = results.difference(results.focus, "cost_gbp", "all", agency)
    return one.difference if one is not None and math.isfinite(one.difference) else 0.0


def _outcomes(results: ResultsFolder) -> Iterator[tuple[str, Difference]]:
    """What funds will pay for outcomes, by who pays and who receives, and the net with it."""
    found = outcome_payments(results)
    none = np.zeros(results.replications)
    for agency in dict.fromkeys(agency for paid in found.values() for agency in paid):
        title = f"Besides, due for outcomes: {name_of(agency)}"
        for option, paid in found.items():
            key = (option, "cost_gbp", "all", f"outcomes:{agency}")
            yield title, results.difference_of_values(key, none, paid.get(agency, none))
    for option, paid in found.items():
        before, after = (
            results.levels(name, "cost_gbp", "all") for name in (results.baseline, option)
        )
        key = (option, "cost_gbp", "all", "outcomes")
        whole = results.difference_of_values(key, before, after + sum(paid.values(), start=none))
        yield "All agencies, net, with outcomes", whole


def outcome_payments(results: ResultsFolder) -> dict[str, dict[str, Numbers]]:
    """By option that draws on funds which pay for outcomes: what each agency pays for them.

    One value for each replication; what an agency receives is below 0. It falls due when the run
    is over, and is in no measure of the run, for it hangs on the measures.
    """
    source = results.source
    asked = source.manifest.get("experiment", {})
    found: dict[str, dict[str, Numbers]] = {}
    for option in results.options:
        names = asked.get("draws_on", {}).get(option, ())
        if not any(asked["funds"][name].get("outcomes") for name in names):
            continue
        run = Results(source.folder, source.manifest, source.kpis, source.comparison)
        sums: dict[str, Numbers] = {}
        for fund in funds_of(run, option):
            for agency, charged in fund.charged.items():
                sums[agency] = sums.get(agency, np.zeros(results.replications)) + charged
        found[option] = {agency: sums[agency] for agency in AGENCIES if agency in sums}
    return found


def _with_interval(one: Difference) -> str:
    """A difference in money with its interval; one that is the same every time has none."""
    change = words.signed_change("gbp", one)
    same = abs(one.high - one.low) < HALF_A_PENNY
    return change if same else f"{change} ({words.interval('gbp', one)})"


def _money_of_part(results: ResultsFolder, whole: Difference, kpi: str) -> str:
    """A part of an agency's difference with its interval; empty where the run has no such part."""
    option, agency = whole.scenario, whole.group
    one = results.difference(option, kpi, "all", agency) if kpi else _rest(results, whole)
    return "" if one is None else _with_interval(one)


def _rest(results: ResultsFolder, whole: Difference) -> Difference | None:
    """What of an agency's difference is neither cashable nor capacity."""
    option, agency = whole.scenario, whole.group
    parts = [kpi for kpi in PARTS if kpi and results.difference(option, kpi, "all", agency)]
    if not parts:
        return None
    if all(
        one.low == one.high == 0.0
        for kpi in parts if (one := results.difference(option, kpi, "all", agency))
    ):  # fmt: skip
        # Then it is all of the difference, and has its interval: widened if there are more options.
        return whole
    before, after = (
        results.levels(name, "cost_gbp", "all", agency)
        - sum(results.levels(name, kpi, "all", agency) for kpi in parts)
        for name in (results.baseline, option)
    )
    return results.difference_of_values((option, "cost_gbp", "all", agency), before, after)
