"""What the report of an answer says: the number, its limits, the five slices, the signal ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from NeuroOrbitLib.anatomy import structure
from NeuroOrbitLib.classifiers.report import ReportTable, ReportWords
from TAOActivityLib.wording import answer_lines, method_text

#: The part of a stored crop that the classifier looks at.
_SHOWN = slice(18, 146)


def report_words(record: Mapping[str, object]) -> ReportWords:
    """Return what the report of a result says.

    :param record: of the result, see :func:`TAOActivityLib.run_activity.classify_crop`.
    """
    ratios = ReportTable("Signal ratios", *_ratios(record["ratios"], record["cut_offs"]),
                         "Signal of the muscle over that of a tissue that the disease spares. Cut-offs are published "
                         "ones; they belong to their scanners and protocols.")
    return ReportWords("Activity of thyroid eye disease", answer_lines(record),
                       "What the classifier saw, from below to above", method_text, [ratios],
                       [("Region", str(record["crop"]["region"]))], shown=_SHOWN, heat_of=("by_muscle", "Muscle"))


def _ratios(rows: Sequence[Mapping[str, object]], cut_offs: Mapping[str, float]) -> tuple[list[str], list[list[str]]]:
    header = ["Muscle", "Side"]
    for name, cut_off in cut_offs.items():
        header += [f"To {name}", f"At least {cut_off:g}"]
    cells = []
    for row in rows:
        line = [structure(str(row["muscle"])).name.capitalize(), str(row["side"])]
        for name, cut_off in cut_offs.items():
            ratio = row.get(f"to_{name}")
            line += ["–", "–"] if ratio is None else [f"{ratio:.2f}", "yes" if ratio >= cut_off else "no"]
        cells.append(line)
    return header, cells
