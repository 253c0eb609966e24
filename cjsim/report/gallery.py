"""The gallery: every chart of a real run on one page of the guide, and the flow diagram."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from cjsim.formatting.words import counted
from cjsim.report.board.page import FlowDiagram
from cjsim.report.chart import Chart
from cjsim.report.data import ResultsFolder
from cjsim.storage.outputs import output_folder, write_output
from cjsim.storage.whole import write_bytes

SHOWS = {
    "options": "All options compared, headline by headline.",
    "differences": "Every watched measure against the baseline, in per cent of its level; the grey "
    "band holds differences that are too small to matter.",
    "open_caseload": "The backlog month by month: its median, and bands that hold 50% and 90% of "
    "the replications.",
    "shock": "A shock and its backlog.",
    "backlog_chance": "The probability that the backlog is below a level by a date.",
    "stages": "Where cases go, of every 1,000 that end.",
    "trial_outcomes": "How trials end, and why they do not go ahead.",
    "victims": "Victims and witnesses.",
    "victim_duties": "Contacts owed to victims: in time, late and missed.",
    "utilisation": "How much of each capacity is used, and where the bottleneck is.",
    "cost_by_agency": "Who pays and who saves: a bridge from the baseline to the option.",
    "tornado": "Sensitivity analysis: the inputs that change the result most.",
    "against_published": "The baseline beside published figures.",
    "early_guilty_pleas": "Early guilty pleas by month and division.",
    "adjournments": "Why hearings are adjourned.",
}
"""What each kind of chart is for."""


def write_gallery(
    page: Path,
    results: ResultsFolder,
    charts: Sequence[Chart],
    drawn: Path,
    diagram: FlowDiagram | None,
) -> None:
    """Write a Markdown page of the charts in the folder `drawn`, and copy their pictures.

    Pictures go to images/gallery/ below the page's folder; those of an earlier gallery go.
    """
    about = results.background
    pictures = page.parent / "images" / "gallery"
    shown = [chart for chart in charts if chart.key in SHOWS]
    runs = counted(results.replications, "replication")
    lines = [
        "# A gallery of charts",
        "",
        f"The charts of one run of \u201c{_plain(about.title)}\u201d: {about.area},",
        f"{about.period}, {runs}, run `{about.run_id}`.",
        "`cjsim report` writes each of them as SVG, PNG and CSV; titles and the texts under the",
        "pictures are written from the data. The numbers are an example, not a finding.",
        "",
    ]
    for chart in shown:
        shows = SHOWS[chart.key]
        heading = re.split("[,:;]", shows)[0].rstrip(".")
        lines += [
            f"## {heading}",
            "",
            *([shows, ""] if shows.rstrip(".") != heading else []),
            f"![{_plain(chart.title)}](images/gallery/{chart.key}.svg)",
            "",
            _plain(chart.alternative),
            "",
        ]
    if diagram is not None:
        lines += [
            "## The steps of a case",
            "",
            "![The steps of a case](images/gallery/flow_diagram.svg)",
            "",
            "Drawn from the code of the journey, step by step, with shares and waits from the log.",
            "",
        ]
    names = [f"{chart.key}.svg" for chart in shown] + (["flow_diagram.svg"] if diagram else [])
    with output_folder(pictures, "gallery", names) as partial:
        for name in names:
            write_bytes((drawn / name).read_bytes(), partial / name)
    write_output("\n".join(lines), page, "gallery")


def _plain(text: str) -> str:
    """A text whose brackets and the like Markdown does not read as its own."""
    for sign in "\\`*_[]<>":
        text = text.replace(sign, "\\" + sign)
    return text
