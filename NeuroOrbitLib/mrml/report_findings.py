"""The findings of a report that the user has edited, which are kept with the segmentation in the scene."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.clinical_report.findings import findings_of, judgements_of
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.normal import NormalTable
from NeuroOrbitLib.measurements.rows import Row
from NeuroOrbitLib.mrml.provenance import PREFIX
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.number_text import fixed

#: Attribute of a segmentation with its edited findings and their basis, as JSON.
FINDINGS_ATTRIBUTE = f"{PREFIX}.ReportFindings"


@dataclass(frozen=True)
class Basis:
    """The basis of findings: the measures and normal values that they were written about.

    :param measures: hash of the values as a report shows them, see :meth:`of`.
    :param normal: key of the normative table; "" for none.
    """

    measures: str
    normal: str

    @classmethod
    def of(cls, rows: Sequence[Row], table: NormalTable | None) -> Basis:
        """Return the basis of findings about measures, without places and digits that no report shows."""
        shown = [(*row.key, *(_shown(number, row) for number in (row.value, row.measured.uncertainty))) for row in rows]
        text = json.dumps(sorted(shown))
        return cls(hashlib.sha256(text.encode("utf-8")).hexdigest(), table.key if table else "")


@dataclass(frozen=True)
class EditedFindings:
    """Findings that the user has written or changed.

    :param lines: sentences of the findings.
    :param basis: measures and normal values that they were written about.
    """

    lines: tuple[str, ...]
    basis: Basis

    def why_doubtful(self, now: Basis) -> str:
        """Return why the findings may not apply to the present measures; "" if they do."""
        if self.basis.measures != now.measures:
            return _("The findings were edited for earlier measures. Read them again, then keep them or reset them.")
        if self.basis.normal != now.normal:
            return _("The findings were edited when the measures were compared with other normal values. Read them "
                     "again, then keep them or reset them.")
        return ""


def findings_by_rule(rows: Sequence[Row], table: NormalTable | None, modality: str) -> list[str]:
    """Return the automatic findings, which a report has unless they are edited, in the language of the application.

    :param rows: the measures.
    :param table: normative table; None to compare with no normal values.
    :param modality: modality of the scan, "CT" or "MRI".
    """
    return [translated(text) for text in findings_of(rows, judgements_of(rows, table, modality))]


def edited_findings(segmentation: slicer.vtkMRMLSegmentationNode | None) -> EditedFindings | None:
    """Return the edited findings of a segmentation; ``None`` if they were not edited.

    Text left by another version or a script is returned as it is, with an empty basis.
    """
    text = segmentation.GetAttribute(FINDINGS_ATTRIBUTE) if segmentation is not None else None
    if not text:
        return None
    try:
        data = json.loads(text)
        return EditedFindings(tuple(map(str, data["lines"])), Basis(**data["basis"]))
    except (ValueError, LookupError, TypeError):
        return EditedFindings((text,), Basis("", ""))


def keep_findings(segmentation: slicer.vtkMRMLSegmentationNode, findings: EditedFindings) -> None:
    """Keep edited findings with a segmentation."""
    segmentation.SetAttribute(FINDINGS_ATTRIBUTE, json.dumps(asdict(findings)))


def forget_findings(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Remove the edited findings of a segmentation, so that a report has the automatic ones again."""
    segmentation.SetAttribute(FINDINGS_ATTRIBUTE, None)


def _shown(number: float | None, row: Row) -> str:
    return "" if number is None else fixed(number, quantity(row.quantity).decimals)
