"""Results shown: charts and the page for the Board, read from a results folder and nothing else."""

from __future__ import annotations

from pathlib import Path


def write_report(results: Path) -> Path:
    """Write the charts and board.html of a run into its folder; returns the page's path.

    `results` is a run's folder, or an experiment's folder, whose newest run is taken. Raises Faults
    when there are no results.
    """
    # Drawing is slow to import, and most who import this package do not draw.
    from cjsim.experiment.results import find_results
    from cjsim.report.write import write_into

    return write_into(find_results(results))
