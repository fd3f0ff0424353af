"""The clinical features of a patient: sixteen by default, or those of a file of the user's in the same form."""

from __future__ import annotations

import json
from pathlib import Path

from IVGCResponseLib.clinical_words import in_sentences
from NeuroOrbitLib.classifiers.columns import Column, columns_from_data
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

SHIPPED = Path(__file__).parent / "clinical_features.json"


def clinical_columns(path: str | Path | None = None) -> tuple[Column, ...]:
    """Return the clinical features.

    :param path: JSON file with a list of columns (:func:`NeuroOrbitLib.classifiers.columns.columns_from_data`); the
        shipped ones by default, which are inferred from the published table's footnotes.
    :raises Problem: when the file is not there or is no such list.
    """
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
