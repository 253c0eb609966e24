"""Reading what people wrote: a model folder or an experiment, or else every fault in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cjsim.errors import Fault, Faults
from cjsim.jurisdiction import Jurisdiction, in_use, using
from cjsim.scenarios.imported_scenarios import import_scenarios
from cjsim.scenarios.resolve import resolve_with_faults
from cjsim.schema.experiment import Experiment, check_experiment
from cjsim.schema.files import Document, Places, read_toml, shown_path
from cjsim.schema.folder import jurisdiction_in, read_model, validate_parts
from cjsim.schema.messages import without_echoes
from cjsim.schema.model import Model
from cjsim.schema.register import register_and_faults

# A faulty setting, or else a faulty scenario, is set aside, so that the rest can still be checked.
_ENTRIES: Final = (("scenarios", "*", "set"), ("scenarios",), ("report",))


def load_model(folder: Path | str) -> Model:
    """The model that the TOML files of a folder make together.

    Raises Faults with every fault of every file.
    """
    reading = read_model(Path(folder))
    if reading.faults or reading.model is None:
        raise Faults(reading.faults)
    return reading.model


def load_experiment(path: Path | str) -> Experiment:
    """An experiment whose scenarios are known to resolve to whole, checked models.

    Raises Faults with every fault of the experiment and of the model that it runs.
    """
    path = Path(path)
    if not path.is_file():
        wrong, remedy = "there is no such file.", "Check the path."
        if path.is_dir():
            wrong, remedy = "this is a folder.", "An experiment is one TOML file."
        raise Faults([Fault(shown_path(path), "", wrong, remedy)])
    document = read_toml(path)
    if isinstance(document, Fault):
        raise Faults([document])
    with using(_jurisdiction_of(document.data, path)):
        return _checked_experiment(document, path)


def _checked_experiment(document: Document, path: Path) -> Experiment:
    places = Places(document.shown, [document])
    experiment, found, set_aside = validate_parts(Experiment, document.data, _ENTRIES)
    faults: list[Fault] = []
    if experiment is None:
        faults += _model_faults(document.data, path)
    else:
        experiment, wrong_uses, of_others = import_scenarios(experiment.read_from(path))
        found += wrong_uses
        faults += of_others
        scenarios = frozenset(str(at[1]) for at in set_aside if len(at) == 2)
        register, of_register = register_and_faults(experiment.path.parent)
        faults += of_register
        found += check_experiment(experiment, scenarios, register)
        faults += resolve_with_faults(experiment, document)[1]
    faults += [
        places.fault(problem.at, problem.wrong, problem.remedy) for problem in without_echoes(found)
    ]
    if faults or experiment is None:
        raise Faults(faults)
    return experiment


def _model_faults(data: dict[str, object], path: Path) -> tuple[Fault, ...]:
    """The faults of the model that an experiment names, if it names one at all."""
    folder = _model_folder(data, path)
    return () if folder is None else read_model(folder).faults


def _jurisdiction_of(data: dict[str, object], path: Path) -> Jurisdiction:
    """The jurisdiction of the model that an experiment names."""
    folder = _model_folder(data, path)
    return in_use() if folder is None else jurisdiction_in(folder)


def _model_folder(data: dict[str, object], path: Path) -> Path | None:
    run = data.get("run")
    folder = run.get("model") if isinstance(run, dict) else None
    return path.parent / folder if isinstance(folder, str) and folder else None


__all__ = ["Experiment", "Model", "load_experiment", "load_model"]
