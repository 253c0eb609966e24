"""The either-way gate: which court tries a case that either court may try, and which sentences.

Magistrates' Courts Act 1980, sections 17A to 21; Sentencing Code, section 14. The order is:

1. plea before venue: the defendant indicates a plea;
2. guilty: the court sentences, or commits to the Crown Court where its powers are too short;
3. not guilty, or no indication: the court accepts or declines jurisdiction, by the likely sentence
   against its powers;
4. accepted: an adult may elect trial in the Crown Court; otherwise the trial is here.

After a trial here the court may still commit for sentence. Its powers are one number of the model,
`limits.magistrates_powers_months`; the likely sentence is a fact of each case. Offences triable
only in the Crown Court never come here: they are sent at once.
"""

from __future__ import annotations

from cjsim.england_wales.case import Case
from cjsim.england_wales.journey import co_defendants
from cjsim.england_wales.vocabulary import Reason


def commits_for_sentence(case: Case) -> bool:
    """After a guilty indication: whether the sentence, with its credit, is for a judge."""
    return case.either_way and case.decide("committed_for_sentence")


def sends_up(case: Case) -> Reason:
    """Without a guilty indication: why the case goes to the Crown Court, or nothing if it stays.

    A youth has no election, and a youth court has longer powers.
    """
    if not case.either_way:
        return ""
    if co_defendants.is_sent_with_another(case):
        return "co_defendant_sent"
    if case.decide("jurisdiction_declined"):
        return "jurisdiction_declined"
    if not case.youth and case.decide("elects_crown_trial"):
        return "elected_crown_trial"
    return ""


def commits_after_trial(case: Case) -> bool:
    """After a conviction or a plea here later on: whether the sentence is for a judge after all."""
    return case.either_way and case.decide("committed_after_trial")
