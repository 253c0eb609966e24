"""Who pays and who saves: the page's one table of money, with what funds pay for outcomes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from cjsim.economics.years import HALF_A_PENNY
from cjsim.jurisdiction import OWN_TIME
from cjsim.report import numbers
from cjsim.report.chart import Table
from cjsim.report.data import Numbers, ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.labels import name_of
from cjsim.report.outcomes import COST, together


def pays(results: ResultsFolder, agency: str) -> bool:
    """Whether an agency pays anything, with the option or without it."""
    found = (results.difference(option, COST, "all", agency) for option in results.options)
    return any(one is not None and bool(one.baseline or one.value) for one in found)


def pays_table(results: ResultsFolder) -> Table | None:
    """Each agency's difference in cost: what could be cashed, capacity, and what could not.

    Whoever saves stands first and whoever pays last, as in the chart above it. Below the agencies'
    total stands what of it the reform itself costs, what of each difference funds pay for outcomes,
    and what victims and witnesses give of their own time, which nobody pays for.
    """
    rows = [
        (
            title,
            results.background.labels[whole.scenario],
            numbers.level("gbp", whole.baseline, whole),
            _with_interval(whole),
            *_parts(results, whole, parted=parted),
            _in_words(whole),
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
            "Agency",
            "Option",
            "Before",
            "Difference",
            "Of that cashable",
            "Of that capacity, used or not",
            "Not cashable",
            "In words",
        ),
        tuple(
            tuple(numbers.unbroken(cell.replace(" million", "m")) for cell in row) for row in rows
        ),
    )


def _in_words(one: Difference) -> str:
    """What a difference in money is to who pays; a verdict for the net alone, which is judged."""
    told = numbers.direction(one)
    if one.judged or not numbers.is_clear(one) or told in numbers.PAYS.values():
        return told
    return "more" if one.difference > 0 else "less"


PARTS = ("cost_cashable_gbp", "cost_capacity_gbp")
"""The parts of what an agency pays that are measures of their own."""


def _lines(results: ResultsFolder) -> Iterator[tuple[str, Difference, bool]]:
    """What each row is called, its difference, and whether it is an agency's, made of parts."""
    groups = [one for one in results.groups(COST, "all") if ":" not in one]
    agencies = [one for one in groups if one not in ("", OWN_TIME) and pays(results, one)]
    agencies.sort(key=lambda agency: _change(results, agency))
    for agency in (*agencies, ""):
        title = name_of(agency) if agency else "All agencies, net"
        yield from ((title, one, True) for one in _of_options(results, COST, agency))
    declared = "Of that, declared for the reform itself (its posts are capacity)"
    yield from ((declared, one, False) for one in _of_options(results, "cost_of_reform_gbp", ""))
    yield from ((title, one, False) for title, one in _outcomes(results))
    own = "Apart: victims\u2019 and witnesses\u2019 own time"
    yield from ((own, one, True) for one in _of_options(results, COST, OWN_TIME))


def _outcomes(results: ResultsFolder) -> Iterator[tuple[str, Difference]]:
    """What of the differences is paid for outcomes, by those who pay and receive it, and in all."""
    agencies = dict.fromkeys(agency for paid in results.outcomes.values() for agency in paid)
    for agency in (*agencies, *([""] if agencies else [])):
        title = f"Of that, for outcomes: {name_of(agency) if agency else 'all agencies, net'}"
        values = {name: _paid(results, name, agency) for name in results.scenarios}
        for option in results.options:
            if results.outcomes.keys() & {option, results.baseline}:
                yield title, _of_values(results, option, agency, values)


def _of_options(results: ResultsFolder, kpi: str, group: str) -> Iterator[Difference]:
    for option in results.options:
        found = results.difference(option, kpi, "all", group)
        if found is not None:
            yield found


def _change(results: ResultsFolder, agency: str) -> float:
    one = results.difference(results.focus, COST, "all", agency)
    return one.difference if one is not None and math.isfinite(one.difference) else 0.0


def _with_interval(one: Difference) -> str:
    """A difference in money with its interval; one that is the same every time has none."""
    change = numbers.signed_change("gbp", one)
    same = one.never_seen or one.always_the_same or abs(one.high - one.low) < HALF_A_PENNY
    return change if same else f"{change} ({numbers.interval('gbp', one)})"


def _parts(results: ResultsFolder, whole: Difference, *, parted: bool) -> Iterator[str]:
    """The parts of an agency's difference with their intervals; empty where the run has none.

    They are those that are measures, and what is left of it, but for what is paid for outcomes.
    """
    option, agency = whole.scenario, whole.group
    found = [results.difference(option, kpi, "all", agency) if parted else None for kpi in PARTS]
    rest = {name: _rest(results, name, agency) for name in results.scenarios}
    found.append(_of_values(results, option, agency, rest) if any(found) else None)
    for one in found:
        yield "" if one is None else _with_interval(one)


def _of_values(
    results: ResultsFolder, option: str, agency: str, values: dict[str, Numbers]
) -> Difference:
    """An option's difference in a part of an agency's cost."""
    before = values[results.baseline]
    # What the sums leave of nothing would be judged as a difference.
    values = {
        name: np.where(np.abs(of - before) < HALF_A_PENNY, before, of)
        for name, of in values.items()
    }
    return results.difference_of_values(option, (COST, "all", agency), values)


def _rest(results: ResultsFolder, scenario: str, agency: str) -> Numbers:
    """What of an agency's cost is neither cashable nor capacity, nor paid for outcomes."""
    rest = results.levels(scenario, COST, "all", agency) - _paid(results, scenario, agency)
    for kpi in PARTS:
        if agency in results.groups(kpi, "all"):
            rest = rest - results.levels(scenario, kpi, "all", agency)
    return rest


def _paid(results: ResultsFolder, scenario: str, agency: str) -> Numbers:
    """What an agency, or all of them, pays for outcomes; one number for each replication."""
    paid = results.outcomes.get(scenario, {})
    pounds = paid.get(agency) if agency else together(paid.values())
    return np.zeros(results.replications) + (0.0 if pounds is None else pounds)
