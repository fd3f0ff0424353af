"""The clinical features of a patient: sixteen by default, or those of a file of the user's in the same form."""

from __future__ import annotations

import json
from pathlib import Path

from NeuroOrbitLib.classifiers.columns import Column, columns_from_data
from NeuroOrbitLib.problem import Problem

SHIPPED = Path(__file__).parent / "clinical_features.json"


def clinical_columns(path: str | Path | None = None) -> tuple[Column, ...]:
    """Return the clinical features.

    :param path: JSON file with a list of columns (:func:`NeuroOrbitLib.classifiers.columns.columns_from_data`); the
        shipped ones by default, which are inferred from the published table's footnotes.
    :raises Problem: when the file is not there or is no such list.
    """
    chosen = SHIPPED if path is None else Path(path)
    try:
        return columns_from_data(json.loads(chosen.read_text(encoding="utf-8")))
    except OSError as error:
        raise Problem(f"The clinical features {chosen} cannot be read ({error.strerror}). Choose a JSON file.") \
            from error
    except ValueError as error:
        raise Problem(f"{chosen} is no JSON file ({error}). Begin with a copy of the shipped one.") from error
    except Problem as problem:
        raise Problem(f"{chosen}: {problem}") from problem
