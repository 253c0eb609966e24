"""What the test of a claim found, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cjsim.formatting.numbers import both_ends, two_ends
from cjsim.formatting.tables import text_table
from cjsim.measures.intervals import paired_intervals
from cjsim.reforms.claim_test import BEST, CLOSE, FITTED
from cjsim.schema.reform import Published

UNITS = {"per cent": " %", "points": " points", "own unit": ""}

Interval = tuple[float, float, float]


def claim_text(content: Mapping[str, Any]) -> str:
    """The statement: the size fitted and its predictions, then whether all can hold, and how."""
    effects = [Published.model_validate(one) for one in content["published"]]
    fitted = next(one for one in effects if one.name == content["fit"])
    period = f"{content['study_from']} to {content['study_to']}"
    return "\n".join(
        [
            content["experiment"]["title"],
            (
                f"{period}, {content['replications']} runs at each setting beside the same runs "
                "without it"
            ),
            "",
            *_in_short(content, effects, fitted),
            "",
            *_size(content, effects, fitted),
            "",
            *_search(content, effects),
            *(f"Note: {notice}" for notice in content["notices"]),
        ]
    )


def _in_short(
    content: Mapping[str, Any], effects: Sequence[Published], fitted: Published
) -> list[str]:
    """The answer before its reasons: what one size gives, and whether any settings give all."""
    others = [one for one in effects if one is not fitted]
    found = content["effects"][FITTED]
    held = [one for one in others if reached(one, interval_of(found[one.name]))]
    said = ", ".join(f'"{one.says}"' for one in held) or "none of them"
    brought = f"{len(held)} of the other {len(others)} with"
    if content["size"] is None:
        most = _figure(interval_of(found[fitted.name])[0], fitted)
        first = (
            "In short: no size of the levers, all moved alike, gives the whole of "
            f'"{fitted.says}". The most is {most}, and it brings {brought} it: {said}.'
        )
    else:
        first = f'In short: levers large enough for "{fitted.says}" bring {brought} them: {said}.'
    hold = _holds(content, effects)
    whether = "there are settings in which" if hold else "no settings were found in which"
    return [first, f"Within the declared ranges of the levers {whether} every claim holds."]


def _holds(content: Mapping[str, Any], effects: Sequence[Published]) -> bool:
    """Whether all claims held where they were sought last: in a run, whatever the planes say."""
    best = content["effects"][BEST]
    return all(reached(one, interval_of(best[one.name])) for one in effects)


def _size(content: Mapping[str, Any], effects: Sequence[Published], fitted: Published) -> list[str]:
    """One size for all levers: fitted to one effect, and what it predicts of the others."""
    size = f"size {content['nearest_size']:.2f}"
    scale = "(0 the baseline, 1 as declared, 2 the far ends of their ranges)"
    found = content["effects"][FITTED]
    if content["size"] is None:
        lines = [
            f'Not within the declared ranges: no size of the levers gives "{fitted.says}" if all',
            f"are moved alike. Nearest to it comes {size}",
            f"{scale}:",
        ]
        share = interval_of(found[fitted.name])[0] / _claimed(fitted)
        nearest = f"the most: {100 * share:.0f} % of it"
    else:
        lines = [f'Fitted to "{fitted.says}": all levers at {size}', f"{scale}."]
        nearest = "fitted"
    rows = []
    for one in effects:
        interval = interval_of(found[one.name])
        word = nearest if one is fitted else _reproduced(one, interval)
        rows.append([one.says, _told(interval, one), word])
    table = text_table(["claimed", "the model at that size (95 %)", ""], rows, set())
    return [*lines, "", table]


def interval_of(sizes: Sequence[float]) -> Interval:
    """The mean of an effect over replications and its 95 % interval; NaN where there is none."""
    values = np.array([sizes], dtype=np.float64)
    low, high = paired_intervals(np.zeros_like(values), values)
    return float(values.mean()), float(low[0]), float(high[0])


def reached(effect: Published, interval: Interval) -> bool:
    """Whether the model comes to the claimed size, or as near as makes no matter."""
    return interval[0] / _claimed(effect) >= CLOSE


def _claimed(effect: Published) -> float:
    assert effect.signed is not None
    return effect.signed


def _reproduced(effect: Published, interval: Interval) -> str:
    middle, low, high = interval
    said = _claimed(effect)
    share = middle / said
    if low <= said <= high:
        whole = reached(effect, interval)
        return "reproduced" if whole else f"{100 * share:.0f} % of it; the interval holds it all"
    if reached(effect, interval):
        return "reproduced, and more than that"
    if share <= 0:
        return "not reproduced: no change in that direction"
    return f"not reproduced: {100 * share:.0f} % of it"


def _search(content: Mapping[str, Any], effects: Sequence[Published]) -> list[str]:
    """Whether any settings in the declared ranges give all effects, and which."""
    together = content["together"]
    found = {one.name: interval_of(content["effects"][BEST][one.name]) for one in effects}
    settings = [
        [
            _in_words(one["path"]),
            f"{one['level']:.3g}",
            f"{one['declared']:.3g}",
            both_ends(f"{one['low']:.3g}", f"{one['high']:.3g}"),
        ]
        for one in content["settings"]
    ]
    table = text_table(["lever", "here", "declared", "range"], settings, numbers={1, 2})
    rows = [[one.says, _told(found[one.name], one)] for one in effects]
    model = text_table(["claimed", "the model there (95 %)"], rows, numbers=set())
    if _holds(content, effects):
        return [
            "All of it can hold within the declared ranges. This would have to be true:",
            "",
            table,
            "",
            model,
        ]
    share = f"{100 * CLOSE:.0f} % of it"
    lines = [
        "Not within the declared ranges: no settings were found in which all of it holds.",
        f"A claim holds where the model comes to {share} or more.",
        f"{content['tried']} settings were run, and then the one below.",
    ]
    if together >= 1:
        lines.append("Between those settings it seemed to; run there, the model said otherwise:")
    else:
        lines += [
            *(_alone(one, content) for one in effects),
            "By planes laid through the settings that were run, the most of every claim that can",
            f"be had at once is {100 * max(together, 0):.0f} % of its size.",
            "",
            "Where that would be, the model was run as well, with the levers at:",
        ]
    return [*lines, "", table, "", model, *_needed(effects, found)]


def _in_words(path: str) -> str:
    """A lever as one would say it, and what its numbers are: file ready (chance)."""
    table, _, rest = path.partition(".")
    word, _, field = rest.partition(".")
    kind = {"branches": "chance", "pools": "people at once", "stages": "time taken"}.get(
        table, field
    )
    return f"{word.replace('_', ' ')} ({kind.replace('_', ' ')})"


def _alone(effect: Published, content: Mapping[str, Any]) -> str:
    """How much of one claim can be had: what was run comes first, then what the planes say."""
    ran = (content["most"], content["effects"][BEST], content["effects"][FITTED])
    each = [interval_of(of[effect.name]) for of in ran]
    most = max(each, key=lambda interval: interval[0] / _claimed(effect))
    share, plane = most[0] / _claimed(effect), content["alone"][effect.name]
    came = f"the most that was run came to {_told(most, effect)}"
    if reached(effect, most):
        return f'- "{effect.says}" alone is within reach: {came}.'
    came += f", {100 * share:.0f} % of it" if share > 0 else ", nothing of it"
    if plane >= CLOSE:
        return f'- "{effect.says}" alone may be within reach, by the planes below; {came}.'
    return f'- "{effect.says}" alone is out of reach: {came}.'


def _needed(effects: Sequence[Published], found: Mapping[str, Interval]) -> list[str]:
    """What would have to be true besides: for each effect that is still wanting."""
    lines = [
        f'For "{one.says}" something else would have to give the rest: from '
        f"{_figure(found[one.name][0], one)} to {_figure(one.signed or 0.0, one)}."
        for one in effects
        if not reached(one, found[one.name])
    ]
    return ["", *lines] if lines else []


def _told(interval: Interval, effect: Published) -> str:
    middle, low, high = interval
    unit = UNITS[effect.unit or "own unit"]
    said = f"{middle:+.2f}{unit}"
    if math.isnan(low):
        return said
    ends = two_ends(low, high, lambda value, finer: f"{value:+.{2 + finer}f}")
    return f"{said} ({ends})"


def _figure(value: float, effect: Published) -> str:
    return f"{value:+.2f}{UNITS[effect.unit or 'own unit']}"
