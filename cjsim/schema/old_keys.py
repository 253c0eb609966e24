"""Keys of files that have a new name: the old one is still read, with a notice.

An old key is read until the release after the one that renamed it.
"""

from __future__ import annotations

import re
import warnings
from typing import Final

from cjsim.storage.plain import PlainTable

NEW_NAMES: Final = {
    "forks": "branches",
    "choices": "multiway_branches",
    "law": "distribution",
    "says": "summaries",
    "agrees": "agreement",
}
"""Tables of a model or a fit by their old name, with the name that they have now."""

_OLD_PATH: Final = re.compile(rf"^((?:factor )?)({'|'.join(NEW_NAMES)})(?=\.)")


class OldKeyNotice(FutureWarning):
    """A file says a key by its old name."""


def with_new_keys(data: PlainTable, file: str) -> PlainTable:
    """The tables of a file with each old key replaced; gives a notice that names each one.

    Replaced are the names of tables, and the paths to them that settings, designs and lists of
    measures hold as keys or texts. A file that has both the old and the new table is left as it is:
    the check that follows says that the old one is unknown.
    """
    replaced: set[str] = set()
    tables = {}
    for key, value in data.items():
        new = NEW_NAMES.get(key)
        if new is not None and isinstance(value, dict) and new not in data:
            replaced.add(key)
            key = new
        tables[key] = _renamed(value, replaced)
    for old in sorted(replaced):
        notice = f'{file}: "{old}" is now called "{NEW_NAMES[old]}". Write the new name.'
        warnings.warn(notice, OldKeyNotice, stacklevel=2)
    return tables


def _renamed(value: object, replaced: set[str]) -> object:
    if isinstance(value, dict):
        return {_path(key, replaced): _renamed(inner, replaced) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, replaced) for inner in value]
    return _path(value, replaced) if isinstance(value, str) else value


def _path(text: str, replaced: set[str]) -> str:
    match = _OLD_PATH.match(text)
    if match is None:
        return text
    replaced.add(match[2])
    return f"{match[1]}{NEW_NAMES[match[2]]}{text[match.end() :]}"
