"""The flow diagram has every word that the journey uses, and agrees with the code."""

from __future__ import annotations

import ast
import html
import math
import re
from pathlib import Path

import pytest

from cjsim.england_wales.choices import OPTIONS
from cjsim.england_wales.vocabulary import ACTIVITIES, BRANCHES, MULTIWAY_BRANCHES, OUTCOMES
from cjsim.formatting.labels import title_of
from cjsim.report.flow_diagram import Seen, draw_flow_diagram
from cjsim.report.journey_code import PACKAGE, Item, items_of, journey_cards
from tests.support.reading import strings_in
from tests.support.report_data import write_results

SVG = draw_flow_diagram({}, {}).svg.decode()
DRAWN = html.unescape(re.sub(r"\s+", " ", " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", SVG))))


def words_of_the_journey() -> set[str]:
    """Every activity, branch, choice and outcome named in any module of the journey."""
    known = {*ACTIVITIES, *BRANCHES, *MULTIWAY_BRANCHES, *OUTCOMES}
    return {
        word
        for path in (PACKAGE / "england_wales" / "journey").glob("*.py")
        for word in strings_in(path)
        if word in known
    }


def test_the_journey_names_most_of_the_vocabulary() -> None:
    assert len(words_of_the_journey()) > 150


@pytest.mark.parametrize("word", sorted(words_of_the_journey()))
def test_every_word_that_the_journey_uses_stands_in_the_diagram(word: str) -> None:
    assert title_of(word).lower() in DRAWN.lower()


def test_no_label_is_cut() -> None:
    assert "\u2026" not in DRAWN


def test_every_activity_of_the_log_stands_in_it_too() -> None:
    words = {item.word for card in journey_cards() for item in card.items}
    offered = {option for word in words if word in OPTIONS for option in OPTIONS[word]}
    assert set(ACTIVITIES) <= words | offered


def test_every_step_leads_to_steps_that_are_drawn() -> None:
    cards = journey_cards()
    names = {card.key for card in cards}
    assert len(names) == len(cards)
    for card in cards:
        assert {item.word for item in card.items if item.kind == "next"} <= names


def test_steps_come_in_the_order_of_the_code() -> None:
    trials = [card.name for card in journey_cards() if card.module == "trial"]
    tree = ast.parse(
        (PACKAGE / "england_wales" / "journey" / "trial.py").read_text(encoding="utf-8")
    )
    written = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert trials == [name for name in written if name in trials]
    custody = {card.name: card for card in journey_cards() if card.module == "custody"}
    said = [item.word for item in custody["before_interview"].items]
    assert said.index("rest_and_legal_advice") < said.index("suspect_interview")


def test_a_condition_inside_a_verb_is_read_on_both_sides() -> None:
    card = next(card for card in journey_cards() if card.key == "police.build_file")
    assert {"streamlined_file", "full_file", "file_ready"} <= {item.word for item in card.items}


def test_the_diagram_goes_on_after_the_disposal_with_the_chances_of_coming_back() -> None:
    cards = journey_cards()
    rooms = list(dict.fromkeys(card.module for card in cards))
    assert rooms[-2:] == ["reoffending", "alongside"]
    after = {card.name: card.items for card in cards if card.module == "reoffending"}
    returns = [item.word for item in after["chance_of_return"] if item.kind == "branch"]
    assert set(returns) == {branch for branch in BRANCHES if branch.startswith("returns_after_")}
    assert returns[0] == "returns_after_no_further_action"
    assert returns[-1] == "returns_after_fine_or_discharge"
    assert Item("next", "reoffending.chance_of_return") in after["arrested_again_after"]
    stages = [item.word for item in after["arrested_again_after"] if item.kind == "stage"]
    assert stages[0] == "time_served"
    assert "After the disposal" in DRAWN


def test_what_is_run_after_the_disposal_is_drawn() -> None:
    tree = ast.parse((PACKAGE / "england_wales" / "returning_cases.py").read_text(encoding="utf-8"))
    entered = {
        f"{str(node.module).rpartition('.')[2]}.{name.name.lower()}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("cjsim.england_wales.journey.")
        for name in node.names
    }
    assert "reoffending.arrested_again_after" in entered
    assert entered <= {card.key for card in journey_cards()}


def test_a_word_that_a_step_finds_for_a_verb_is_read_on_both_sides_of_a_condition() -> None:
    returned = "return 'file_ready' if case.youth else 'action_plan'"
    branch, plain = (
        ast.parse(f"def asked(case) -> {promised}:\n    {returned}").body[0]
        for promised in ("Branch", "str")
    )
    assert isinstance(branch, ast.FunctionDef)
    assert isinstance(plain, ast.FunctionDef)
    assert list(items_of(branch, "police", set())) == [
        Item("branch", "file_ready"),
        Item("branch", "action_plan"),
    ]
    assert not list(items_of(plain, "police", set()))


def test_shares_waits_and_chances_are_written_beside_the_words() -> None:
    diagram = draw_flow_diagram(
        {
            "first_hearing": Seen(512.4, 3 * 1440.0),
            "charge": Seen(600.0, 0.0),
            "custody_booking": Seen(0.2, math.nan),
        },
        {"file_ready": "0.37"},
    )
    drawn = re.sub(r"\s+", " ", " ".join(re.findall(r">([^<]*)</text>", diagram.svg.decode())))
    assert "First hearing: 512 in 1,000, 3 days" in drawn
    assert "Charge: 600 in 1,000" in drawn
    assert "Custody booking: fewer than 1 in 1,000" in drawn
    assert "File ready? set to 0.37" in drawn
    assert "512 come to a first hearing" in diagram.alternative


def test_the_drawing_is_the_same_every_time_and_well_formed(tmp_path: Path) -> None:
    from xml.etree import ElementTree as ET

    first, second = draw_flow_diagram({}, {}), draw_flow_diagram({}, {})
    assert first.svg == second.svg
    root = ET.fromstring(first.svg)  # noqa: S314 - our own drawing
    assert root.tag.endswith("svg")
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        across, down = float(text.attrib["x"]), float(text.attrib["y"])
        assert 0 < across < width
        assert 0 < down < height


def test_a_run_without_logs_still_has_its_diagram(tmp_path: Path) -> None:
    from cjsim.report.data import ResultsFolder
    from cjsim.report.flow_diagram import flow_diagram_of

    diagram = flow_diagram_of(ResultsFolder(write_results(tmp_path / "run")))
    assert b"set to 0.38" in diagram.svg
