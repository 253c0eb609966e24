"""The identity of results counts every module and library that can change one."""

from __future__ import annotations

import sys

import grimp
import pytest

from cjsim.identity import LIBRARIES, NOT_IN_RESULTS

RESULTS_ARE_MADE_BY = (
    "cjsim.experiment.run",
    "cjsim.experiment.shared_prefix",
    "cjsim.experiment.snapshot",
    "cjsim.experiment.designs.sweep",
    "cjsim.experiment.designs.sensitivity",
    "cjsim.experiment.designs.uncertainty",
    "cjsim.experiment.designs.ensemble",
    "cjsim.economics.costing",
    "cjsim.reforms.quick_runs",
    "cjsim.calibration.backcast.run",
    "cjsim.calibration.history_matching.history",
    "cjsim.calibration.history_matching.results",
)

CHANGE_NO_RESULT = {
    "distributed": "carries tasks to workers, which compare identities",
    "rich": "draws tables on a terminal",
    "sklearn": "is in the plan of a calibration, whose search alone uses it",
    "threadpoolctl": "holds the emulator of a calibration to one thread",
}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(
        "cjsim",
        include_external_packages=True,
        exclude_type_checking_imports=True,
        cache_dir=None,
    )


def behind(imports: grimp.ImportGraph) -> set[str]:
    """Every module that some maker of results imports, directly or not."""
    reached = [imports.find_upstream_modules(module) for module in RESULTS_ARE_MADE_BY]
    return set(RESULTS_ARE_MADE_BY).union(*reached)


def test_nothing_that_makes_results_imports_what_is_left_out_of_the_digest(
    imports: grimp.ImportGraph,
) -> None:
    left_out = {f"cjsim.{name.removesuffix('.py')}" for name in NOT_IN_RESULTS}
    makers = {module for module in behind(imports) if module.startswith("cjsim")}
    assert {module for module in makers if ".".join(module.split(".")[:2]) in left_out} == set()


def test_every_library_that_makes_results_is_in_the_environment(imports: grimp.ImportGraph) -> None:
    outside = {
        module
        for module in behind(imports)
        if not module.startswith("cjsim") and module not in sys.stdlib_module_names
    }
    assert outside - CHANGE_NO_RESULT.keys() == set(LIBRARIES)
