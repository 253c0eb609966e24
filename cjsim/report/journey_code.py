"""The journey read from its own code: every step with what it does, asks and leads to, in order."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import cjsim
from cjsim.england_wales.vocabulary import (
    BRANCHES,
    DUTIES,
    HEARINGS,
    MARKS,
    MULTIWAY_BRANCHES,
    OUTCOMES,
    STAGES,
)

Kind = Literal["stage", "hearing", "branch", "choice", "duty", "mark", "end", "next"]

PACKAGE: Final = Path(cjsim.__file__).parent
ROOMS: Final[tuple[tuple[str, str], ...]] = (
    ("entry_points", "Ways in"),
    ("case_mix", "Facts of a case"),
    ("custody", "Police custody"),
    ("clock", "The custody clock"),
    ("police", "Police"),
    ("prosecution", "Prosecution"),
    ("magistrates", "Magistrates\u2019 court"),
    ("crown", "Crown Court"),
    ("mentions", "Mentions in the Crown Court"),
    ("trial", "Trial, in both courts"),
    ("readiness", "Whether a trial can go ahead"),
    ("sentence", "Waiting for sentence"),
    ("warrants", "Warrants"),
    ("prisons", "Remand"),
    ("victims", "Victims and witnesses"),
    ("reoffending", "After the disposal"),
)
"""The modules of the journey in the order of the road; one that is not named here comes last."""

ALONGSIDE: Final = (
    "custody",
    "pre_charge_bail",
    "detention_review",
    "attendance",
    "victim_contact",
    "case",
    "custody_time_limit",
)
"""The modules of `cjsim.case` that write rows of the log which no step of the journey names."""

VERBS: Final[dict[str, tuple[Kind, tuple[str, ...]]]] = {
    "decide": ("branch", BRANCHES),
    "choose": ("choice", MULTIWAY_BRANCHES),
    "tell": ("duty", DUTIES),
    "note": ("mark", MARKS),
    "end": ("end", OUTCOMES),
    "fix": ("hearing", HEARINGS),
    "fix_before": ("hearing", HEARINGS),
    "work": ("stage", STAGES),
    "work_before": ("stage", STAGES),
    "work_in_cell": ("stage", STAGES),
    "wait": ("stage", STAGES),
    "lasts": ("stage", STAGES),
}
"""What each verb of a case is given: the kind of word, and the words of that kind."""

ANSWERS: Final[dict[str, tuple[Kind, tuple[str, ...]]]] = {
    name: VERBS[verb]
    for name, verb in (("Branch", "decide"), ("MultiwayBranch", "choose"), ("Stage", "lasts"))
}
"""The same by what a step promises to return, where it only finds the word for a verb."""

KINDS: Final[tuple[tuple[Kind, tuple[str, ...]], ...]] = (
    ("hearing", HEARINGS),
    ("stage", STAGES),
    ("branch", BRANCHES),
    ("choice", MULTIWAY_BRANCHES),
    ("duty", DUTIES),
    ("mark", MARKS),
    ("end", OUTCOMES),
)


@dataclass(frozen=True)
class Item:
    """A line of a card: a word of the vocabulary, or the step (`room.step`) that follows."""

    kind: Kind
    word: str


@dataclass(frozen=True)
class Card:
    """A step of the journey: where it stands, what it says of itself, and what it does in order."""

    room: str
    name: str
    says: str
    items: tuple[Item, ...]

    @property
    def key(self) -> str:
        """The name by which other steps lead here."""
        return f"{self.room}.{self.name}"


def room_title(room: str) -> str:
    """What a module of the journey is called."""
    return dict(ROOMS).get(room, room.replace("_", " ").capitalize())


def journey_cards() -> list[Card]:
    """Every step of the journey, room by room in the order of the road."""
    files = {
        path.stem: path
        for path in sorted((PACKAGE / "england_wales" / "journey").glob("*.py"))
        if path.stem not in ("__init__", "resume", "resume_points")
    }
    known = [room for room, _ in ROOMS if room in files]
    rooms = [*known, *(room for room in files if room not in known)]
    trees = {room: ast.parse(files[room].read_text(encoding="utf-8")) for room in rooms}
    steps = {
        f"{room}.{node.name}"
        for room, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    cards = [card for room, tree in trees.items() for card in _cards_of(room, tree, steps)]
    cards += _alongside({item.word for card in cards for item in card.items})
    return _folded([card for card in cards if card.items])


def _folded(cards: list[Card]) -> list[Card]:
    """The same road with steps that only tell somebody something written where they are taken."""
    small = {
        card.key: card
        for card in cards
        if card.room != "alongside" and all(item.kind == "duty" for item in card.items)
    }
    held = {card.key for card in cards}
    whole = []
    for card in cards:
        items: list[Item] = []
        for item in card.items:
            if item.kind != "next" or item.word not in small:
                items.append(item)
            else:
                items += small[item.word].items
        kept = [item for item in items if item.kind != "next" or item.word in held]
        whole.append(replace(card, items=tuple(dict.fromkeys(kept))))
    told = {item.word for card in whole if card.key not in small for item in card.items}
    return [
        card
        for card in whole
        if card.key not in small or any(item.word not in told for item in card.items)
    ]


def _cards_of(room: str, tree: ast.Module, steps: set[str]) -> Iterator[Card]:
    """A card for each function, and for each table that gives a court words of its own."""
    for place, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef):
            items = tuple(dict.fromkeys(items_of(node, room, steps)))
            yield Card(room, node.name, _first_sentence(ast.get_docstring(node)), items)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call | ast.Dict):
            target = node.targets[0]
            items = tuple(dict.fromkeys([*_words_in(node.value), *_led_to(node, room, steps)]))
            after = tree.body[place + 1] if place + 1 < len(tree.body) else None
            says = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                says = _first_sentence(str(after.value.value))
            if isinstance(target, ast.Name) and items:
                yield Card(room, target.id.lower(), says, items)


def items_of(node: ast.FunctionDef, room: str, steps: set[str]) -> Iterator[Item]:
    """What a function does, in the order in which it is written."""
    found: list[tuple[int, int, Item]] = []
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            found += _said_in(part)
        elif isinstance(part, ast.Return) and part.value is not None:
            found += _answered(node.returns, part.value)
        if (step := _step(part, room)) in steps and step != f"{room}.{node.name}":
            found.append(_at(part, Item("next", step)))
    found += [_at(part, Item("end", str(part.value))) for part in _outcomes(node.args.defaults)]
    for _, _, item in sorted(found, key=lambda one: one[:2]):
        yield item


def _said_in(call: ast.Call) -> list[tuple[int, int, Item]]:
    """The words that a call gives to a verb; else an outcome handed on to the step that follows."""
    verb = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if verb not in VERBS:
        return [_at(part, Item("end", str(part.value))) for part in _outcomes(call.args)]
    kind, words = VERBS[verb]
    return [
        _at(part, Item(kind, str(part.value))) for part in _constants(call) if part.value in words
    ]


def _answered(promised: ast.expr | None, value: ast.expr) -> list[tuple[int, int, Item]]:
    """The words that a step returns for a verb to use, on either side of a condition too."""
    if not isinstance(promised, ast.Name) or promised.id not in ANSWERS:
        return []
    kind, words = ANSWERS[promised.id]
    return [
        _at(part, Item(kind, str(part.value)))
        for part in (value, *_branches(value))
        if isinstance(part, ast.Constant) and part.value in words
    ]


def _outcomes(nodes: Iterable[ast.expr]) -> list[ast.Constant]:
    return [one for one in nodes if isinstance(one, ast.Constant) and one.value in OUTCOMES]


def _at(node: ast.expr | ast.AST, item: Item) -> tuple[int, int, Item]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0), item


def _constants(call: ast.Call) -> Iterator[ast.Constant]:
    """The strings that a call is given, on either side of a condition too."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        for part in (argument, *_branches(argument)):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part


