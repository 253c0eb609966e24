"""Who pays and who saves: the cost table of the Board page, with payments for outcomes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from cjsim.economics.years import HALF_A_PENNY
from cjsim.formatting import numbers
from cjsim.formatting.labels import title_of
from cjsim.formatting.tables import Table
from cjsim.jurisdiction import OWN_TIME
from cjsim.report import wording
from cjsim.report.data import Numbers, ResultsFolder
from cjsim.report.difference import Difference
from cjsim.report.inputs import COST, total_payments


def pays(results: ResultsFolder, agency: str) -> bool:
    """Whether an agency pays anything, with the option or without it."""
    differences = (results.difference(option, COST, "all", agency) for option in results.options)
    return any(
        difference is not None and bool(difference.baseline or difference.value)
        for difference in differences
    )


def pays_table(results: ResultsFolder) -> Table | None:
    """Each agency's difference in cost: what could be cashed, capacity, and what could not.

    Agencies that save come first and those that pay last, as in the chart above it. Below the total
    are the declared cost of the reform, payments of funds for outcomes, and the unpaid time of
    victims and witnesses.
    """
    rows = [
        (
            title,
            results.background.labels[total.scenario],
            wording.level("gbp", total.baseline, total),
            _with_interval(total),
            *_parts(results, total, parted=parted),
            _in_words(total),
        )
        for title, total, parted in _lines(results)
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
            "Of which cashable",
            "Of which capacity, used or not",
            "Not cashable",
            "In words",
        ),
        tuple(
            tuple(numbers.without_line_break(cell.replace(" million", "m")) for cell in row)
            for row in rows
        ),
    )


def _in_words(difference: Difference) -> str:
    """A difference in money in words; only the net difference has a verdict."""
    text = wording.direction(difference)
    if difference.judged or not wording.is_clear(difference) or text in wording.PAYS.values():
        return text
    return "more" if difference.difference > 0 else "less"


PARTS = ("cost_cashable_gbp", "cost_capacity_gbp")
"""The measures that are parts of an agency's cost."""


def _lines(results: ResultsFolder) -> Iterator[tuple[str, Difference, bool]]:
    """Each row's name, its difference, and whether it divides into parts."""
    groups = [agency for agency in results.groups(COST, "all") if ":" not in agency]
    agencies = [
        agency for agency in groups if agency not in ("", OWN_TIME) and pays(results, agency)
    ]
    agencies.sort(key=lambda agency: _change(results, agency))
    for agency in (*agencies, ""):
        title = title_of(agency) if agency else "All agencies, net"
        yield from ((title, difference, True) for difference in _of_options(results, COST, agency))
    declared = "Of which the declared cost of the reform (its posts are capacity)"
    yield from (
        (declared, difference, False)
        for difference in _of_options(results, "cost_of_reform_gbp", "")
    )
    yield from ((title, difference, False) for title, difference in _outcomes(results))
    own = "Separately: victims\u2019 and witnesses\u2019 own time"
    yield from ((own, difference, True) for difference in _of_options(results, COST, OWN_TIME))


def _outcomes(results: ResultsFolder) -> Iterator[tuple[str, Difference]]:
    """The difference in payments for outcomes, for each agency and in total."""
    agencies = dict.fromkeys(agency for paid in results.outcomes.values() for agency in paid)
    for agency in (*agencies, *([""] if agencies else [])):
        title = (
            f"Of which payments for outcomes: {title_of(agency) if agency else 'all agencies, net'}"
        )
        values = {name: _paid(results, name, agency) for name in results.scenarios}
        for option in results.options:
            if results.outcomes.keys() & {option, results.baseline}:
                yield title, _of_values(results, option, agency, values)


def _of_options(results: ResultsFolder, kpi: str, group: str) -> Iterator[Difference]:
    for option in results.options:
        difference = results.difference(option, kpi, "all", group)
        if difference is not None:
            yield difference


def _change(results: ResultsFolder, agency: str) -> float:
    difference = results.difference(results.focus, COST, "all", agency)
    return (
        difference.difference
        if difference is not None and math.isfinite(difference.difference)
        else 0.0
    )


def _with_interval(difference: Difference) -> str:
    """A difference in money with its interval, if it varies between replications."""
    change = wording.signed_change("gbp", difference)
    same = (
        difference.never_seen
        or difference.always_the_same
        or abs(difference.high - difference.low) < HALF_A_PENNY
    )
    return change if same else f"{change} ({wording.interval('gbp', difference)})"


def _parts(results: ResultsFolder, total: Difference, *, parted: bool) -> Iterator[str]:
    """The parts of an agency's difference with their intervals; empty where the run has none.

    They are those that are measures, and what is left of it, but for what is paid for outcomes.
    """
    option, agency = total.scenario, total.group
    parts = [results.difference(option, kpi, "all", agency) if parted else None for kpi in PARTS]
    rest = {name: _rest(results, name, agency) for name in results.scenarios}
    parts.append(_of_values(results, option, agency, rest) if any(parts) else None)
    for part in parts:
        yield "" if part is None else _with_interval(part)


def _of_values(
    results: ResultsFolder, option: str, agency: str, values: dict[str, Numbers]
) -> Difference:
    """An option's difference in a part of an agency's cost."""
    before = values[results.baseline]
    # Rounding errors of the sums are not a difference.
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
    pounds = paid.get(agency) if agency else total_payments(paid.values())
    return np.zeros(results.replications) + (0.0 if pounds is None else pounds)
