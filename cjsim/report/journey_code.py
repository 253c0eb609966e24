"""The journey read from its own code: every step with what it does, asks and leads to, in order."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import cjsim
from cjsim.formatting.labels import modules
from cjsim.jurisdiction import in_use, vocabulary

Kind = Literal["stage", "hearing", "branch", "choice", "duty", "mark", "end", "next"]

PACKAGE: Final = Path(cjsim.__file__).parent

NOT_STEPS: Final = ("resume", "resume_points")
"""Modules of a process that hold no steps."""

_KIND_OF_VERB: Final[dict[str, Kind]] = {
    "decide": "branch",
    "choose": "choice",
    "tell": "duty",
    "note": "mark",
    "end": "end",
    "fix": "hearing",
    "fix_before": "hearing",
    "work": "stage",
    "work_before": "stage",
    "work_in_cell": "stage",
    "wait": "stage",
    "lasts": "stage",
}
"""The verbs of a case, and the kind of word that each takes."""

_KIND_OF_ANSWER: Final[dict[str, Kind]] = {
    "Branch": "branch",
    "MultiwayBranch": "choice",
    "Stage": "stage",
}
"""The same by what a step promises to return, where it only finds the word for a verb."""


def words_by_kind() -> dict[Kind, tuple[str, ...]]:
    """The words of the jurisdiction in use, by kind."""
    words = vocabulary()
    return {
        "hearing": words.hearings,
        "stage": words.stages,
        "branch": words.branches,
        "choice": words.multiway_branches,
        "duty": words.duties,
        "mark": words.marks,
        "end": words.outcomes,
    }


@dataclass(frozen=True)
class Item:
    """A line of a card: a word of the vocabulary, or the step (`module.step`) that follows."""

    kind: Kind
    word: str


@dataclass(frozen=True)
class Card:
    """A step of the journey: its module, name, docstring and items in order."""

    module: str
    name: str
    says: str
    items: tuple[Item, ...]

    @property
    def key(self) -> str:
        """The name by which other steps lead here."""
        return f"{self.module}.{self.name}"


def module_title(module: str) -> str:
    """What a module of the journey is called."""
    return modules().get(module, module.replace("_", " ").capitalize())


def journey_cards() -> list[Card]:
    """Every step of the journey, module by module in the order of a case."""
    files = {path.stem: path for path in in_use().process_files if path.stem not in NOT_STEPS}
    known = [module for module in modules() if module in files]
    in_order = [*known, *(module for module in files if module not in known)]
    trees = {module: ast.parse(files[module].read_text(encoding="utf-8")) for module in in_order}
    steps = {
        f"{module}.{node.name}"
        for module, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    cards = [card for module, tree in trees.items() for card in _cards_of(module, tree, steps)]
    cards += _alongside({item.word for card in cards for item in card.items})
    return _folded([card for card in cards if card.items])


def _folded(cards: list[Card]) -> list[Card]:
    """The cards, with steps that only contact people merged into the steps that call them."""
    small = {
        card.key: card
        for card in cards
        if card.module != "alongside" and all(item.kind == "duty" for item in card.items)
    }
    keys = {card.key for card in cards}
    folded = []
    for card in cards:
        items: list[Item] = []
        for item in card.items:
            if item.kind != "next" or item.word not in small:
                items.append(item)
            else:
                items += small[item.word].items
        kept = [item for item in items if item.kind != "next" or item.word in keys]
        folded.append(replace(card, items=tuple(dict.fromkeys(kept))))
    words = {item.word for card in folded if card.key not in small for item in card.items}
    return [
        card
        for card in folded
        if card.key not in small or any(item.word not in words for item in card.items)
    ]


def _cards_of(module: str, tree: ast.Module, steps: set[str]) -> Iterator[Card]:
    """A card for each function, and for each table of words that a court uses."""
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef):
            items = tuple(dict.fromkeys(items_of(node, module, steps)))
            yield Card(module, node.name, _first_sentence(ast.get_docstring(node)), items)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call | ast.Dict):
            target = node.targets[0]
            items = tuple(dict.fromkeys([*_words_in(node.value), *_led_to(node, module, steps)]))
            after = tree.body[index + 1] if index + 1 < len(tree.body) else None
            says = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                says = _first_sentence(str(after.value.value))
            if isinstance(target, ast.Name) and items:
                yield Card(module, target.id.lower(), says, items)


def items_of(node: ast.FunctionDef, module: str, steps: set[str]) -> Iterator[Item]:
    """What a function does, in the order in which it is written."""
    located: list[tuple[int, int, Item]] = []
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            located += _said_in(part)
        elif isinstance(part, ast.Return) and part.value is not None:
            located += _answered(node.returns, part.value)
        if (step := _step(part, module)) in steps and step != f"{module}.{node.name}":
            located.append(_at(part, Item("next", step)))
    located += [_at(part, Item("end", str(part.value))) for part in _outcomes(node.args.defaults)]
    for _, _, item in sorted(located, key=lambda position: position[:2]):
        yield item


def _said_in(call: ast.Call) -> list[tuple[int, int, Item]]:
    """The words that a call gives to a verb; else an outcome handed on to the step that follows."""
    verb = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if verb not in _KIND_OF_VERB:
        return [_at(part, Item("end", str(part.value))) for part in _outcomes(call.args)]
    kind = _KIND_OF_VERB[verb]
    words = words_by_kind()[kind]
    return [
        _at(part, Item(kind, str(part.value))) for part in _constants(call) if part.value in words
    ]


def _answered(promised: ast.expr | None, value: ast.expr) -> list[tuple[int, int, Item]]:
    """The words that a step returns for a verb to use, on either side of a condition too."""
    if not isinstance(promised, ast.Name) or promised.id not in _KIND_OF_ANSWER:
        return []
    kind = _KIND_OF_ANSWER[promised.id]
    words = words_by_kind()[kind]
    return [
        _at(part, Item(kind, str(part.value)))
        for part in (value, *_branches(value))
        if isinstance(part, ast.Constant) and part.value in words
    ]


def _outcomes(nodes: Iterable[ast.expr]) -> list[ast.Constant]:
    return [
        node
        for node in nodes
        if isinstance(node, ast.Constant) and node.value in vocabulary().outcomes
    ]


def _at(node: ast.expr | ast.AST, item: Item) -> tuple[int, int, Item]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0), item


def _constants(call: ast.Call) -> Iterator[ast.Constant]:
    """The strings among a call's arguments, also on both sides of a condition."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        for part in (argument, *_branches(argument)):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part


