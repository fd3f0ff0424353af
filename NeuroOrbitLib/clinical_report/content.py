"""Content of the report of a scan, independent of its format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_rgb, label_value, structure
from NeuroOrbitLib.clinical_report.findings import findings_of
from NeuroOrbitLib.clinical_report.nerve_compression import compression_sentences
from NeuroOrbitLib.clinical_report.pictures import HULLS
from NeuroOrbitLib.evaluation.reports.names import LANGUAGE
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.edits import EDITED, EDITED_MARK
from NeuroOrbitLib.measurements.normal import Judgement, NormalTable
from NeuroOrbitLib.measurements.pairs import Pair
from NeuroOrbitLib.measurements.rows import HEAD, Row, by_key, notes_of
from NeuroOrbitLib.number_text import fixed, signed
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.research_use import RESEARCH_USE
from NeuroOrbitLib.sentences import Sentence, capitalized
from NeuroOrbitLib.sentences import sentence as _

#: The measures in the table, by structure; the others are in the files of ``measure``.
MAIN = (
    ("eyeball", ("exophthalmos", "axial_length", "globe_tent_angle")),
    *((muscle, ("greatest_diameter", "volume")) for muscle in ("superior_rectus", "inferior_rectus", "medial_rectus",
                                                               "lateral_rectus")),
    ("superior_oblique", ("greatest_diameter",)),
    ("optic_nerve", ("sheath_diameter_3mm", "sheath_diameter_10mm", "tortuosity", "apical_crowding")),
    ("bony_orbit", ("muscle_volume", "muscle_share", "fat_share", "barrett_horizontal", "barrett_vertical")),
    ("lacrimal_gland", ("volume",)),
    *((muscle, ("hottest_to_temporalis", "t2_hottest", "fat_fraction_mean"))
      for muscle in ("superior_rectus", "inferior_rectus", "medial_rectus", "lateral_rectus")),
)
#: Short names for the table of measures with long names.
_SHORT = {
    "exophthalmos": _("Exophthalmos"), "exophthalmos_difference": _("Difference of exophthalmos"),
    "sheath_diameter_3mm": _("Sheath, 3 mm behind the globe"),
    "sheath_diameter_10mm": _("Sheath, 10 mm behind the globe"),
    "apical_crowding": _("Crowding near the apex"), "muscle_volume": _("Volume of all muscles"),
    "globe_tent_angle": _("Angle of the globe's back"),
    "hottest_to_temporalis": _("Hottest 10 mm² over temporal muscle"),
    "barrett_horizontal": _("Muscle index, horizontal"), "barrett_vertical": _("Muscle index, vertical"),
}  # fmt: skip
#: Headings and other texts of every report, by purpose.
WORDS: Mapping[str, str] = MappingProxyType({
    "language": LANGUAGE, "title": _("Orbit report"), "heading": _("Measurements of the orbits"),
    "research_use": RESEARCH_USE, "findings": _("Findings"),
    "compression": _("Signs of compression of the optic nerves"),
    "comparison": _("Compared with an earlier scan"), "measures": _("Measures"),
    "results": _("Other results"), "missing": _("Not measurable"), "notices": _("Notices"),
    "provenance": _("How this was made"),
    "more": _("More is in the HTML report and in the table of all measures."),
})
#: Headings of the table of measures.
COLUMNS = (_("Structure"), _("Measure"), _("Right"), _("z"), _("Left"), _("z"), _("Published"), _("Right − left"))
_OF_HEAD = ("exophthalmos_difference", "interpupillary_distance", "interzygomatic_distance")


@dataclass(frozen=True)
class Header:
    """The institution that issues a report.

    :param institution, address: texts at the top of the page.
    :param logo: picture file (PNG or JPEG); ``None`` without one.
    """

    institution: str = ""
    address: str = ""
    logo: Path | None = None


@dataclass(frozen=True)
class Line:
    """A line of the table of measures: a measure on both sides, or one of the head.

    :param group: name of the structure, the same for consecutive lines of one structure.
    :param name: name of the measure, with its unit.
    :param values: values of the right and the left side, with their uncertainty, marked if a reader has drawn them; a
        value of the head is the first.
    :param z_scores: standard deviations above the normal mean, right and left; "" if not known.
    :param levels: "high", "low", "normal" or "" of the right and the left side.
    :param normal: published normal range; "" if not known.
    :param difference: right minus left; "" if a side has no value, or the sides were measured by different methods.
    :param color: colour of the structure's outline in the pictures, "#rrggbb"; empty if it is not outlined.
    """

    group: str
    name: str
    values: tuple[str, str]
    z_scores: tuple[str, str]
    levels: tuple[str, str]
    normal: str
    difference: str
    color: str = ""


@dataclass(frozen=True)
class ReportContent:
    """The content of a report; :meth:`as_data` keeps its texts as sentences, so that they can still be translated.

    :param header: institution at the top of the page.
    :param patient: data of the patient and the examination, by name; usually empty, as they are personal data.
    :param technique: kind, sequence and geometry of the scan.
    :param pictures: (caption, pixels uint8 (rows, columns, 3)) of each picture.
    :param lines: lines of the table of measures.
    :param normal: sentence about the source of the normal values.
    :param findings: sentences that a reader may edit.
    :param compression: sentences about signs of compression of the optic nerves.
    :param comparison: sentences about an earlier scan.
    :param missing: measures that could not be taken, with the reasons.
    :param results: (title, sentence) of results of other modules.
    :param notices: notices about the scan and the measures.
    :param provenance: sentences about how the label map and the report were made.
    :param words: headings and other texts, see :data:`WORDS`.
    :param columns: headings of the table, see :data:`COLUMNS`.
    """

    header: Header
    patient: Mapping[str, str]
    technique: Sequence[str]
    pictures: Sequence[tuple[str, np.ndarray]]
    lines: Sequence[Line]
    normal: str
    findings: Sequence[str]
    compression: Sequence[str] = ()
    comparison: Sequence[str] = ()
    missing: Sequence[str] = ()
    results: Sequence[tuple[str, str]] = ()
    notices: Sequence[str] = ()
    provenance: Sequence[str] = field(default_factory=tuple)
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    columns: Sequence[str] = COLUMNS

    def as_data(self, folder: Path) -> dict[str, Any]:
        """Return the report as plain data; its pictures are written to files in ``folder``."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        pictures = []
        for number, (caption, pixels) in enumerate(self.pictures):
            np.save(folder / f"picture{number}.npy", pixels)
            pictures.append([caption, str(folder / f"picture{number}.npy")])
        logo = self.header.logo
        return {**data, "header": {**asdict(self.header), "logo": None if logo is None else str(logo)},
                "pictures": pictures, "lines": [vars(line) for line in self.lines]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ReportContent:
        """Return the report from the plain data of :meth:`as_data`."""
        logo = data["header"]["logo"]
        header = Header(**{**data["header"], "logo": None if logo is None else Path(logo)})
        pictures = [(caption, np.load(path)) for caption, path in data["pictures"]]
        return cls(**{**data, "header": header, "pictures": pictures,
                      "lines": [Line(**line) for line in data["lines"]]})


def table_lines(rows: Sequence[Row], judgements: Sequence[Judgement | None]) -> list[Line]:
    """Return the lines of the table of the main measures; measures without a value on both sides are left out.

    :param rows: all measures.
    :param judgements: comparison of each row with normal values; ``None`` if it was not compared.
    """
    known = by_key(rows)
    judged = {row.key: found for row, found in zip(rows, judgements, strict=True) if found is not None}
    lines = []
    for key, quantities in MAIN:
        for name in quantities:
            pair = [known.get((key, side.value, name)) for side in Side]
            if any(row is not None and row.value is not None for row in pair):
                lines.append(_line(capitalized(structure(key).name), name, pair, judged, _color(key)))
    for name in _OF_HEAD:
        row = known.get((HEAD, "", name))
        if row is not None and row.value is not None:
            lines.append(_line(_("Head"), name, [row, None], judged))
    return lines


def content_of(rows: Sequence[Row], judgements: Sequence[Judgement | None], table: NormalTable | None,
               findings: Sequence[str] | None = None, **parts: object) -> ReportContent:
    """Return the content of the report of measures.

    :param rows: all measures.
    :param judgements: comparison of each row with normal values; ``None`` if it was not compared.
    :param table: normative table that was chosen; ``None`` without one.
    :param findings: sentences that a reader wrote or edited; made by rule
        (:func:`~NeuroOrbitLib.clinical_report.findings.findings_of`) by default.
    :param parts: further fields of :class:`ReportContent`; ``notices`` are followed by notes on the values, and by the
        names of those that a reader has drawn.
    """
    shown = {(key, name) for key, names in (*MAIN, (HEAD, _OF_HEAD)) for name in names}
    absent = [row for row in rows if row.value is None and (row.structure, row.quantity) in shown]
    fields = {"header": Header(), "patient": {}, "technique": (), "pictures": (), **parts}
    fields["notices"] = [*fields.get("notices", ()), *notes_of(rows), *_drawn_by_hand(rows)]
    return ReportContent(lines=table_lines(rows, judgements), normal=_normal_words(table),
                         missing=_reasons(absent), compression=compression_sentences(rows),
                         findings=list(findings_of(rows, judgements) if findings is None else findings),
                         **fields)  # type: ignore[arg-type]


def _drawn_by_hand(rows: Sequence[Row]) -> list[Sentence]:
    """Return a sentence that names the values which a reader has drawn; empty if there are none."""
    names = [row.name for row in rows if row.value is not None and row.measured.method == EDITED]
    return [_("Drawn by a reader, with an unknown uncertainty ({mark} in the table): {names}.").format(
        mark=EDITED_MARK, names=names)] if names else []


def _normal_words(table: NormalTable | None) -> Sentence:
    if table is None:
        return _("Volumes are compared with the range from the smallest to the largest normal volume of any published "
                 "group of adults. No normative table was chosen for the other measures.")
    return _("{title}; {origin}. Volumes that this table does not give are compared with the range from the "
             "smallest to the largest normal volume of any published group of adults.").format(
                 title=table.title, origin=table.origin)


def read_header(path: Path) -> Header:
    """Return the header in a settings file: JSON with ``institution``, ``address`` and ``logo``, all optional.

    :param path: settings file; a relative ``logo`` is looked for in its folder.
    :raises Problem: if the file cannot be read, or the logo does not exist.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        logo = path.parent / data["logo"] if data.get("logo") else None
        header = Header(str(data.get("institution", "")), str(data.get("address", "")), logo)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Problem(_("The settings {path} cannot be read. Write JSON with the entries institution, address and "
                        "logo.").format(path=str(path))) from error
    if logo is not None and not logo.is_file():
        raise Problem(_("The logo {path} is not there. Correct the entry logo in the settings.").format(path=str(logo)))
    return header


def _reasons(rows: Sequence[Row]) -> list[str]:
    """Return why measures are missing, in one line for all measures of one structure with the same reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        of = "" if row.structure == HEAD else row.owner
        found.setdefault((of, row.measured.reason), []).append(quantity(row.quantity).name)
    told = {key: _("{measures}: {reason}").format(measures=words, reason=key[1]) for key, words in found.items()}
    return [_("{structure}: {words}").format(structure=of, words=words) if of else capitalized(words)
            for (of, _reason), words in told.items()]


def _color(key: str) -> str:
    """Return the colour of a structure's outline on the right, "#rrggbb" (darker on the left); "" if not outlined."""
    return "" if label_value(key, Side.RIGHT) in HULLS else "#{:02x}{:02x}{:02x}".format(
        *label_rgb(label_value(key, Side.RIGHT)))


def _line(group: str, name: str, pair: Sequence[Row | None], judged: Mapping[tuple, Judgement],
          color: str = "") -> Line:
    found = [judged.get(row.key) if row else None for row in pair]
    limits = next((one.normal.limits for one in found if one and one.normal.limits), None)
    decimals = quantity(name).decimals
    difference = Pair("", name, *pair).difference_text
    normal = "" if limits is None else f"{limits[0]:.{decimals}f}–{limits[1]:.{decimals}f}"
    unit = quantity(name).unit
    words = _SHORT.get(name) or capitalized(quantity(name).name)
    return Line(group, _("{measure} ({unit})").format(measure=words, unit=unit) if unit else words,
                tuple(_value(row) for row in pair),
                tuple("" if one is None or one.z_score is None else signed(one.z_score, 1) for one in found),
                tuple(one.level if one else "" for one in found), normal, difference, color)


def _value(row: Row | None) -> str:
    if row is None or row.value is None:
        return "" if row is None else "–"
    decimals = quantity(row.quantity).decimals
    spread = row.measured.uncertainty
    mark = f" {EDITED_MARK}" if row.measured.method == EDITED else ""
    return fixed(row.value, decimals) + ("" if spread is None else f" ± {spread:.{decimals}f}") + mark
