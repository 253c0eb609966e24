"""Co-defendants: listed, sent, tried and delayed together, as far as they come to the same court.

The rules, in the order in which a case meets them:

1. Who is charged while another's first hearing or plea hearing is still to come, with enough
   notice, gets the same session; who is in custody comes before the next court.
2. An adult who contests an offence triable either way is sent to the Crown Court with a
   co-defendant who is sent (Crime and Disorder Act 1998, section 51(3) and (4)). A youth stays.
3. Those who contest in the same court have one trial. Whoever comes to it later, with enough
   notice, joins it; otherwise that defendant is tried apart. Nobody waits for a co-defendant.
4. On the day the trial goes on with those who are left after late pleas and ended prosecutions. It
   is ineffective for all if one of them is absent or unready, or if a witness, the prosecution or
   court time is missing.
5. Whoever pleads guilty before the day leaves the trial, and so does one whose case has ended. An
   application of one to vacate gives all of them another date.
6. Whoever has pleaded guilty is sentenced when no co-defendant is still to be tried, or apart: the
   share is the model's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.case import Case, Heard, Steps
from cjsim.england_wales.co_defendants import CoDefendants
from cjsim.england_wales.journey import readiness
from cjsim.england_wales.journey.readiness import TrialCourt
from cjsim.england_wales.vocabulary import CourtList, Hearing, Reason
from cjsim.listing.diary import Listing
from cjsim.listing.joint_hearing import JointHearing
from cjsim.schema.co_defendants import CoDefendantsSpec

PLEADED_GUILTY: Final = (
    "guilty_plea_sentenced",
    "guilty_plea_report_ordered",
    "guilty_plea_sentence_later",
    "committed_for_sentence",
)
"""The results of a hearing at which somebody pleads guilty."""

# --- who they are ----------------------------------------------------------------------------


def rules_of(case: Case) -> CoDefendantsSpec:
    """What the model says of co-defendants; only for a case that can have any."""
    rules = case.simulation.model.co_defendants
    assert rules is not None
    return rules


def begin(case: Case) -> None:
    """The first of several people who are arrested together."""
    case.co_defendants = CoDefendants(case)
    settle_sentence(case)


def join(case: Case, first: Case) -> None:
    """One more of them."""
    together = first.co_defendants
    assert together is not None
    together.joined_by(case)
    case.co_defendants = together
    settle_sentence(case)


def settle_sentence(case: Case) -> None:
    """Whether, after a plea of guilty, the sentence is to wait for the trial of the others."""
    share = rules_of(case).sentenced_after_trial.at("default")
    case.sentenced_after_trial = case.draw(case.simulation.sentenced_after_trial) < share


# --- the same session ------------------------------------------------------------------------


def beside(case: Case, *hearings: Hearing) -> Listing | None:
    """The hearing of a co-defendant that is still to come and that the case can stand beside."""
    if case.co_defendants is None:
        return None
    listings, soonest = case.co_defendants.listings, soonest_to_join(case)
    for other in case.co_defendants.others(case):
        for hearing in hearings:
            listing = listings.get((hearing, other.number))
            if listing is not None and not listing.called and listing.start >= soonest:
                return listing
    return None


def soonest_to_join(case: Case) -> int:
    """The first minute of a hearing for which the case can be listed with a co-defendant."""
    days = rules_of(case).join_notice_days.at("default")
    return case.simulation.env.minute + round(days * MINUTES_A_DAY)


def listed(case: Case, listing: Listing) -> Listing:
    """Remember a date that a co-defendant may get as well."""
    if case.co_defendants is not None:
        case.co_defendants.listings[listing.hearing, case.number] = listing
    return listing


def list_of(listing: Listing) -> CourtList:
    """The court list that a hearing is on."""
    name: CourtList = listing.diary.name.partition("@")[0]  # type: ignore[assignment]  # a list's name
    return name


# --- sent together ---------------------------------------------------------------------------


def is_sent_with_another(case: Case) -> bool:
    """Whether a co-defendant has been sent for trial, or is being sent in the same session."""
    together = case.co_defendants
    if together is None or case.youth:
        return False
    own = together.listings.get(("first_hearing", case.number))
    for other in together.others(case):
        if other.crown_way == "for_trial":
            return True
        listing = together.listings.get(("first_hearing", other.number))
        same = own is not None and listing is not None and is_same_session(own, listing)
        if same and listing is not None and is_sent(other, listing):
            return True
    return False


def is_same_session(one: Listing, other: Listing) -> bool:
    """Whether two hearings are in one session of a list."""
    return one.diary is other.diary and one.sitting == other.sitting


def is_sent(case: Case, listing: Listing) -> bool:
    """Whether a case is sent to the Crown Court at a hearing, or will be when it is called."""
    if listing.called:
        return listing.result == "sent_for_trial"
    obstacles = ("prosecution_ends_case_first_hearing", "first_hearing_adjourned")
    if case.at_liberty and case.would("defendant_absent_first_hearing"):
        return False
    if any(case.would(obstacle) for obstacle in obstacles):
        return False
    if case.would("guilty_plea_first_hearing"):
        return False
    elects = not case.youth and case.would("elects_crown_trial")
    return case.would("jurisdiction_declined") or elects


# --- one trial -------------------------------------------------------------------------------


def fix_trial(
    case: Case,
    court: TrialCourt,
    kind: str,
    keep_limit: Callable[[Case, Listing], Listing],
) -> Listing:
    """A date for the trial that the case has with others, or for one that others may join."""
    together = case.co_defendants
    assert together is not None
    joint = together.trials.get(court.hearing)
    if joint is None or not joint.can_be_joined(soonest_to_join(case)):
        joint = together.trials[court.hearing] = JointHearing(
            partial(called_on, court=court),
            takes_longer=rules_of(case).trial_length_factor.at("default"),
            cut_short=case.simulation.vocabulary.cut_short_results,
            if_moved=keep_limit,
        )
    listing = case.fix_together(joint, court.hearing, court.on, kind)
    given_up = listing.start
    keep_limit(case, listing)
    if listing.start != given_up:
        joint.tell_others(listing, given_up)
    return listing


def vacate(case: Case, listing: Listing, reason: Reason, on: CourtList) -> None:
    """Taken out of the list: for this defendant alone, or for all until a later date."""
    joint = listing.joint
    leaves = reason in ("prosecution_ended", "guilty_plea_before_trial", "victim_withdrew")
    if joint is None or leaves or len(joint.parts) == 1:
        case.vacate(listing, reason)
    else:
        case.vacate(listing, reason, put_off_to=case.earliest_date(listing.hearing, on))


def called_on(joint: JointHearing, court: TrialCourt) -> Heard:
    """How the trial of several goes on the day; each part gets its own result."""
    parts = joint.parts
    first: Case = parts[0].matter  # type: ignore[assignment]  # a matter is a case here
    absent = readiness.witnesses_who_stay_away(first)
    left: list[tuple[Case, Listing]] = []
    stopped = None
    for part in parts:
        case: Case = part.matter  # type: ignore[assignment]  # as above
        case.witnesses_absent = absent
        heard, is_absent = readiness.the_defendant(case, court)
        if heard is None and case.decide(court.prosecution_ends_case):
            heard = "cracked", "prosecution_ended"
        if heard is None:
            part.result, part.reason = "", "defendant_absent" if is_absent else ""
            left.append((case, part))
        else:
            part.result, part.reason = heard
            if heard[0] == "ineffective":
                stopped = stopped or heard
    if left and stopped is None:
        lead = left[0][0]
        shared = readiness.the_witnesses(lead, court) or readiness.the_prosecution(lead, court)
        if shared:
            return all_of(left, shared)
        stopped = unready(left, court)
        if stopped is None and lead.decide(court.other_obstacle):
            return all_of(left, ("ineffective", "interpreter_or_other"))
    if stopped is not None:
        for _, part in left:
            if not part.result:
                part.result, part.reason = "ineffective", "co_defendant"
        return stopped
    for _, part in left:
        heard = "effective", part.reason
        in_crown_court = lead.received_crown >= 0
        part.result, part.reason = readiness.without_jury(lead, heard) if in_crown_court else heard
    counted = left[0][1] if left else parts[0]
    return counted.result, counted.reason


def all_of(left: list[tuple[Case, Listing]], heard: Heard) -> Heard:
    """What stops the trial for everybody in the same way."""
    for _, part in left:
        part.result, part.reason = heard
    return heard


def unready(left: list[tuple[Case, Listing]], court: TrialCourt) -> Heard | None:
    """The first defence that is not ready or has no advocate, if there is any."""
    for case, part in left:
        heard = readiness.the_defence(case, court)
        if heard:
            part.result, part.reason = heard
            return heard
    return None


def sends_officers(listing: Listing) -> bool:
    """Whether the officers are still to be sent to a trial: they come once for all defendants."""
    joint = listing.joint
    if joint is None:
        return True
    asked_before, joint.attended = joint.attended, True
    return not asked_before


def verdict(case: Case) -> None:
    """The trial is over: whoever waits for it may go on."""
    case.tried = True
    if case.co_defendants is not None:
        case.co_defendants.look_again()


def sought(case: Case) -> None:
    """The defendant has absconded: nobody waits for the trial."""
    case.sought = True
    if case.co_defendants is not None:
        case.co_defendants.look_again()


# --- the sentence ----------------------------------------------------------------------------


def sentence_waits(case: Case) -> bool:
    """Whether who pleads guilty is sentenced only when the co-defendants have been tried."""
    if not case.sentenced_after_trial or case.co_defendants is None:
        return False
    others = case.co_defendants.others(case)
    return any(other.still_to_be_tried and not pleads_here(case, other) for other in others)


def pleads_here(case: Case, other: Case) -> bool:
    """Whether a co-defendant pleads guilty in the session in which the case has just pleaded."""
    together = case.co_defendants
    assert together is not None
    crown = case.received_crown >= 0
    hearing: Hearing = "plea_and_case_management_hearing" if crown else "first_hearing"
    own = together.listings.get((hearing, case.number))
    listing = together.listings.get((hearing, other.number))
    if own is None or listing is None or not is_same_session(own, listing):
        return False
    if listing.called:
        return listing.result in PLEADED_GUILTY
    return other.would("guilty_plea_crown" if crown else "guilty_plea_first_hearing")


def until_others_are_tried(case: Case) -> Steps[None]:
    """The sentence waits until no co-defendant is still to be tried."""
    together = case.co_defendants
    assert together is not None
    others_tried = case.simulation.env.event()
    together.waiting.append(others_tried)
    yield from case.wait_for("linked_case", others_tried)
