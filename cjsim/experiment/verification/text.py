"""The checks of a folder as text: a line for each check, then a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from cjsim.experiment.verification.findings import State, Verified


def verified_text(folders: Sequence[Verified]) -> str:
    """Every check of every folder, and one verdict on all of them."""
    lines: list[str] = []
    for one in folders:
        lines += [one.folder, one.about, f"Fingerprint: {one.fingerprint}", ""]
        wide = max(len(finding.check) for finding in one.findings)
        lines += [
            f"{finding.state.value:<8} {finding.check:<{wide}}  {finding.says}"
            for finding in one.findings
        ]
        lines.append("")
    return "\n".join([*lines, *_verdict(folders)])


def _verdict(folders: Sequence[Verified]) -> list[str]:
    wrong = [one for folder in folders for one in folder.those(State.WRONG)]
    unknown = [one for folder in folders for one in folder.those(State.UNKNOWN)]
    if wrong:
        return [
            "Verdict: these are NOT the results that cjsim wrote. Do not rely on them; ask",
            "the person who gave them to you for the folder as it was written.",
        ]
    if unknown:
        return [
            "Verdict: no change was found, but not everything could be checked. Do not rely on",
            "what is marked unknown.",
        ]
    again = all(
        one.state is State.RIGHT
        for folder in folders
        for one in folder.findings
        if one.check == "run again"
    )
    lines = [
        "Verdict: these are the results that cjsim wrote, to the last byte. Hold the fingerprint",
        "against the one that their author told you: it is the same for the same results.",
    ]
    return lines if again else [*lines, "To see that the model gives these results, add --rerun 2."]
