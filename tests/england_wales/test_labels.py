"""The table of labels: every row names a word that exists, and every word has a readable name."""

from __future__ import annotations

import pytest

from cjsim.england_wales.vocabulary import (
    ACTIVITIES,
    AGENCIES,
    CHANNELS,
    COURT_LISTS,
    COURTS,
    DUTIES,
    OUTCOMES,
    REASONS,
    RESULTS,
    WAYS_IN,
)
from cjsim.formatting.labels import (
    KINDS,
    board_measures,
    kind_of,
    labels,
    noun_of,
    parameter_name,
    parameter_unit,
    phrase_of,
    short_name,
    title_of,
)
from cjsim.measures import known_measures

WORDS = {
    "measure": known_measures(),
    "agency": AGENCIES,
    "reason": REASONS,
    "duty": DUTIES,
    "activity": ACTIVITIES,
    "result": RESULTS,
    "list": COURT_LISTS,
    "way_in": WAYS_IN,
    "channel": CHANNELS,
    "court": COURTS,
    "flow": ACTIVITIES,
    "end": OUTCOMES,
}


OF_NO_VOCABULARY = ("parameter", "spelling", "module")


def test_every_row_names_a_word_that_exists() -> None:
    unknown = [
        (kind, key)
        for kind, key in labels()
        if kind not in OF_NO_VOCABULARY and key.partition(":")[0] not in WORDS[kind]
    ]
    assert not unknown


def test_every_measure_of_the_board_has_a_unit_a_part_and_courts() -> None:
    assert len(board_measures()) > 15
    for measure in board_measures():
        assert measure.kind in KINDS
        assert measure.label
        assert measure.courts


@pytest.mark.parametrize("agency", AGENCIES)
def test_every_agency_has_a_name(agency: str) -> None:
    assert ("agency", agency) in labels()


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("hmcts", "Courts (HMCTS)"),
        ("pre_charge_bail", "Pre-charge bail"),
        ("crown_trial", "Crown Court trial"),
        ("appeals_to_crown_court", "Appeals to Crown Court"),
        ("magistrates_trial", "Magistrates' trial"),
        ("crown_trials@stoke_on_trent", "Crown trials, Stoke on Trent"),
        ("a_word_without_a_row", "A word without a row"),
    ],
)
def test_a_word_has_a_title_with_a_row_or_without(word: str, title: str) -> None:
    assert title_of(word) == title


def test_a_measure_is_named_in_a_sentence_a_panel_and_a_unit() -> None:
    assert noun_of("arrest_to_disposal_days", "median").text == "time to disposal"
    assert noun_of("arrest_to_disposal_days", "p90").text == "time for 9 in 10 disposals"
    assert noun_of("conviction_rate", "").text == "conviction rate"
    assert short_name("cost_gbp") == "Total cost"
    assert short_name("conviction_rate") == ""
    assert kind_of("cost_gbp", "GBP") == "gbp"
    assert kind_of("not_in_the_table", "hearings per case") == "ratio"


def test_a_case_file_and_a_text_table_have_their_own_phrases() -> None:
    assert phrase_of("agency", "hmcts") == "HMCTS"
    assert phrase_of("result", "managed") == "directions given"
    assert phrase_of("reason", "no_court_time") == "no court time"


def test_a_parameter_has_a_name_and_a_unit() -> None:
    assert parameter_name("branches.file_ready.probability") == "File ready (probability)"
    assert parameter_unit("branches.file_ready.probability") == "chance, 0 to 1"
    assert parameter_unit("pools.officers.capacity") == "posts or places at once"
