"""What each measure, agency, pool and reason is called before a Board, and how it is counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["share", "gbp", "days", "hours", "minutes", "nights", "count", "ratio"]
"""How a number is written: a share as per cent, money with its sign, a ratio as it is."""


@dataclass(frozen=True)
class Measure:
    """One row of results to show: its KPI and group, its kind, its name, its part of the journey.

    `courts` are tried in their order: the first that has the KPI is shown.
    """

    kpi: str
    group: str
    kind: Kind
    label: str
    part: str
    courts: tuple[str, ...] = ("all", "magistrates", "crown")


_POLICE: Final = "Police and charging"
_MAGISTRATES: Final = "Magistrates' court"
_CROWN: Final = "Crown Court"
_WHOLE: Final = "The whole journey"
_VICTIMS: Final = "Victims and witnesses"
_COST: Final = "Cost"
_LOWER: Final = ("magistrates", "all")

WATCHED: Final[tuple[Measure, ...]] = (
    Measure("arrest_to_charge_days", "mean", "days", "Arrest to charge, mean", _POLICE),
    Measure("detention_hours", "mean", "hours", "Detention, mean", _POLICE),
    Measure(
        "consultations_per_decision", "", "ratio", "Consultations per charging decision", _POLICE
    ),
    Measure("early_guilty_plea_rate", "", "share", "Early guilty pleas", _MAGISTRATES, _LOWER),
    Measure("hearings_per_case", "", "ratio", "Hearings per case", _MAGISTRATES, _LOWER),
    Measure("adjournments_per_case", "", "ratio", "Adjournments per case", _MAGISTRATES, _LOWER),
    Measure(
        "court_minutes_per_case", "", "minutes", "Court minutes per case", _MAGISTRATES, _LOWER
    ),
    Measure("trials_effective_share", "", "share", "Trials effective", _MAGISTRATES, _LOWER),
    Measure(
        "first_listing_to_completion_days",
        "mean",
        "days",
        "First listing to completion, mean",
        _MAGISTRATES,
        _LOWER,
    ),
    Measure(
        "receipt_to_completion_days",
        "mean",
        "days",
        "Crown receipt to completion, mean",
        _CROWN,
        ("crown", "all"),
    ),
    Measure("arrest_to_disposal_days", "median", "days", "Arrest to disposal, median", _WHOLE),
    Measure("arrest_to_disposal_days", "p90", "days", "Arrest to disposal, 9 in 10 within", _WHOLE),
    Measure("open_cases", "", "count", "Open cases at the end", _WHOLE),
    Measure("conviction_rate", "", "share", "Conviction rate", _WHOLE),
    Measure("victim_contacts_in_time_share", "", "share", "Victim contacts in time", _VICTIMS),
    Measure(
        "victims_withdrawn_before_charge_share",
        "",
        "share",
        "Victims withdrawn before charge",
        _VICTIMS,
    ),
    Measure(
        "victims_withdrawn_after_charge_share",
        "",
        "share",
        "Victims withdrawn after charge",
        _VICTIMS,
    ),
    Measure(
        "witness_attendances_wasted_share", "", "share", "Witness attendances wasted", _VICTIMS
    ),
    Measure("cost_gbp", "", "gbp", "Cost of all agencies", _COST),
)
"""What the Board watches, in the order of the journey."""

_KINDS: Final[dict[str, Kind]] = {
    "share": "share",
    "GBP": "gbp",
    "days": "days",
    "hours": "hours",
    "minutes": "minutes",
    "nights": "nights",
}


@dataclass(frozen=True)
class Noun:
    """A measure in a sentence, with a small letter, and whether it is spoken of as one thing."""

    text: str
    singular: bool = False


_NOUNS: Final[dict[str, Noun]] = {
    "first_listing_to_trial_days": Noun("wait for trial", singular=True),
    "first_listing_to_completion_days": Noun("time to completion", singular=True),
    "charge_to_first_listing_days": Noun("wait for first hearing", singular=True),
    "receipt_to_completion_days": Noun("time at the Crown Court", singular=True),
    "arrest_to_disposal_days": Noun("time to disposal", singular=True),
    "witness_attendances_wasted_share": Noun("wasted attendances"),
    "trials_ineffective_share": Noun("ineffective trials"),
    "trials_effective_share": Noun("effective trials"),
    "trials_cracked_share": Noun("cracked trials"),
    "trials_vacated_share": Noun("vacated trials"),
    "cost_gbp": Noun("costs"),
}


def noun_of(kpi: str, group: str) -> Noun:
    """A measure as a sentence speaks of it."""
    if (kpi, group) == ("arrest_to_disposal_days", "p90"):
        return Noun("time for 9 in 10 disposals", singular=True)
    if kpi == "utilisation":
        use = "courtroom use" if not group or is_list(group) else f"use of {spaced(group).lower()}"
        return Noun(use, singular=True)
    label = next((one.label for one in WATCHED if one.kpi == kpi), spaced(kpi))
    return _NOUNS.get(kpi, Noun(label[:1].lower() + label[1:]))


def kind_of(kpi: str, unit: str) -> Kind:
    """How a measure's numbers are written."""
    known = next((one.kind for one in WATCHED if one.kpi == kpi), None)
    return known or _KINDS.get(unit, "ratio" if " per " in unit else "count")


