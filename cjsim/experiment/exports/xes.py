"""The event log as XES (IEEE 1849), which process-mining tools read.

A trace is a case. A stay in an activity is up to three events, with the transitions of the
lifecycle extension: `schedule` when the case is queued, `start` when work begins, `complete` when
the stay ends. A stay that ends without having started (a vacated hearing, a missed contact) is
`withdraw`. Times are in the local time of the area and written as if it were UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import IO, Final
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa

import cjsim
from cjsim.experiment.results import Results
from cjsim.storage.plain import PlainRow

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

Event = tuple[dt.datetime, int, str, PlainRow]
"""Time, order among the events of one time, transition, and the row of the log."""


def write_xes(results: Results, scenario: str, replication: int, file: IO[bytes]) -> None:
    """Write one replication's event log, trace by trace in the order of the cases."""
    events = results.log(scenario, replication)
    cases = results.log(scenario, replication, "cases").sort_by("case_id").to_pylist()
    facts = {case["case_id"]: case for case in cases}
    file.write(_head(results, scenario, replication).encode())
    for number, rows in groupby(_rows(events), key=lambda row: row["case_id"]):
        file.write("".join(_trace(number, facts.get(number, {}), list(rows))).encode())
    file.write(b"</log>\n")


def _rows(events: pa.Table) -> Iterator[PlainRow]:
    """The rows by case, each case's in the order in which it was queued."""
    order = [("case_id", "ascending"), ("queued_at", "ascending")]
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


def _trace(number: int, facts: PlainRow, rows: list[PlainRow]) -> Iterator[str]:
    yield f'  <trace>\n    <string key="concept:name" value="{number}"/>\n'
    for name in FACTS:
        if facts.get(name) not in (None, ""):
            yield f"    {_attribute(name, facts[name])}\n"
    for time, _, transition, row in sorted(_events(rows), key=lambda event: event[:2]):
        yield _event(time, transition, row)
    yield "  </trace>\n"


def _events(rows: list[PlainRow]) -> Iterator[Event]:
    """The events of a case; those of one time in the order of the rows and their transitions."""
    for number, row in enumerate(rows):
        queued, started, ended = row["queued_at"], row["started_at"], row["ended_at"]
        if ended != queued if started is None else started > queued:
            yield queued, 3 * number, "schedule", row
        if started is not None and (ended is None or started < ended):
            yield started, 3 * number + 1, "start", row
        if ended is not None:
            yield ended, 3 * number + 2, "withdraw" if started is None else "complete", row


def _event(time: dt.datetime, transition: str, row: PlainRow) -> str:
    moment = time.isoformat(timespec="milliseconds")
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
