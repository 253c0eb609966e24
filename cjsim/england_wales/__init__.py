"""The jurisdiction of England and Wales: its vocabulary, its journey and its measures."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import cast

from cjsim.england_wales import vocabulary as words
from cjsim.england_wales.choices import OPTIONS
from cjsim.jurisdiction import Jurisdiction, Vocabulary


def _process() -> ModuleType:
    return import_module("cjsim.england_wales.process")


def _measurement() -> object:
    return import_module("cjsim.england_wales.measures").MEASUREMENT


def _case_file() -> object:
    return import_module("cjsim.england_wales.case_file").CaseFile


JURISDICTION = Jurisdiction(
    name="england_wales",
    title="England and Wales",
    vocabulary=Vocabulary(
        offence_groups=words.OFFENCE_GROUPS,
        offence_classes=words.OFFENCE_CLASSES,
        courts=words.COURTS,
        ways_in=words.WAYS_IN,
        agencies=words.AGENCIES,
        stages=words.STAGES,
        hearings=words.HEARINGS,
        court_lists=words.COURT_LISTS,
        duties=words.DUTIES,
        marks=words.MARKS,
        branches=words.BRANCHES,
        options={word: OPTIONS[word] for word in words.MULTIWAY_BRANCHES},
        facts=words.FACTS,
        numeric_facts=words.NUMERIC_FACTS,
        drawn_facts=words.DRAWN_FACTS,
        advocates=words.ADVOCATES,
        limits=words.LIMITS,
        standings=words.STANDINGS,
        results=words.RESULTS,
        outcomes=words.OUTCOMES,
        reasons=words.REASONS,
        sentences=words.SENTENCES,
        pleas=words.PLEAS,
        mark_agency=cast("Mapping[str, str]", words.MARK_AGENCY),
        reason_agency=cast("Mapping[str, str]", words.REASON_AGENCY),
        court_agency="hmcts",
        return_stage="until_arrested_again",
        trials=("magistrates_trial", "crown_trial"),
        adjourned_results=frozenset({"adjourned", "ineffective", "warrant_issued"}),
        cut_short_results=frozenset(
            {
                "adjourned",
                "ineffective",
                "warrant_issued",
                "cracked",
                "vacated",
                "prosecution_ended",
            }
        ),
        chasing_duties=frozenset({"chasing_call", "chasing_call_to_police"}),
        support_duties=frozenset({"support_given", "domestic_abuse_advocacy"}),
        required_pools=("cells",),
        lengths_from_process=("detention", "remand", "return_on_bail"),
        attendances=("witness_attendance", "police_attendance"),
        not_done_results=frozenset({"vacated", "missed", "did_not_attend"}),
    ),
    holidays=("GB", "ENG"),
    load_process=_process,
    load_measurement=_measurement,
    load_case_file=_case_file,
    log_writers=(
        "england_wales/custody",
        "england_wales/pre_charge_bail",
        "england_wales/detention_review",
        "england_wales/attendance",
        "case/victim_contact",
        "england_wales/case",
        "case/case",
        "england_wales/custody_time_limit",
    ),
)
