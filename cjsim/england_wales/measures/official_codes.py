"""The official codes of cracked and ineffective trials, and what is reported under them.

Courts fill in the cracked and ineffective trial monitoring form (HM Courts and Tribunals Service)
with one code for each trial: A to L cracked, M to Z ineffective. A reason of the model has the code
that fits it best; codes that no reason of the model stands for are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from cjsim.measures.registry import Rows, measure

if TYPE_CHECKING:
    from cjsim.measures.sql_tables import Log

OFFICIAL_CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "cracked": {
        "late_guilty_plea": "A",
        "plea_to_alternative": "C",
        "prosecution_ended": "I",
        "witness_did_not_attend": "J",
    },
    "ineffective": {
        "prosecution_not_ready": "M2",
        "disclosure_incomplete": "M3",
        "prosecution_witness_absent": "N3",
        "no_prosecution_advocate": "O2",
        "defence_not_ready": "Q2",
        "defendant_absent": "S1",
        "defendant_not_produced": "S3",
        "no_defence_advocate": "U2",
        "no_court_time": "W3",
        "interpreter_or_other": "W5",
    },
}
"""By the result of a trial, the code of each reason."""

CODE_TITLES: Final[Mapping[str, str]] = {
    "A": "acceptable guilty plea offered late for the first time",
    "C": "acceptable guilty plea to an alternative new charge",
    "I": "prosecution ends the case: insufficient evidence",
    "J": "prosecution ends the case: witness absent or withdrawn",
    "M2": "prosecution not ready",
    "M3": "prosecution failed to disclose unused material",
    "N3": "prosecution witness absent",
    "O2": "prosecution advocate failed to attend",
    "Q2": "defence not ready",
    "S1": "defendant absent, did not proceed in absence",
    "S3": "defendant not produced",
    "U2": "defence advocate failed to attend",
    "W3": "not reached: another case overran, or too few dropped out",
    "W5": "no interpreter, or other",
}
"""What each code stands for."""


@measure(
    "trials_by_official_code",
    "trials",
    better="neither",
    definition="Trials that cracked (codes A to L) or were ineffective (M to Z), by the code of "
    "the cracked and ineffective trial monitoring form (the group).",
)
def trials_by_official_code(log: Log) -> Rows:
    """The reasons as the courts record them."""
    rows = [
        (result, reason, code)
        for result, codes in OFFICIAL_CODES.items()
        for reason, code in codes.items()
    ]
    names = ("code_result", "code_reason", "code")
    columns = map(list, zip(*rows, strict=True))
    log.add_table("official_codes", dict(zip(names, columns, strict=True)))
    return log.count(
        "hearings JOIN official_codes ON result = code_result AND reason = code_reason",
        where="is_trial",
        group="code",
        courts=log.courts,
        groups=tuple(dict.fromkeys(code for _, _, code in rows)),
    )
