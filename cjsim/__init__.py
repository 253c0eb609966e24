"""cjsim: an open simulator of a criminal justice system, from arrest to disposal.

The few names that a notebook needs; each is fetched when it is first asked for, so that
`import cjsim` costs nothing.

    import cjsim
    folder = cjsim.run("experiments/prosecute_not_process.toml", replications=4)
    results = cjsim.read_results(folder)
    results.kpis.to_pydict()
    cjsim.compare(folder, baseline="baseline")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cjsim.calibration.fitting.fit import fit_published as fit
    from cjsim.experiment.results import Results, compare, read_results
    from cjsim.experiment.run import run_experiment as run
    from cjsim.scenarios.load import load_experiment, load_model

__version__ = "0.1.0"

__all__ = [
    "Results",
    "__version__",
    "compare",
    "fit",
    "load_experiment",
    "load_model",
    "read_results",
    "run",
]

_WHERE: Final[dict[str, tuple[str, str]]] = {
    "Results": ("cjsim.experiment.results", "Results"),
    "compare": ("cjsim.experiment.results", "compare"),
    "fit": ("cjsim.calibration.fitting.fit", "fit_published"),
    "load_experiment": ("cjsim.scenarios.load", "load_experiment"),
    "load_model": ("cjsim.scenarios.load", "load_model"),
    "read_results": ("cjsim.experiment.results", "read_results"),
    "run": ("cjsim.experiment.run", "run_experiment"),
}


def __getattr__(name: str) -> Any:
    """Fetch one of the names above when it is first used."""
    if name not in _WHERE:
        raise AttributeError(f"module 'cjsim' has no attribute {name!r}")
    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
