"""The clinical features of a patient: sixteen by default, or those of a file of the user's in the same form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from IVGCResponseLib.clinical_words import in_sentences
from NeuroOrbitLib.classifiers.columns import Column, columns_from_data
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: The features of this run, where the user has chosen a file of their own.
_CHOSEN: ContextVar[tuple[Column, ...] | None] = ContextVar("clinical features of this run", default=None)
SHIPPED = Path(__file__).parent / "clinical_features.json"


def clinical_columns(path: str | Path | None = None) -> tuple[Column, ...]:
    """Return the clinical features.

    :param path: JSON file with a list of columns (:func:`NeuroOrbitLib.classifiers.columns.columns_from_data`); by
        default those of :func:`chosen_features`, else the shipped ones, which are inferred from the published table's
        footnotes.
    :raises Problem: when the file is not there or is no such list.
    """
    known = _CHOSEN.get() if path is None else None
    if known is not None:
        return known
    chosen = SHIPPED if path is None else Path(path)
    try:
        found = columns_from_data(json.loads(chosen.read_text(encoding="utf-8")))
    except OSError as error:
        raise Problem(_("The clinical features {chosen} cannot be read ({strerror}). Choose a JSON file.").format(
            chosen=chosen, strerror=error.strerror)) from error
    except ValueError as error:
        raise Problem(_("{chosen} is no JSON file ({error}). Begin with a copy of the shipped one.").format(
            chosen=chosen, error=error)) from error
    except Problem as problem:
        raise Problem(_("{file}: {problem}").format(file=chosen, problem=problem)) from problem
    return tuple(in_sentences(column) for column in found)


@contextmanager
def chosen_features(path: str | Path | None) -> Iterator[None]:
    """Let everything inside take the clinical features of a file of the user's; the shipped ones for None.

    :raises Problem: when the file is not there or is no list of columns.
    """
    token = _CHOSEN.set(None if path is None else clinical_columns(path))
    try:
        yield
    finally:
        _CHOSEN.reset(token)


class ClinicalFeatures(Sequence[Column]):
    """The clinical features as a sequence that is asked anew each time, so that it is that of the run.

    :param others: columns that follow them.
    """

    def __init__(self, *others: Column) -> None:
        self._others = others

    def __getitem__(self, place: int | slice) -> Column | tuple[Column, ...]:
        return (*clinical_columns(), *self._others)[place]

    def __len__(self) -> int:
        return len(clinical_columns()) + len(self._others)
