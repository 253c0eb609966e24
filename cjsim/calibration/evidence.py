"""The evidence register by figure: the parameters, targets and fits that use each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cjsim.calibration.fitting.published import FitFile, load_fit_file
from cjsim.calibration.screening import ScreeningResult, published_screening, screening_markdown
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
    "fitted": "a distribution fitted to published figures; the fit names them",
}
_WIDEST_FIGURE: Final = 52
_WIDEST_VALUE: Final = 24


@dataclass(frozen=True)
class Parameter:
    """A number of a model with its path in scenarios; a dated change is a separate number."""

    model: str
    at: KeyPath
    value: Sourced


@dataclass(frozen=True)
class Evidence:
    """The register, and the parameters, targets and fits that use its figures.

    `influence` holds the published screening by model, where there is one.
    """

    register: Register
    models: tuple[tuple[str, Model], ...]
    parameters: tuple[Parameter, ...]
    targets: tuple[tuple[str, Target], ...]
    fits: tuple[tuple[str, FitFile], ...]
    influence: Mapping[str, ScreeningResult] = field(default_factory=dict)


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
    influence: dict[str, ScreeningResult] = {}
    for folder in sorted(path for path in models_folder.iterdir() if any(path.glob("*.toml"))):
        shown = shown_path(folder)
        model = load_model(folder)
        models.append((shown, model))
        parameters += [Parameter(shown, at, value) for at, value in _all_values(model)]
        known = published_screening(root, folder.name)
        if known is not None:
            influence[shown] = known
        place = targets_path(folder)
        if place.is_file():
            fitted_implausibilities = load_targets(place)
            of_shapes = [
                target.model_copy(update={"id": shape.figure})
                for shape in fitted_implausibilities.shape
                for target in shape.targets
            ]
            targets += [
                (shown_path(place), target)
                for target in (*fitted_implausibilities.target, *of_shapes)
            ]
    fits = sorted((root / "calibration" / "fits").glob("*.toml"))
    read = tuple((shown_path(path), load_fit_file(path, register)) for path in fits)
    return Evidence(register, tuple(models), tuple(parameters), tuple(targets), read, influence)


def _root(models_folder: Path) -> Path:
    start = models_folder.resolve()
    holds = (
        folder
        for folder in (start, *start.parents)
        if (folder / "calibration/register.csv").is_file()
    )
    return next(holds, start)


def _all_values(model: Model) -> Iterator[tuple[KeyPath, Sourced]]:
    for at, value in sourced_values(model):
        yield at, value
        for index, change in enumerate(getattr(value, "changes", ())):
            yield (*at, "changes", index), change


def register_text(evidence: Evidence) -> str:
    """The register as a table: each figure, and the number of its uses."""
    resting = Counter(parameter.value.source for parameter in evidence.parameters)
    fitted_implausibilities = Counter(target.id for _, target in evidence.targets)
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
            *(str(count[name] or "") for count in (resting, fitted_implausibilities, fitted)),
        )
        for name, row in evidence.register.items()
    ]
    unused = sum(
        not (resting[name] or fitted_implausibilities[name] or fitted[name])
        for name in evidence.register
    )
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
    """One figure: its value, its source, and every parameter, target and fit that uses it.

    Raises Faults, with the nearest known figure, when the register has no such figure.
    """
    row = evidence.register.get(name)
    if row is None:
        words = [known for known in evidence.register if name and name in known]
        remedy = did_you_mean(name, list(evidence.register))
        if words and not remedy.startswith("Did"):
            remedy = f'Did you mean "{words[0]}"?'
        raise Faults([Fault("calibration/register.csv", name, "there is no such figure.", remedy)])
    lines = [name]
    keys = ("figure", "value", "unit", "period", "geography", "publication", "url", "note")
    lines += [f"  {key:<12} {row[key]}" for key in keys if row.get(key)]
    status = row.get("status") or ""
    lines.append(f"  {'status':<12} {status}: {STATUS.get(status, 'not explained')}")
    lines += ["", "Parameters that rest on it", *_parameter_lines(evidence, name)]
    lines += ["", "Targets judged by it", *_target_lines(evidence, name)]
    fits = [f"  {shown}: {file.title}" for shown, file in evidence.fits if name in file.sources()]
    return [*lines, "", "Fits made from it", *(fits or ["  none"])]


def _parameter_lines(evidence: Evidence, name: str) -> Iterator[str]:
    models = dict(evidence.models)
    is_used = False
    for parameter in evidence.parameters:
        if parameter.value.source != name:
            continue
        is_used = True
        first, *more = (value_text(parameter.value) or "see its table").splitlines()
        yield f"  {parameter.model}: {dotted(parameter.at)}"
        yield f"    {first}  ({parameter.value.evidence})"
        yield from (f"    {line}" for line in more)
        if parameter.value.note:
            yield f"    {parameter.value.note}"
        yield from (f"    used: {use}" for use in uses(models[parameter.model], parameter.at))
    if not is_used:
        yield "  none"


def _target_lines(evidence: Evidence, name: str) -> Iterator[str]:
    is_used = False
    for shown, target in evidence.targets:
        if target.id == name:
            is_used = True
            low, high = target.band
            band = f"{low:g} to {high:g}" if high < float("inf") else f"at least {low:g}"
            yield f"  {shown}: {target.title}, {band} {target.unit} ({target.kpi})"
    if not is_used:
        yield "  none"


# --- assumptions ------------------------------------------------------------------------------


def write_assumptions(evidence: Evidence, out: Path) -> None:
    """Write the list of assumptions to a Markdown file, in one step. Raises OSError."""
    text = assumptions_markdown(evidence)
    write_output(text, out, "assumptions")


def assumptions_markdown(evidence: Evidence) -> str:
    """Every assumption of the models, ranked by influence on the published figures.

    Below the ranking they stand table by table, by influence where known and then by the width of
    their range.
    """
    lines = [
        "# Assumptions",
        "",
        "The numbers of each model that no publication gives. `cjsim evidence --assumptions FILE`",
        "writes this page. Where `cjsim influence` has been run, the page begins with the numbers",
        "that move the published figures most. Each table begins with the most influential ones;",
        "then come those with the widest range (upper end over lower end; ranges from 0 last). A",
        "wide range means that little is known about a number; the number may not matter.",
        "`cjsim explain NAME` shows where the journey uses it.",
    ]
    # Models with a screening come first.
    for shown, model in sorted(evidence.models, key=lambda item: item[0] not in evidence.influence):
        # All numbers of the toy model are made up.
        if model.area == "toy":
            continue
        assumed = [
            parameter
            for parameter in evidence.parameters
            if parameter.model == shown and parameter.value.source == "assumption"
        ]
        if not assumed:
            continue
        count = sum(parameter.model == shown for parameter in evidence.parameters)
        lines += ["", f"## {model.title}", ""]
        lines.append(f"{len(assumed)} of {count} numbers are assumptions.")
        influence = evidence.influence.get(shown)
        shares = {} if influence is None else influence.shares
        if influence is not None:
            lines += ["", *screening_markdown(influence, hash_of(model))]
        for table in dict.fromkeys(str(parameter.at[0]) for parameter in assumed):
            of_table = [parameter for parameter in assumed if parameter.at[0] == table]
            lines += ["", f"### {table}", "", *_assumption_table(of_table, shares)]
    return "\n".join(lines) + "\n"


def _assumption_table(
    parameters: Sequence[Parameter], shares: Mapping[str, float]
) -> Iterator[str]:
    yield "| number | value | range | note |"
    yield "| --- | --- | --- | --- |"

    def order(parameter: Parameter) -> tuple[float, float, str]:
        name = dotted(parameter.at)
        return -shares.get(name, 0.0), -_width(parameter.value), name

    for parameter in sorted(parameters, key=order):
        value = parameter.value
        low, high = value.range or (0.0, 0.0)
        text = value_text(value).replace("\n", "; ").replace("|", "\\|")
        note = value.note.replace("|", "\\|")
        yield f"| `{dotted(parameter.at)}` | {text} | {low:g} to {high:g} | {note} |"


def _width(value: Sourced) -> float:
    """The upper end over the lower end; 0 for a range that starts at 0, which sorts last."""
    if value.range is None or value.range[0] <= 0:
        return 0.0
    return value.range[1] / value.range[0]
