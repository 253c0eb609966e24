"""The evidence register turned round: what rests on each figure, and what rests on none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cjsim.calibration.fitting.published import FitFile, load_fit_file
from cjsim.calibration.screening_text import Influence, influence_markdown, influence_of
from cjsim.calibration.targets import Target, load_targets, targets_path
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.plan import hash_of
from cjsim.formatting.tables import text_table
from cjsim.scenarios.load import load_model
from cjsim.schema.base import Sourced
from cjsim.schema.explain import uses, value_text
from cjsim.schema.files import KeyPath, dotted, shown_path
from cjsim.schema.model import Model
from cjsim.schema.parameter_paths import sourced_values
from cjsim.schema.register import Register, register_near
from cjsim.storage.outputs import write_output

STATUS: Final[Mapping[str, str]] = {
    "published": "read in the publication, or in a copy of its table that the source names",
    "derived": "arithmetic on published figures; the formula is in the note",
    "unverified": "commonly quoted, its publication not at hand: an assumption with a range",
    "fitted": "a law fitted to published figures; the fit names them",
}
_WIDEST_FIGURE: Final = 52
_WIDEST_VALUE: Final = 24


@dataclass(frozen=True)
class Parameter:
    """One number of a model with the path that scenarios know it by; a dated change is one too."""

    model: str
    at: KeyPath
    value: Sourced


@dataclass(frozen=True)
class Evidence:
    """The register, and all that names its figures: parameters, targets and fits.

    `influence` holds by model how far its assumptions move the published figures, where known.
    """

    register: Register
    models: tuple[tuple[str, Model], ...]
    parameters: tuple[Parameter, ...]
    targets: tuple[tuple[str, Target], ...]
    fits: tuple[tuple[str, FitFile], ...]
    influence: Mapping[str, Influence] = field(default_factory=dict)


def read_evidence(models_folder: Path) -> Evidence:
    """Every model of a folder, its targets, and the register and fits near it. Raises Faults."""
    if not models_folder.is_dir():
        wrong = "there is no such folder of models."
        raise Faults([Fault(shown_path(models_folder), "", wrong, "Name it with --models.")])
    register = register_near(models_folder)
    if register is None:
        wrong = "no calibration/register.csv lies beside or above it."
        raise Faults([Fault(shown_path(models_folder), "", wrong, "Put the register there.")])
    models, parameters, targets = [], [], []
    root = _root(models_folder)
    influence: dict[str, Influence] = {}
    for folder in sorted(path for path in models_folder.iterdir() if any(path.glob("*.toml"))):
        shown = shown_path(folder)
        model = load_model(folder)
        models.append((shown, model))
        parameters += [Parameter(shown, at, value) for at, value in _all_values(model)]
        known = influence_of(root, folder.name)
        if known is not None:
            influence[shown] = known
        place = targets_path(folder)
        if place.is_file():
            judged = load_targets(place)
            of_shapes = [
                target.model_copy(update={"id": shape.figure})
                for shape in judged.shape
                for target in shape.targets
            ]
            targets += [(shown_path(place), target) for target in (*judged.target, *of_shapes)]
    fits = sorted((root / "calibration" / "fits").glob("*.toml"))
    read = tuple((shown_path(path), load_fit_file(path, register)) for path in fits)
    return Evidence(register, tuple(models), tuple(parameters), tuple(targets), read, influence)


def _root(models_folder: Path) -> Path:
    start = models_folder.resolve()
    holds = (one for one in (start, *start.parents) if (one / "calibration/register.csv").is_file())
    return next(holds, start)


def _all_values(model: Model) -> Iterator[tuple[KeyPath, Sourced]]:
    for at, value in sourced_values(model):
        yield at, value
        for place, change in enumerate(getattr(value, "changes", ())):
            yield (*at, "changes", place), change


def register_text(evidence: Evidence) -> str:
    """The register as a table: each figure, and how much rests on it."""
    resting = Counter(parameter.value.source for parameter in evidence.parameters)
    judged = Counter(target.id for _, target in evidence.targets)
    fitted = Counter(source for _, file in evidence.fits for source in file.sources())
    headings = (
        "id",
        "figure",
        "value",
        "unit",
        "period",
        "status",
        "parameters",
        "targets",
        "fits",
    )
    rows = [
        (
            name,
            _short(row["figure"], _WIDEST_FIGURE),
            _short(row["value"], _WIDEST_VALUE),
            row["unit"],
            row["period"],
            row["status"],
            *(str(count[name] or "") for count in (resting, judged, fitted)),
        )
        for name, row in evidence.register.items()
    ]
    unused = sum(not (resting[name] or judged[name] or fitted[name]) for name in evidence.register)
    assumed = sum(parameter.value.source == "assumption" for parameter in evidence.parameters)
    text = text_table(headings, rows, numbers={6, 7, 8})
    return (
        f"{text}\n\n{len(rows)} figures; nothing rests on {unused} of them yet. "
        f"{len(evidence.parameters)} parameters in {len(evidence.models)} models, of which "
        f"{assumed} rest on assumptions."
    )


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def figure_lines(evidence: Evidence, name: str) -> list[str]:
    """One figure: what it is, its source, and every parameter, target and fit that rests on it.

    Raises Faults, with the nearest known figure, when the register has no such figure.
    """
    row = evidence.register.get(name)
    if row is None:
        words = [one for one in evidence.register if name and name in one]
        remedy = did_you_mean(name, list(evidence.register))
        if words and not remedy.startswith("Did"):
            remedy = f'Did you mean "{words[0]}"?'
        raise Faults([Fault("calibration/register.csv", name, "there is no such figure.", remedy)])
    lines = [name]
    told = ("figure", "value", "unit", "period", "geography", "publication", "url", "note")
    lines += [f"  {key:<12} {row[key]}" for key in told if row.get(key)]
    status = row.get("status") or ""
    lines.append(f"  {'status':<12} {status}: {STATUS.get(status, 'not explained')}")
    lines += ["", "Parameters that rest on it", *_parameter_lines(evidence, name)]
    lines += ["", "Targets judged by it", *_target_lines(evidence, name)]
    fits = [f"  {shown}: {file.title}" for shown, file in evidence.fits if name in file.sources()]
    return [*lines, "", "Fits made from it", *(fits or ["  none"])]


def _parameter_lines(evidence: Evidence, name: str) -> Iterator[str]:
    models = dict(evidence.models)
    found = False
    for parameter in evidence.parameters:
        if parameter.value.source != name:
            continue
        found = True
        first, *more = (value_text(parameter.value) or "see its table").splitlines()
        yield f"  {parameter.model}: {dotted(parameter.at)}"
        yield f"    {first}  ({parameter.value.evidence})"
        yield from (f"    {line}" for line in more)
        if parameter.value.note:
            yield f"    {parameter.value.note}"
        yield from (f"    used: {use}" for use in uses(models[parameter.model], parameter.at))
    if not found:
        yield "  none"


def _target_lines(evidence: Evidence, name: str) -> Iterator[str]:
    found = False
    for shown, target in evidence.targets:
        if target.id == name:
            found = True
            low, high = target.band
            band = f"{low:g} to {high:g}" if high < float("inf") else f"at least {low:g}"
            yield f"  {shown}: {target.title}, {band} {target.unit} ({target.kpi})"
    if not found:
        yield "  none"


# --- assumptions ------------------------------------------------------------------------------


def write_assumptions(evidence: Evidence, out: Path) -> None:
    """Write the list of assumptions to a Markdown file, in one step. Raises OSError."""
    text = assumptions_markdown(evidence, f"cjsim evidence --assumptions {shown_path(out)}")
    write_output(text, out, "assumptions")


def assumptions_markdown(evidence: Evidence, command: str) -> str:
    """Every assumption of the models, those first that move the published figures most.

    Below the ranking all of them stand table by table, by influence where it is known and then by
    the width of their range.
    """
    lines = [
        "# Assumptions",
        "",
        f"Numbers that no publication gives, model by model. Written by `{command}`; do not edit.",
        "Where `cjsim influence` has been run, the numbers that move the published figures most",
        "stand first. In the tables below come the most influential first, then the widest range",
        "(its upper end over its lower; ranges from 0 last). A wide range is what is little known,",
        "which may not matter at all. `cjsim explain NAME` shows where the journey uses a number.",
    ]
    # First the models whose numbers' influence is known: the others are read for one question.
    for shown, model in sorted(evidence.models, key=lambda one: one[0] not in evidence.influence):
        # The toy model is made up from end to end: a list of its numbers would say nothing.
        if model.area == "toy":
            continue
        assumed = [
            parameter
            for parameter in evidence.parameters
            if parameter.model == shown and parameter.value.source == "assumption"
        ]
        if not assumed:
            continue
        whole = sum(parameter.model == shown for parameter in evidence.parameters)
        lines += ["", f"## {model.title}", ""]
        lines.append(f"{len(assumed)} of {whole} numbers are assumptions.")
        found = evidence.influence.get(shown)
        shares = {} if found is None else found.shares
        if found is not None:
            lines += ["", *influence_markdown(found, hash_of(model))]
        for table in dict.fromkeys(str(parameter.at[0]) for parameter in assumed):
            of_table = [parameter for parameter in assumed if parameter.at[0] == table]
            lines += ["", f"### {table}", "", *_assumption_table(of_table, shares)]
    return "\n".join(lines) + "\n"


def _assumption_table(
    parameters: Sequence[Parameter], shares: Mapping[str, float]
) -> Iterator[str]:
    yield "| number | value | range | note |"
    yield "| --- | --- | --- | --- |"

    def order(one: Parameter) -> tuple[float, float, str]:
        name = dotted(one.at)
        return -shares.get(name, 0.0), -_width(one.value), name

    for parameter in sorted(parameters, key=order):
        value = parameter.value
        low, high = value.range or (0.0, 0.0)
        text = value_text(value).replace("\n", "; ").replace("|", "\\|")
        note = value.note.replace("|", "\\|")
        yield f"| `{dotted(parameter.at)}` | {text} | {low:g} to {high:g} | {note} |"


def _width(value: Sourced) -> float:
    """Upper end over lower end; from 0 it has no ratio, and 0 to 1 says nothing at all: last."""
    if value.range is None or value.range[0] <= 0:
        return 0.0
    return value.range[1] / value.range[0]
