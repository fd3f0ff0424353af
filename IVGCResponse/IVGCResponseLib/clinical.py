"""The clinical features of a patient: the sixteen shipped ones, or those of the user's file in the same form."""

from __future__ import annotations

from pathlib import Path

from IVGCResponseLib.clinical_words import TEXTS
from NeuroOrbitLib.classifiers.column_file import ColumnFile

#: The shipped features are inferred from the published table's footnotes.
FEATURES = ColumnFile(Path(__file__).parent / "clinical_features.json", TEXTS)
clinical_columns = FEATURES.columns
