"""Reports: charts and the Board page, made from a results folder alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cjsim.report.charts.published import Published


def write_report(
    results: Path,
    other: Path | None = None,
    *,
    baseline: str | None = None,
    area: str | None = None,
    published: Sequence[Published] = (),
    gallery: Path | None = None,
    allow_changed: bool = False,
    say: Callable[[str], None] = warnings.warn,
) -> Path:
    """Write the charts and board.html of a run into its folder; returns the page's path.

    `results` is a run's folder, or an experiment's folder, whose newest run is taken. The scenarios
    of an `other` run of the same model are added, `baseline` names the scenario to compare with,
    and `area` selects one of several areas. `published` are figures to compare the baseline with,
    `gallery` is the path of a Markdown page that shows the charts.
    `allow_changed` and `say` are as in `read_results`.
    Raises Faults when there are no results, or when the two runs cannot be compared.
    """
    # Drawing is slow to import, and most who import this package do not draw.
    from cjsim.experiment.hashes import Trust, discard_message
    from cjsim.experiment.results import find_results
    from cjsim.jurisdiction import using
    from cjsim.report.board.page import Extras
    from cjsim.report.data import ResultsFolder
    from cjsim.report.flow_diagram import flow_diagram_of
    from cjsim.report.inputs import Source, held_against, read_source, together
    from cjsim.report.write import write_into

    trust = Trust(say, allow_changed)

    def read(folder: Path) -> Source:
        folder_of_run = find_results(
            folder, areas=area is not None, allow_changed=allow_changed, say=discard_message
        )
        return read_source(folder_of_run, area, trust)

    source = read(results)
    if other is not None:
        source = together(source, read(other))
    if baseline is not None:
        source = held_against(source, baseline)
    with using(source.manifest.jurisdiction):
        run = ResultsFolder(source)
        extras = Extras(published=tuple(published), diagram=flow_diagram_of(run))
        return write_into(run, extras, gallery)
