"""cjsim: an open simulator of a criminal justice system, from arrest to disposal.

The names below are the public interface: they are stable, and everything else may change between
releases (`docs/how_to/use_from_python.md`). Each is imported when it is first used, so that
`import cjsim` takes no time.

    import cjsim
    folder = cjsim.run("experiments/prosecute_not_process.toml", replications=4)
    results = cjsim.read_results(folder)
    results.kpis.to_pydict()
    cjsim.compare(folder, baseline="baseline")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cjsim.calibration.fitting.fit import fit_published as fit
    from cjsim.errors import Error, Faults
    from cjsim.experiment.check import check_files as check
    from cjsim.experiment.results import Results, compare, read_results
    from cjsim.experiment.run import run_experiment as run
    from cjsim.experiment.verification.verify import verify
    from cjsim.measures.measure_table import MeasureTable
    from cjsim.report import write_report
    from cjsim.scenarios.load import load_experiment, load_model
    from cjsim.schema.model import Model
    from cjsim.simulation.simulate import simulate
    from cjsim.trace.trace import trace as trace_case

__version__ = "0.1.0"

__all__ = [
    "Error",
    "Faults",
    "MeasureTable",
    "Model",
    "Results",
    "__version__",
    "check",
    "compare",
    "fit",
    "load_experiment",
    "load_model",
    "read_results",
    "run",
    "simulate",
    "trace_case",
    "verify",
    "write_report",
]

_WHERE: Final[dict[str, tuple[str, str]]] = {
    "Error": ("cjsim.errors", "Error"),
    "Faults": ("cjsim.errors", "Faults"),
    "MeasureTable": ("cjsim.measures.measure_table", "MeasureTable"),
    "Model": ("cjsim.schema.model", "Model"),
    "Results": ("cjsim.experiment.results", "Results"),
    "check": ("cjsim.experiment.check", "check_files"),
    "compare": ("cjsim.experiment.results", "compare"),
    "fit": ("cjsim.calibration.fitting.fit", "fit_published"),
    "load_experiment": ("cjsim.scenarios.load", "load_experiment"),
    "load_model": ("cjsim.scenarios.load", "load_model"),
    "read_results": ("cjsim.experiment.results", "read_results"),
    "run": ("cjsim.experiment.run", "run_experiment"),
    "simulate": ("cjsim.simulation.simulate", "simulate"),
    "trace_case": ("cjsim.trace.trace", "trace"),
    "verify": ("cjsim.experiment.verification.verify", "verify"),
    "write_report": ("cjsim.report", "write_report"),
}


def __getattr__(name: str) -> object:
    """Fetch one of the names above when it is first used."""
    if name not in _WHERE:
        raise AttributeError(f"module 'cjsim' has no attribute {name!r}")
    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