def plain_measure(kpi: str, unit: str) -> Measure:
    """A measure that has no line of its own above, under its own name."""
    kind = kind_of(kpi, unit)
    group = "mean" if unit in ("days", "hours") else ""
    return Measure(kpi, group, kind, spaced(kpi).removesuffix(" share"), "Other measures")


OPEN_CASES: Final = Measure("open_cases", "", "count", "Open cases", _WHOLE)

TILES: Final[tuple[tuple[str, str], ...]] = (
    ("arrest_to_disposal_days", "median"),
    ("victim_contacts_in_time_share", ""),
    ("cost_gbp", ""),
    ("early_guilty_plea_rate", ""),
    ("adjournments_per_case", ""),
)
"""The headlines after the open cases; the last stands in when a run lacks one of the others."""

BESIDE: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "arrest_to_disposal_days": (("arrest_to_disposal_days", "p90"),),
    "victim_contacts_in_time_share": (
        ("victims_withdrawn_before_charge_share", ""),
        ("victims_withdrawn_after_charge_share", ""),
    ),
    "early_guilty_plea_rate": (("adjournments_per_case", ""),),
}
"""What stands in the tile of another measure, so that five tiles hold what a Board asks for."""

_NAMES: Final[dict[str, str]] = {
    "police": "Police",
    "cps": "Crown Prosecution Service",
    "hmcts": "Courts (HMCTS)",
    "legal_aid": "Legal aid",
    "prisons": "Prisons",
    "probation": "Probation",
    "victim_services": "Victim services",
    "health": "Health",
    "commissioner": "Police and Crime Commissioner",
    "victims_and_witnesses": "Victims and witnesses",
    "defence": "Defence",
    "councils": "Councils",
    "no_court_time": "No court time",
    "defendant_absent": "Defendant absent",
    "prosecution_not_ready": "Prosecution not ready",
    "prosecution_witness_absent": "Prosecution witness absent",
    "defence_not_ready": "Defence not ready",
    "papers_not_served": "Papers not served",
    "legal_advice_wanted": "Legal advice wanted",
    "interpreter_or_other": "Interpreter or other reason",
    "report_not_ready": "Report not ready",
    "disclosure_incomplete": "Disclosure incomplete",
    "defendant_not_produced": "Defendant not produced from prison",
    "no_prosecution_advocate": "No prosecution advocate",
    "no_defence_advocate": "No defence advocate",
    "first_hearing_date": "Date of first hearing",
    "change_of_date": "Change of a date",
    "update_on_no_further_action": "Update: no further action",
    "outcome_and_sentence": "Outcome and sentence",
    "chasing_call": "Chasing call",
}