def _branches(argument: ast.expr) -> Iterator[ast.expr]:
    if isinstance(argument, ast.IfExp):
        for side in (argument.body, argument.orelse):
            yield side
            yield from _branches(side)


def _step(node: ast.AST, module: str) -> str:
    """The step that a name stands for: `module.step`, with or without the module in the code."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return f"{module}.{node.id}" if isinstance(node, ast.Name) else ""


def _led_to(node: ast.AST, module: str, steps: set[str]) -> list[Item]:
    return [Item("next", step) for part in ast.walk(node) if (step := _step(part, module)) in steps]


def _words_in(node: ast.AST) -> list[Item]:
    """Every word of the vocabulary among the strings below a node, each as the kind it is first."""
    items = []
    kinds = words_by_kind().items()
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            kind = next((kind for kind, words in kinds if part.value in words), None)
            if kind is not None:
                items.append(Item(kind, part.value))
    return items


def _alongside(named: set[str]) -> Iterator[Card]:
    """What a case's belongings write into the log, as far as no step has named it."""
    seen = set(named)
    for module in in_use().log_writers:
        tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
        items = [
            item
            for item in _words_in(tree)
            if item.kind in ("stage", "duty", "mark", "branch") and item.word not in seen
        ]
        if items:
            seen |= {item.word for item in items}
            says = _first_sentence(ast.get_docstring(tree))
            package, _, name = module.partition("/")
            title = f"{name}_in_general" if package == "case" else name
            yield Card("alongside", title, says, tuple(dict.fromkeys(items)))


def _first_sentence(docstring: str | None) -> str:
    return " ".join((docstring or "").split("\n\n")[0].split())