def _branches(argument: ast.expr) -> Iterator[ast.expr]:
    if isinstance(argument, ast.IfExp):
        for side in (argument.body, argument.orelse):
            yield side
            yield from _branches(side)


def _step(node: ast.AST, room: str) -> str:
    """The step that a name stands for: `room.step`, whether it is written with its room or not."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return f"{room}.{node.id}" if isinstance(node, ast.Name) else ""


def _led_to(node: ast.AST, room: str, steps: set[str]) -> list[Item]:
    return [Item("next", step) for part in ast.walk(node) if (step := _step(part, room)) in steps]


def _words_in(node: ast.AST) -> list[Item]:
    """Every word of the vocabulary among the strings below a node, each as the kind it is first."""
    found = []
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            kind = next((kind for kind, words in KINDS if part.value in words), None)
            if kind is not None:
                found.append(Item(kind, part.value))
    return found


def _alongside(on_the_road: set[str]) -> Iterator[Card]:
    """What a case's belongings write into the log, as far as no step has named it."""
    seen = set(on_the_road)
    places = (
        (module, PACKAGE / package / f"{module}.py")
        for module in ALONGSIDE
        for package in ("england_wales", "case")
    )
    for module, file in places:
        if not file.is_file():
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        items = [
            item
            for item in _words_in(tree)
            if item.kind in ("stage", "duty", "mark", "branch") and item.word not in seen
        ]
        if items:
            seen |= {item.word for item in items}
            says = _first_sentence(ast.get_docstring(tree))
            name = module if file.parent.name == "england_wales" else f"{module}_in_general"
            yield Card("alongside", name, says, tuple(dict.fromkeys(items)))


def _first_sentence(docstring: str | None) -> str:
    return " ".join((docstring or "").split("\n\n")[0].split())
