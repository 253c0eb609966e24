"""A jurisdiction: the words, the calendar and the process of one criminal justice system.

The simulator knows none by name. A model says which it is of (`jurisdiction = "..."`), and
the package of that name in `cjsim` holds a `JURISDICTION`. Files are checked against the words of
the jurisdiction that is in use while they are read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

DEFAULT: Final = "england_wales"
"""The jurisdiction of a model that names none."""
OWN_TIME: Final = "victims_and_witnesses"
"""The agency, in every jurisdiction that has one, whose time is in nobody's budget."""


@dataclass(frozen=True)
class Vocabulary:
    """What cases, stages, hearings and outcomes may be called in one jurisdiction.

    The order within a kind is fixed: the event log stores a word by its place in `activities`,
    `agencies`, `results` or `reasons`.
    """

    offence_groups: tuple[str, ...]
    offence_classes: tuple[str, ...]
    courts: tuple[str, ...]
    ways_in: tuple[str, ...]
    agencies: tuple[str, ...]
    stages: tuple[str, ...]
    hearings: tuple[str, ...]
    court_lists: tuple[str, ...]
    duties: tuple[str, ...]
    marks: tuple[str, ...]
    branches: tuple[str, ...]
    options: Mapping[str, tuple[str, ...]] = field(hash=False)
    """The options of each multi-way branch, in the order in which a draw picks among them."""
    facts: tuple[str, ...]
    numeric_facts: frozenset[str]
    """Facts that are numbers, for which an odds factor applies per unit."""
    limits: tuple[str, ...]
    results: tuple[str, ...]
    outcomes: tuple[str, ...]
    reasons: tuple[str, ...]
    sentences: tuple[str, ...]
    pleas: tuple[str, ...]
    mark_agency: Mapping[str, str] = field(hash=False)
    reason_agency: Mapping[str, str] = field(hash=False)
    court_agency: str
    """The agency whose work a hearing is."""
    trials: tuple[str, ...]
    """The hearings that are trials."""
    adjourned_results: frozenset[str]
    """Results of a hearing that count as an adjournment."""
    chasing_duties: frozenset[str] = frozenset()
    """Contacts that a victim asks for because nobody has been in touch."""
    support_duties: frozenset[str] = frozenset()
    """Contacts that give a victim support."""
    drawn_facts: tuple[str, ...] = ()
    """Facts that are numbers drawn from a distribution of the model."""
    cut_short_results: frozenset[str] = frozenset()
    """Results of a hearing that does not go its full length, so that no fact changes its length."""
    advocates: tuple[str, ...] = ()
    """The sides that need an advocate at court, if their numbers are limited."""
    standings: tuple[str, ...] = ()
    """Where an open case can be, if the jurisdiction has a table of open cases."""
    return_stage: str = ""
    """The wait of a person from a disposal to the next arrest, if the jurisdiction has one."""
    required_pools: tuple[str, ...] = ()
    """Pools that the process uses by name, such as the cells."""
    lengths_from_process: tuple[str, ...] = ()
    """Stages that last as long as the process says, and have no duration in a model."""
    attendances: tuple[str, ...] = ()
    """The stages in which somebody comes to court and waits there."""
    not_done_results: frozenset[str] = frozenset({"vacated", "missed"})
    """Results of work or a hearing that did not take place, so that a cost per event skips it."""
    staffed_channels: tuple[str, ...] = ("telephone", "letter", "face_to_face")
    listing_kinds: tuple[str, ...] = ("fixture", "warned_list", "floater")
    call_rules: tuple[str, ...] = (
        "custody",
        "custody_time_limit",
        "vulnerable_witness",
        "youth",
        "kind",
        "oldest_case",
        "oldest_listing",
    )
    engagement_moves: tuple[str, ...] = (
        "at_report",
        "per_month",
        "adjournment",
        "contact_in_time",
        "contact_late",
        "contact_missed",
        "chasing_call",
        "support_given",
    )

    @cached_property
    def multiway_branches(self) -> tuple[str, ...]:
        """The branches with several ways, by name."""
        return tuple(self.options)

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """The ways to reach a victim: by staff, or by the victim's own look at the case tracker."""
        return (*self.staffed_channels, "self_service")

    @cached_property
    def activities(self) -> tuple[str, ...]:
        """Every word that can stand in the `activity` column of the event log."""
        return (*self.stages, *self.hearings, *self.duties, *self.marks)

    def words(self, kind: str) -> tuple[str, ...]:
        """The words of a kind, by the kind's name: a field or property of this class."""
        words: tuple[str, ...] = getattr(self, kind)
        return words


