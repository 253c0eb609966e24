"""The event log as XES (IEEE 1849), which process-mining tools read.

A trace is a case; a stay in an activity is up to three events, with the transitions of the
lifecycle extension: `schedule` when it was entered, `start` when somebody began, `complete` when it
was left. What was left without ever having begun (a vacated hearing, a contact missed) is
withdrawn. Times are the model's own, in the local time of the area, written as if it were UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import IO, Any, Final
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa

import cjsim
from cjsim.experiment.results import Results

EXTENSIONS: Final = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
)
FACTS: Final = (
    "way_in",
    "offence_group",
    "offence_class",
    "division",
    "domestic_abuse",
    "youth",
    "has_victim",
    "vulnerable_victim",
    "civilian_witnesses",
    "outcome",
    "sentence",
    "plea",
)
"""What the log keeps of each case."""

LogRow = Mapping[str, Any]
"""One row of a table of the log."""

Event = tuple[int, int, str, LogRow]
"""Minute, place among the events of a minute, transition, and the row of the log."""


def write_xes(results: Results, scenario: str, replication: int, file: IO[bytes]) -> None:
    """Write one replication's event log, trace by trace in the order of the cases."""
    events = results.log(scenario, replication)
    cases = results.log(scenario, replication, "cases").sort_by("case").to_pylist()
    epoch = dt.datetime.fromisoformat(events.schema.metadata[b"epoch"].decode())
    facts = {case["case"]: case for case in cases}
    file.write(_head(results, scenario, replication).encode())
    for number, rows in groupby(_rows(events), key=lambda row: row["case"]):
        file.write("".join(_trace(number, facts.get(number, {}), list(rows), epoch)).encode())
    file.write(b"</log>\n")


def _rows(events: pa.Table) -> Iterator[LogRow]:
    """The rows by case, each case's in the order in which they were entered."""
    order = [("case", "ascending"), ("entered", "ascending")]
    for batch in events.sort_by(order).to_batches(max_chunksize=1 << 14):
        yield from batch.to_pylist()


def _head(results: Results, scenario: str, replication: int) -> str:
    title = results.metadata.experiment.title
    where = f" in {results.place}" if results.place else ""
    name = f"{title}: {scenario}{where}, replication {replication}"
    extensions = "".join(
        f'  <extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
        for name, prefix, uri in EXTENSIONS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<!-- Written by cjsim {escape(cjsim.__version__)}. -->\n"
        '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
        f"{extensions}"
        '  <global scope="trace">\n'
        '    <string key="concept:name" value=""/>\n'
        "  </global>\n"
        '  <global scope="event">\n'
        '    <string key="concept:name" value=""/>\n'
        '    <string key="lifecycle:transition" value="complete"/>\n'
        '    <date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>\n'
        "  </global>\n"
        '  <classifier name="Activity" keys="concept:name"/>\n'
        '  <classifier name="Activity and transition" keys="concept:name lifecycle:transition"/>\n'
        f'  <string key="concept:name" value={_quoted(name)}/>\n'
        f'  <string key="lifecycle:model" value="standard"/>\n'
    )


def _trace(number: int, facts: LogRow, rows: list[LogRow], epoch: dt.datetime) -> Iterator[str]:
    yield f'  <trace>\n    <string key="concept:name" value="{number}"/>\n'
    for name in FACTS:
        if facts.get(name) not in (None, ""):
            yield f"    {_attribute(name, facts[name])}\n"
    for minute, _, transition, row in sorted(_events(rows), key=lambda event: event[:2]):
        yield _event(minute, transition, row, epoch)
    yield "  </trace>\n"


def _events(rows: list[LogRow]) -> Iterator[Event]:
    """The events of a case; those of one minute in the order of the rows and their transitions."""
    for place, row in enumerate(rows):
        entered, started, left = row["entered"], row["started"], row["left"]
        if started > entered or (started < 0 and left != entered):
            yield entered, 3 * place, "schedule", row
        if 0 <= started < left or (started >= 0 and left < 0):
            yield started, 3 * place + 1, "start", row
        if left >= 0:
            yield left, 3 * place + 2, "complete" if started >= 0 else "withdraw", row


def _event(minute: int, transition: str, row: LogRow, epoch: dt.datetime) -> str:
    moment = (epoch + dt.timedelta(minutes=minute)).isoformat(timespec="milliseconds")
    parts = [
        f'      <string key="concept:name" value={_quoted(row["activity"])}/>\n',
        f'      <string key="lifecycle:transition" value="{transition}"/>\n',
        f'      <date key="time:timestamp" value="{moment}+00:00"/>\n',
        f'      <string key="concept:instance" value="{row["activity"]}-{row["occurrence"]}"/>\n',
        f'      <string key="org:group" value={_quoted(row["agency"])}/>\n',
    ]
    if row["place"]:
        parts.append(f'      <string key="org:resource" value={_quoted(row["place"])}/>\n')
    if transition in ("complete", "withdraw"):
        parts += [
            f"      {_attribute(name, row[name])}\n" for name in ("result", "reason") if row[name]
        ]
        if row["minutes"]:
            parts.append(f'      <float key="minutes" value="{row["minutes"]:.6g}"/>\n')
    return f"    <event>\n{''.join(parts)}    </event>\n"


def _attribute(key: str, value: object) -> str:
    if isinstance(value, bool):
        return f'<boolean key="{key}" value="{str(value).lower()}"/>'
    if isinstance(value, int):
        return f'<int key="{key}" value="{value}"/>'
    return f'<string key="{key}" value={_quoted(str(value))}/>'


def _quoted(text: str) -> str:
    return quoteattr(text)
