"""A comparison is the same on every processor: no sum of it is left to BLAS or to wider vectors."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

COMPARED = """
import hashlib
import sys

import numpy as np
import pyarrow as pa

from cjsim.measures import compare

luck = np.random.default_rng(20130409)
rows = []
for measure in range(60):
    before = luck.normal(50, 10, 30)
    for scenario, scale, noise in (("baseline", 1.0, 0.0), ("close", 1.1, 0.0), ("far", 0.9, 4.0)):
        seen = luck.random(30) < 0.1 * (measure % 11)
        after = scale * before + noise * luck.normal(size=30) * seen
        rows += [
            {"scenario": scenario, "replication": n, "kpi": "cost_gbp", "court": "all",
             "group": f"m{measure}", "period": "all", "value": float(value), "unit": "GBP"}
            for n, value in enumerate(after)
        ]
table = compare(pa.Table.from_pylist(rows))
told = "\\n".join(f"{name} {table[name].to_pylist()!r}" for name in table.column_names)
print(hashlib.sha256(told.encode()).hexdigest())
"""


def compared(**environment: str) -> str:
    """The hash of a comparison that is made under these environment variables."""
    done = subprocess.run(
        [sys.executable, "-c", COMPARED],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_a_comparison_has_the_same_numbers_with_the_kernels_of_an_older_processor() -> None:
    dispatched = np._core._multiarray_umath.__cpu_dispatch__  # type: ignore[attr-defined]
    here = compared()
    assert compared(OPENBLAS_CORETYPE="Nehalem") == here
    assert compared(NPY_DISABLE_CPU_FEATURES=" ".join(dispatched)) == here
    assert compared(OPENBLAS_CORETYPE="Nehalem", OPENBLAS_NUM_THREADS="1") == here
