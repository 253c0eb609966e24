"""The columns of an extract, the lengths of time between them, and the columns file.

cjsim has thirteen standard columns and six lengths. A file given with `--columns` maps the names of
an extract to them, sets its date format, and adds further lengths.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.jurisdiction import vocabulary
from cjsim.schema.base import Name, Spec
from cjsim.schema.files import dotted, read_toml, shown_path
from cjsim.schema.messages import problems

Unit = Literal["hours", "days"]
Kind = Literal["word", "group", "day", "time", "days"]
"""The kind of a column: any word, an offence group, a day, a day and time, a number of days."""


@dataclass(frozen=True)
class Length:
    """One length of time: the columns in which it begins and ends, and its unit."""

    name: str
    title: str
    begins: str
    ends: str
    unit: Unit

    @property
    def is_counted(self) -> bool:
        """Whether the extract gives the number of days in place of two dates."""
        return not self.begins


LENGTHS: Final[tuple[Length, ...]] = (
    Length("detention", "Time in police detention", "custody_arrived", "custody_left", "hours"),
    Length("pre_charge_bail", "Pre-charge bail", "bailed", "bail_ended", "days"),
    Length("charge_to_first_listing", "Charge to first listing", "charged", "first_listed", "days"),
    Length(
        "first_listing_to_completion",
        "First listing to completion at magistrates' courts",
        "first_listed",
        "magistrates_completed",
        "days",
    ),
    Length(
        "crown_receipt_to_completion",
        "Time at the Crown Court",
        "received_crown",
        "crown_completed",
        "days",
    ),
    Length("crown_trial_length", "Length of a Crown Court trial", "", "crown_trial_days", "days"),
)

COLUMNS: Final[Mapping[str, str]] = {
    "case": "any name for the row; never written out",
    "offence_group": f"one of {', '.join(vocabulary().offence_groups)}",
    "custody_arrived": "day and time of arrival in the custody suite",
    "custody_left": "day and time of release or transfer",
    "bailed": "day of release on bail before charge",
    "bail_ended": "day on which that bail ended",
    "charged": "day of charge, or of laying the information",
    "first_listed": "day of the first hearing",
    "magistrates_completed": "day on which the magistrates' court finished with the case",
    "received_crown": "day of receipt by the Crown Court",
    "crown_completed": "day of completion in the Crown Court",
    "crown_trial_days": "days on which the trial sat, a whole number",
    "ended": "day on which the case ended or left observation before its next step, if it did",
}
"""Every standard column and its content."""

MOST_COLUMNS: Final = 200
_KINDS: Final[Mapping[str, Kind]] = {
    "case": "word",
    "offence_group": "group",
    "custody_arrived": "time",
    "custody_left": "time",
    "crown_trial_days": "days",
}
_FEW: Final = 12
_PLAIN_NAME: Final = re.compile(r"[^\W\d][\w .()/-]{0,39}")
_A_DATE: Final = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")
_DAY_PARTS: Final = (("%Y", "%y"), ("%m", "%b", "%B", "%j"), ("%d", "%j"))
_WHOLE_PARTS: Final = ("%x", "%c", "%D", "%F")

ColumnName = Annotated[str, Field(min_length=1, max_length=200)]


class DeclaredLength(Spec):
    """A further length of time, between two columns of days."""

    from_: ColumnName = Field(alias="from", description="the column in which it begins")
    to: ColumnName = Field(description="the column in which it ends")
    title: str = Field(min_length=1, max_length=80, description="what the report calls it")
    unit: Unit = Field(description="hours, or days")

    @model_validator(mode="after")
    def _has_two_ends(self) -> Self:
        if self.from_ == self.to:
            raise Slip("it begins and ends in the same column.", "Name two columns.", ("to",))
        return self


class ColumnsFile(Spec):
    """A columns file: names of columns, the date format, and further lengths.

    `columns` maps the standard names to those of the extract; `unused` are columns to ignore.
    """

    columns: dict[str, ColumnName] = Field(
        default={}, description="the extract's name of each column"
    )
    lengths: dict[Name, DeclaredLength] = Field(default={}, description="further lengths of time")
    date_format: str | None = Field(default=None, description="how days are written, as %d/%m/%Y")
    unused: tuple[ColumnName, ...] = Field(default=(), description="columns to pass over")

    @model_validator(mode="after")
    def _names_what_is_known(self) -> Self:
        own = {end for each in self.lengths.values() for end in (each.from_, each.to)}
        for name in self.columns:
            if name not in COLUMNS and name not in own:
                near = did_you_mean(name, list(COLUMNS))
                raise Slip("this is not a standard column of cjsim.", near, ("columns", name))
        for name in self.lengths:
            if name in {length.name for length in LENGTHS} or name == "report":
                raise Slip("this name is taken.", "Give the length another.", ("lengths", name))
        twice = [name for name in self.columns.values() if [*self.columns.values()].count(name) > 1]
        if twice:
            wrong = "two columns are read from one column of the extract."
            raise Slip(wrong, "Name another for one of them.", ("columns",))
        if self.date_format is not None and (slip := wrong_format(self.date_format)):
            raise Slip(*slip, ("date_format",))
        return self


@dataclass(frozen=True)
class Layout:
    """The layout of an extract.

    `names` holds the standard name of each column in order, "" for one to ignore; `kinds` the kind
    of each name; `lengths` all lengths with both columns.
    """

    names: tuple[str, ...]
    kinds: Mapping[str, Kind]
    lengths: tuple[Length, ...]
    date_format: str | None = None


def wrong_format(text: str) -> tuple[str, str] | None:
    """The problem with a date format, and its fix; None for a good one."""
    is_ready_made = any(part in text for part in _WHOLE_PARTS)
    if is_ready_made or not all(
        any(part in text for part in components) for components in _DAY_PARTS
    ):
        wrong = "a date format needs a year, a month and a day."
        return wrong, 'Write "%d/%m/%Y" for 31/10/2013, "%d %b %Y %H:%M" for 31 Oct 2013 14:30.'
    return None


def read_columns_file(path: Path) -> ColumnsFile:
    """Read a columns file. Raises Faults with every fault."""
    document = read_toml(path)
    if isinstance(document, Fault):
        raise Faults([document])
    try:
        return ColumnsFile.model_validate(document.data)
    except ValidationError as error:
        raise Faults(
            Fault(shown_path(path), dotted(problem.at), problem.wrong, problem.remedy)
            for problem in problems(error, document.data, ColumnsFile)
        ) from error


def layout_of(
    header: list[str], file: str, columns: ColumnsFile | None = None, date_format: str | None = None
) -> Layout:
    """The layout of an extract with this first line. Raises Faults with every fault of it."""
    columns = columns or ColumnsFile()
    header = [name.strip() for name in header]
    declared = tuple(
        Length(name, each.title, each.from_, each.to, each.unit)
        for name, each in columns.lengths.items()
    )
    lengths = (*LENGTHS, *declared)
    own = {theirs: ours for ours, theirs in columns.columns.items()}
    names = [own.get(name, name) for name in header]
    kinds: dict[str, Kind] = {name: _KINDS.get(name, "day") for name in COLUMNS}
    for length in declared:
        for end in (length.begins, length.ends):
            kinds[end] = "time" if length.unit == "hours" else kinds.get(end, "day")
    faults = [
        Fault(file, f"line 1{where}", wrong, remedy)
        for where, wrong, remedy in _faults_of_header(header, names, kinds, lengths, columns)
    ]
    if faults:
        raise Faults(faults)
    wanted = tuple(name if name in kinds else "" for name in names)
    present = tuple(
        length for length in lengths if length.ends in names and length.begins in (*names, "")
    )
    return Layout(wanted, kinds, present, date_format or columns.date_format)


def _faults_of_header(
    header: list[str],
    names: list[str],
    kinds: Mapping[str, Kind],
    lengths: tuple[Length, ...],
    columns: ColumnsFile,
) -> Iterator[tuple[str, str, str]]:
    if len(header) <= 1 and any(mark in "".join(header) for mark in ";\t|"):
        yield "", "the cells are not set apart by commas.", "Save it as comma-separated."
        return
    if len(header) > MOST_COLUMNS:
        yield "", f"there are more than {MOST_COLUMNS} columns.", "Keep those of docs/fitting.md."
        return
    if any(_A_DATE.fullmatch(name) for name in header):
        # Without names the first line is a case, which must not be repeated.
        yield "", "this line holds no names of columns but a case.", "Add a first line of names."
        return
    yield from _faults_of_names(header, names, kinds, columns)
    complete = [
        length for length in lengths if length.ends in names and length.begins in (*names, "")
    ]
    for name in filter(None, names):
        of_it = [length for length in lengths if name in (length.begins, length.ends)]
        if of_it and not any(length in complete for length in of_it):
            other = of_it[0].ends if name == of_it[0].begins else of_it[0].begins
            means = f": {COLUMNS[other]}" if other in COLUMNS else ""
            yield f", {name}", f"its other end, {other}, is missing.", f"Add it{means}."
    for length in lengths[len(LENGTHS) :]:
        if length.begins not in names and length.ends not in names:
            wrong = f"neither {length.begins} nor {length.ends} is there."
            yield f", {length.name}", wrong, "Correct the names in the columns file."
    if not any(
        name and name in (length.begins, length.ends) for length in lengths for name in names
    ):
        yield "", "no column holds a length of time.", "Add charged and first_listed, say."


def _faults_of_names(
    header: list[str], names: list[str], kinds: Mapping[str, Kind], columns: ColumnsFile
) -> Iterator[tuple[str, str, str]]:
    """Columns that are repeated, unknown, or missing though a columns file names them."""
    for name in sorted({name for name in names if names.count(name) > 1 and name in kinds}):
        yield f", {name}", "this column is there twice.", "Keep one of the two."
    unknown = [
        index
        for index, name in enumerate(names)
        if name not in kinds and header[index] not in columns.unused
    ]
    for index in unknown[:_FEW]:
        name = header[index]
        if not name:
            wrong = "this column has no name."
            yield f", column {index + 1}", wrong, "Write the table without its row numbers."
            continue
        near = did_you_mean(name, [column for column in COLUMNS if column not in names])
        remedy = "Take it out: hand on no more than is needed. Or name it in a columns file."
        where = name if _PLAIN_NAME.fullmatch(name) else f"column {index + 1}"
        wrong = "this column is not one of an extract's."
        yield f", {where}", wrong, near if near.startswith("Did") else remedy
    if len(unknown) > _FEW:
        wrong = f"{len(unknown) - _FEW} more columns are not an extract's."
        yield ", the others", wrong, "Take them out, or name them in a columns file."
    for ours, theirs in columns.columns.items():
        if theirs not in header:
            wrong = f'there is no column "{theirs}", which the columns file names.'
            yield f", {ours}", wrong, did_you_mean(theirs, [name for name in header if name][:500])