@dataclass(frozen=True)
class Jurisdiction:
    """One criminal justice system: its name, words and bank holidays, its process and measures.

    `holidays` names the country and its subdivision, as the library `holidays` does.
    `load_process` gives a `cjsim.simulation.process.CaseProcess`, often a module, when a model of
    the jurisdiction is first run; `load_measurement` a `cjsim.measures.measurement.Measurement`
    when one is first measured. `load_case_file` gives a subclass of
    `cjsim.trace.entries.Formatter`, if case files say more than in general.
    """

    name: str
    title: str
    vocabulary: Vocabulary
    holidays: tuple[str, str]
    load_process: Callable[[], object]
    load_measurement: Callable[[], object]
    load_case_file: Callable[[], object] | None = None
    log_writers: tuple[str, ...] = ("case/victim_contact", "case/case")
    """The modules of cjsim that write rows of the log which no step of the process names."""

    @property
    def labels_file(self) -> Path:
        """The table of what its words are called before a reader (`cjsim.formatting.labels`)."""
        return Path(__file__).parent / self.name / "labels.csv"

    @property
    def process_folder(self) -> Path:
        """The folder with the steps of its process: `journey`, or else the package itself."""
        package = Path(__file__).parent / self.name
        journey = package / "journey"
        return journey if journey.is_dir() else package

    @property
    def process_files(self) -> list[Path]:
        """The files with the steps of its process, in alphabetical order."""
        others = ("__init__", "vocabulary", "measures")
        return [
            path for path in sorted(self.process_folder.glob("*.py")) if path.stem not in others
        ]


_in_use: ContextVar[Jurisdiction | None] = ContextVar("jurisdiction", default=None)


@cache
def find_jurisdiction(name: str) -> Jurisdiction | None:
    """The jurisdiction of that name; None if no package of cjsim holds one."""
    if not name.isidentifier() or find_spec(f"cjsim.{name}") is None:
        return None
    jurisdiction = getattr(import_module(f"cjsim.{name}"), "JURISDICTION", None)
    return jurisdiction if isinstance(jurisdiction, Jurisdiction) else None


def jurisdiction_named(name: str) -> Jurisdiction:
    """The jurisdiction of a checked model. Raises LookupError."""
    jurisdiction = find_jurisdiction(name)
    if jurisdiction is None:
        raise LookupError(f"there is no jurisdiction {name!r}")
    return jurisdiction


@cache
def jurisdiction_names() -> tuple[str, ...]:
    """The names of all jurisdictions that cjsim has, in alphabetical order.

    A package of cjsim that holds a module `vocabulary` is one.
    """
    folder = Path(__file__).parent
    names = sorted(path.parent.name for path in folder.glob("*/vocabulary.py"))
    return tuple(name for name in names if find_jurisdiction(name) is not None)


def in_use() -> Jurisdiction:
    """The jurisdiction against whose words files are checked now."""
    return _in_use.get() or jurisdiction_named(DEFAULT)


def vocabulary() -> Vocabulary:
    """The words of the jurisdiction in use."""
    return in_use().vocabulary


@contextlib.contextmanager
def using(jurisdiction: Jurisdiction) -> Iterator[None]:
    """Inside, files are checked against the words of a jurisdiction."""
    token = _in_use.set(jurisdiction)
    try:
        yield
    finally:
        _in_use.reset(token)