_LISTS: Final[dict[str, str]] = {
    "remand_court": "Remand court",
    "guilty_anticipated_plea": "Guilty anticipated pleas",
    "not_guilty_anticipated_plea": "Not guilty anticipated pleas",
    "bulk_motoring": "Bulk motoring",
    "magistrates_trials": "Magistrates' trials",
    "magistrates_sentences": "Magistrates' sentences",
    "crown_pleas": "Crown pleas",
    "crown_trials": "Crown trials",
    "crown_sentences": "Crown sentences",
}

_ALIKE: Final[dict[str, str]] = {"cps": "CPS", "hmcts": "HMCTS", "crown": "Crown"}


def name_of(word: str) -> str:
    """A word of the model in plain English: its known name, else the word with its spaces back."""
    if word in _NAMES:
        return _NAMES[word]
    if "@" in word:
        court_list, house = word.split("@", 1)
        return f"{_LISTS.get(court_list, spaced(court_list))}, {place_name(house)}"
    return _LISTS.get(word, spaced(word))


def parameter_name(path: str) -> str:
    """A parameter's path in plain English: "File ready (probability)"."""
    parts = path.split(".")[1:]
    if path.startswith("costs.declared."):
        return f"Cost of the reform: {spaced(parts[-1]).lower()} ({name_of(parts[1])})"
    if not parts:
        return spaced(path)
    inner = ", ".join(spaced(part).lower() for part in parts[1:])
    return f"{name_of(parts[0])} ({inner})" if inner else name_of(parts[0])


_UNITS: Final[tuple[tuple[str, str], ...]] = (
    ("probability", "chance, 0 to 1"),
    ("shares", "share, 0 to 1"),
    ("odds", "odds factor"),
    ("capacity", "posts or places at once"),
    ("per_year", "a year"),
    ("at_court", "a day"),
    ("available", "share, 0 to 1"),
    ("_minutes", "minutes"),
    ("_days", "days"),
    ("_hours", "hours"),
    ("rooms", "courtrooms, Monday to Sunday"),
    ("call_order", "order"),
    ("_share", "share"),
    ("notice_days", "days"),
    ("limits", "as its name says"),
    ("units", "GBP"),
)
"""The unit of a parameter, told from a part of its path."""


def parameter_unit(path: str) -> str:
    """The unit in which a parameter is given, such as "chance, 0 to 1" or "minutes"."""
    parts = path.split(".")
    for part in reversed(parts):
        for ending, unit in _UNITS:
            if part == ending or part.endswith(ending):
                return unit
    return "as given"


def place_name(word: str) -> str:
    """An area's or courthouse's word as a name: "stoke_on_trent" is "Stoke on Trent"."""
    parts = word.replace("-", "_").split("_")
    small = ("on", "upon", "under", "in", "of", "and", "the")
    return " ".join(
        part if part in small and place else part[:1].upper() + part[1:]
        for place, part in enumerate(parts)
    )


def spaced(word: str) -> str:
    """The word with spaces for underscores and a capital at its start; abbreviations kept."""
    parts = [_ALIKE.get(part, part) for part in word.replace(":", " ").split("_")]
    text = " ".join(parts).strip()
    return text[:1].upper() + text[1:]


def resource_name(word: str, divisions: Iterable[str]) -> str:
    """A pool's or list's name; a pool's division in brackets: "Officers (north)"."""
    for division in divisions:
        if word.endswith("_" + division) and word != "_" + division:
            return f"{name_of(word.removesuffix('_' + division))} ({division.replace('_', ' ')})"
    return name_of(word)


def is_list(word: str) -> bool:
    """Whether a resource is a court list and not a pool of staff or cells."""
    return word.split("@", 1)[0] in _LISTS
