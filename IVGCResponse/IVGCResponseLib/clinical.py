"""The clinical features of a patient: sixteen by default, or those of a file of the user's in the same form."""

from __future__ import annotations

from pathlib import Path

from IVGCResponseLib.clinical_words import TEXTS
from NeuroOrbitLib.classifiers.column_file import ColumnFile

#: The shipped features are inferred from the published table's footnotes.
FEATURES = ColumnFile(Path(__file__).parent / "clinical_features.json", TEXTS)
clinical_columns = FEATURES.columns
