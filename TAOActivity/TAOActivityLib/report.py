"""Content of the report of an answer: the probability, its limits, the five slices, the signal ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from NeuroOrbitLib.anatomy import Side, structure
from NeuroOrbitLib.classifiers.report import ReportTable, ReportWords
from NeuroOrbitLib.number_text import reaches
from NeuroOrbitLib.sentences import capitalized
from NeuroOrbitLib.sentences import sentence as _
from TAOActivityLib.wording import answer_lines, method_text

#: Rows and columns of a stored crop that the classifier looks at.
_SHOWN = slice(18, 146)
_REGIONS = {"both": _("both orbits"), "right": _("right orbit"), "left": _("left orbit")}
#: Headings of the ratios to the tissues that the disease does not affect, by their names in an answer.
_RATIO_TO = {"brain": _("To brain"), "temporalis": _("To temporal muscle")}


def report_words(record: Mapping[str, object]) -> ReportWords:
    """Return the content of the report of a result.

    :param record: record of the result, see :func:`TAOActivityLib.run_activity.classify_crop`.
    """
    ratios = ReportTable(_("Signal ratios"), *_ratios(record["ratios"], record["cut_offs"]),
                         _("Signal of the muscle over that of a tissue that the disease spares. Cut-offs are published "
                           "ones; they belong to their scanners and protocols."))
    return ReportWords(_("Activity of thyroid eye disease"), answer_lines(record),
                       _("What the classifier saw, from below to above"), method_text, [ratios],
                       [(_("Region"), _REGIONS[str(record["crop"]["region"])])], shown=_SHOWN,
                       heat_of=("by_muscle", _("Muscle")))


def _ratios(rows: Sequence[Mapping[str, object]], cut_offs: Mapping[str, float]) -> tuple[list[str], list[list[str]]]:
    header = [_("Muscle"), _("Side")]
    for name, cut_off in cut_offs.items():
        header += [_RATIO_TO[name], _("At least {cut_off}").format(cut_off=f"{cut_off:g}")]
    cells = []
    for row in rows:
        line = [capitalized(structure(str(row["muscle"])).name), Side(str(row["side"])).word]
        for name, cut_off in cut_offs.items():
            ratio = row.get(f"to_{name}")
            line += ["–", "–"] if ratio is None else [f"{ratio:.2f}", _("yes") if reaches(ratio, cut_off) else _("no")]
        cells.append(line)
    return header, cells
