"""Other unit costs than those of the run: a file of them, and another price base."""

from __future__ import annotations

from pathlib import Path

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.schema.base import Number, Spec
from cjsim.schema.checks.whole_model import check
from cjsim.schema.costs import Costs, UnitCost
from cjsim.schema.files import Document, Places, read_toml, shown_path
from cjsim.schema.folder import validate_parts
from cjsim.schema.model import Model
from cjsim.schema.register import register_near


class _File(Spec):
    """A file of unit costs: the tables of a model's costs.toml."""

    costs: Costs


def read_costs(file: Path, model: Model) -> Costs:
    """The costs of a file, held against the model that they are to price. Raises Faults."""
    document = read_toml(file)
    if not isinstance(document, Document):
        raise Faults([document])
    places = Places(shown_path(file), [document])
    found, wrong, _ = validate_parts(_File, document.data, ())
    if found is None:
        raise Faults(places.fault(one.at, one.wrong, one.remedy) for one in wrong)
    costs: Costs = found.costs
    priced = model.model_copy(update={"costs": costs})
    register = register_near(file.parent)
    misfits = [one for one in check(priced, register=register) if one.at[0] == "costs"]
    if misfits:
        raise Faults(places.fault(one.at, one.wrong, one.remedy) for one in misfits)
    return costs


def with_costs(models: dict[str, Model], costs: Costs, file: Path) -> dict[str, Model]:
    """The models with other costs; what a scenario declares, and the prices it sets, stay.

    Raises Faults when a scenario sets the price of something that the file does not cost.
    """
    baseline = next(iter(models.values()))
    new = {}
    faults = []
    for name, model in models.items():
        units = dict(costs.units)
        for word, unit in model.costs.units.items():
            before = baseline.costs.units.get(word)
            if before is None or unit == before:
                continue
            if word not in units:
                wrong = f'scenario "{name}" sets its price, and this file has no such unit cost.'
                remedy = did_you_mean(word, list(units))
                faults.append(Fault(shown_path(file), f"costs.units.{word}", wrong, remedy))
                continue
            units[word] = _with_prices_set(units[word], before, unit)
        whole = costs.model_copy(update={"units": units, "declared": model.costs.declared})
        new[name] = model.model_copy(update={"costs": whole})
    faults += _declared_years(new, file)
    if faults:
        raise Faults(faults)
    return new


def _with_prices_set(unit: UnitCost, before: UnitCost, after: UnitCost) -> UnitCost:
    """A unit cost with the dated prices that a scenario sets beyond the baseline's."""
    own = [change for change in after.gbp.changes if change not in before.gbp.changes]
    changes = sorted([*unit.gbp.changes, *own], key=lambda one: (one.from_, one.area or ""))
    gbp: Number = unit.gbp.model_copy(update={"changes": tuple(changes)})
    return unit.model_copy(update={"gbp": gbp})


def _declared_years(models: dict[str, Model], file: Path) -> list[Fault]:
    faults = []
    for model in models.values():
        for declared in model.costs.declared:
            if declared.price_year not in model.costs.deflator:
                wrong = (
                    f'the deflator has no year "{declared.price_year}", in which scenario '
                    f'"{declared.scenario}" declares the cost of "{declared.line}".'
                )
                faults.append(Fault(shown_path(file), "costs.deflator", wrong, "Add it."))
    return faults


def in_prices_of(models: dict[str, Model], year: str) -> dict[str, Model]:
    """The models in another price base. Raises Faults when the deflator has no such year."""
    known = list(next(iter(models.values())).costs.deflator)
    if year not in known:
        wrong = f'the deflator has no year "{year}".'
        raise Faults([Fault("--price-base", "", wrong, f"Known: {', '.join(known)}.")])
    return {
        name: model.model_copy(
            update={"costs": model.costs.model_copy(update={"price_base": year})}
        )
        for name, model in models.items()
    }
