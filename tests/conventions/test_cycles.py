"""Modules of cjsim do not import each other in a cycle. Imports for types alone count as well."""

from __future__ import annotations

from collections import Counter, defaultdict

import grimp
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

JOURNEY = "cjsim.england_wales.journey."
"""Steps of the journey lead to each other, so their modules may form a cycle."""

IN_CYCLES = {
    "case": 2,
    "england_wales": 5,
    "listing": 3,
    "measures": 3,
    "schema": 2,
    "simulation": 2,
}
"""How many modules of each package are in a cycle. Lower a number when a cycle goes; raise none."""


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Which module of cjsim imports which."""
    return grimp.build_graph("cjsim", cache_dir=None)


def cycles(imports: grimp.ImportGraph) -> list[set[str]]:
    """The groups of modules that import each other, directly or through others."""
    modules = sorted(imports.modules - {"cjsim"})
    row_of = {module: row for row, module in enumerate(modules)}
    pairs = [
        (row_of[module], row_of[imported])
        for module in modules
        for imported in imports.find_modules_directly_imported_by(module)
        if imported in row_of
    ]
    rows, columns = zip(*pairs, strict=True)
    graph = coo_array(([True] * len(pairs), (rows, columns)), shape=(len(modules),) * 2)
    _, labels = connected_components(graph, directed=True, connection="strong")
    groups: dict[int, set[str]] = defaultdict(set)
    for module, label in zip(modules, labels, strict=True):
        groups[label].add(module)
    return [group for group in groups.values() if len(group) > 1]


def cycles_outside_the_journey(imports: grimp.ImportGraph) -> list[set[str]]:
    """All cycles but those among the steps of the journey alone."""
    return [
        cycle
        for cycle in cycles(imports)
        if not all(module.startswith(JOURNEY) for module in cycle)
    ]


def test_no_cycle_leaves_its_package(imports: grimp.ImportGraph) -> None:
    for cycle in cycles_outside_the_journey(imports):
        assert len({module.split(".")[1] for module in cycle}) == 1, sorted(cycle)


def test_import_cycles_only_become_fewer(imports: grimp.ImportGraph) -> None:
    remaining = cycles_outside_the_journey(imports)
    count = Counter(module.split(".")[1] for cycle in remaining for module in cycle)
    assert count <= Counter(IN_CYCLES), sorted(map(sorted, remaining))


def test_a_cycle_is_found() -> None:
    imports = grimp.ImportGraph()
    imports.add_import(importer="cjsim.a", imported="cjsim.b")
    imports.add_import(importer="cjsim.b", imported="cjsim.c")
    assert cycles(imports) == []
    imports.add_import(importer="cjsim.c", imported="cjsim.a")
    assert cycles(imports) == [{"cjsim.a", "cjsim.b", "cjsim.c"}]
