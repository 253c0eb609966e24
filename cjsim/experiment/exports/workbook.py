"""Results as a workbook that people and screen readers can find their way in.

As the Government Analysis Function asks: a sheet that says what there is, on each sheet a title, a
line that says what is on it, and one marked table without gaps or merged cells; no meaning in
colour alone; nothing that runs.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.errors import Fault, Faults
from cjsim.experiment.manifest_records import AskedRecord
from cjsim.measures.registry import measure_named
from cjsim.storage.plain import PlainRow

if TYPE_CHECKING:
    from cjsim.experiment.results import Results

MOST_ROWS: Final = 1_048_576
"""As many rows as a sheet can have."""

NUMBERS: Final = {"share": "0.0%", "GBP": "#,##0", "": "#,##0.000"}
"""How a number of each unit is shown; the cell holds all of its digits."""

WIDEST: Final = 60

READ_FIRST: Final = (
    "The differences are a model's, under its assumptions. The intervals show the play of chance "
    "between replications, not how wrong the assumptions may be."
)

Cells = Sequence[Sequence[object]]


def write_workbook(results: Results, file: BinaryIO) -> None:
    """Write the comparison and the measures into a file. Raises Faults without XlsxWriter."""
    try:
        import xlsxwriter
    except ImportError:
        wrong = "a workbook needs the package XlsxWriter, which is not installed."
        remedy = 'Install it with pip install "cjsim[export]", or take --format csv.'
        raise Faults([Fault("--format xlsx", "", wrong, remedy)]) from None
    about = results.metadata.experiment
    # It writes into memory, so that an error of the disk is one of the file's own.
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    )
    book.set_properties(
        {
            "title": about.title,
            "subject": about.question,
            "author": about.owner,
            "comments": f"Run {results.metadata.run_id}, written by cjsim.",
            # The day of the study, not of the writing: the same results give the same bytes.
            "created": dt.datetime.combine(results.metadata.study_from, dt.time()),
        }
    )
    sheets = _sheets(results)
    writer = _Writer(book)
    writer.contents(about, sheets, results)
    for sheet in sheets:
        writer.table(*sheet)
    book.close()
    file.write(content.getbuffer())


Sheet = tuple[str, str, Sequence[str], Cells, Mapping[int, int]]
"""Name, what is on it, headings, rows, and which columns are numbers in the unit of which other."""


def _sheets(results: Results) -> list[Sheet]:
    label = results.metadata.labels
    rows = results.comparison.to_pylist()
    watched = [row for kpi in results.watched for row in rows if row["kpi"] == kpi]
    columns = (
        "kpi",
        "court",
        "group",
        "scenario",
        "unit",
        "baseline",
        "value",
        "difference",
        "low",
        "high",
        "per_cent",
        "verdict",
        "probability_better",
        "probability_best",
        "n",
        "confidence",
    )
    headings = (
        "Measure",
        "Court",
        "Group",
        "Scenario",
        "Unit",
        "Baseline",
        "Scenario's value",
        "Difference",
        "Interval from",
        "Interval to",
        "Per cent",
        "In words",
        "Better in (share)",
        "Best in (share)",
        "Replications",
        "Level of the interval",
    )
    numbers = dict.fromkeys(range(5, 10), 4)

    def cells(of: Sequence[PlainRow]) -> Cells:
        return [
            [
                label.get(row[name], row[name]) if name == "scenario" else row[name]
                for name in columns
            ]
            for row in of
        ]

    whole = results.kpis.filter(pc.equal(results.kpis.column("period"), "all"))
    names = ("scenario", "replication", "kpi", "court", "group", "value", "unit")
    levels = [[row[name] for name in names] for row in whole.select(names).to_pylist()]
    used = {row["kpi"] for row in rows} | set(pc.unique(whole.column("kpi")).to_pylist())
    areas = _sheets_of_areas(results, names)
    known = [
        (name, one.unit, one.better, one.definition)
        for name in sorted(used)
        if (one := measure_named(name)) is not None
    ]
    return [
        (
            "Watched",
            "The measures that are watched: differences from the baseline, paired.",
            headings,
            cells(watched),
            numbers,
        ),
        (
            "All differences",
            "Every measure: differences from the baseline, paired.",
            headings,
            cells(rows),
            numbers,
        ),
        (
            "Replications",
            "Every measure of the whole period, replication by replication.",
            ("Scenario", "Replication", "Measure", "Court", "Group", "Value", "Unit"),
            levels[: MOST_ROWS - 10],
            {5: 6},
        ),
        *areas,
        (
            "Measures",
            "What each measure means.",
            ("Measure", "Unit", "Better when", "Definition"),
            known,
            {},
        ),
    ]


def _sheets_of_areas(results: Results, names: Sequence[str]) -> list[Sheet]:
    """How large each area is, and the measures of each; of a great many areas those watched."""
    sizes = results.metadata.areas
    if sizes is None or results.by_area is None:
        return []
    whole = results.by_area.filter(pc.equal(results.by_area.column("period"), "all"))
    says = "Every measure of the whole period, area by area."
    if whole.num_rows > MOST_ROWS - 10:
        whole = whole.filter(pc.is_in(whole.column("kpi"), pa.array(results.watched, pa.string())))
        says = "The measures that are watched, area by area: all of them are too many for a sheet."
    title = results.areas
    rows = [
        [title[row["area"]], *(row[name] for name in names)]
        for row in whole.select(["area", *names]).to_pylist()
    ]
    return [
        (
            "Areas",
            f"The areas that ran side by side, by {sizes.unit}.",
            ("Area", "Name", "Size", "Times the model"),
            [[area.title, name, area.size, sizes.scale(name)] for name, area in sizes.of.items()],
            {},
        ),
        (
            "Areas one by one",
            f"{says} A median, a share or a rate has no total over areas.",
            ("Area", "Scenario", "Replication", "Measure", "Court", "Group", "Value", "Unit"),
            rows[: MOST_ROWS - 10],
            {6: 7},
        ),
    ]


class _Writer:
    """A workbook in the making, and its formats."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._title = book.add_format({"bold": True, "font_size": 15})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self._units = {unit: book.add_format({"num_format": how}) for unit, how in NUMBERS.items()}
        self._tables = 0

    def contents(self, about: AskedRecord, sheets: Sequence[Sheet], results: Results) -> None:
        """The first sheet: what was asked, how it was run, and what is where."""
        metadata = results.metadata
        rows = [
            ("Question", about.question),
            ("Owner", about.owner),
            ("Period", metadata.period),
            *([("Area", results.place)] if results.place else []),
            ("Replications", str(metadata.replications)),
            ("Seed", str(metadata.seed)),
            ("Run", metadata.run_id),
            *(("Scenario", scenario.label) for scenario in metadata.scenarios),
            *(("Note", notice) for notice in metadata.notices),
            *((f"Sheet: {sheet[0]}", sheet[1]) for sheet in sheets),
            ("Read first", READ_FIRST),
        ]
        self._sheet(
            "Contents",
            about.title,
            "What was asked, and what this workbook holds.",
            ("What", "Answer"),
            rows,
            {},
        )

    def table(
        self, name: str, says: str, headings: Sequence[str], rows: Cells, units: Mapping[int, int]
    ) -> None:
        """A sheet with a title, a line about it, and one table."""
        self._sheet(name, name, says, headings, rows, units)

    def _sheet(
        self,
        name: str,
        title: str,
        says: str,
        headings: Sequence[str],
        rows: Cells,
        units: Mapping[int, int],
    ) -> None:
        sheet = self._book.add_worksheet(name)
        sheet.write_string(0, 0, title, self._title)
        sheet.write_string(1, 0, f"{says} This sheet holds one table.")
        self._tables += 1
        for number, row in enumerate(rows, start=3):
            for place, value in enumerate(row):
                unit = row[units[place]] if place in units else ""
                self._cell(sheet, number, place, value, str(unit))
        sheet.add_table(
            2,
            0,
            2 + max(1, len(rows)),
            len(headings) - 1,
            {
                "name": f"table_{self._tables}",
                "columns": [{"header": heading} for heading in headings],
                "style": "Table Style Light 1",
                "banded_rows": False,
            },
        )
        for place, heading in enumerate(headings):
            longest = max([len(heading) + 3, *(_width(row[place]) for row in rows[:2000])])
            sheet.set_column(place, place, min(longest, WIDEST) + 1)
        sheet.freeze_panes(3, 0)

    def _cell(self, sheet: Any, number: int, place: int, value: object, unit: str) -> None:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            sheet.write_string(number, place, "")
        elif isinstance(value, str):
            sheet.write_string(number, place, value, self._wrap if len(value) > WIDEST else None)
        else:
            shown = self._units.get(unit, self._units[""]) if isinstance(value, float) else None
            sheet.write_number(number, place, value, shown)


def _width(value: object) -> int:
    return len(value) if isinstance(value, str) else 10
