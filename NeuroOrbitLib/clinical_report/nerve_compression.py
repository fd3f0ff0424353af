"""Imaging signs associated with compression of the optic nerve, as sentences for the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.measurements.rows import Row, by_key
from NeuroOrbitLib.number_text import fixed, reaches
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

#: Muscle index (Barrett, %) from which it counts as a sign, by a meta-analysis of CT in thyroid eye disease
#: (doi:10.1038/s41433-024-03011-6). It was 64 +- 6 % with and 49 +- 11 % without neuropathy in Monteiro et al. 2008
#: (Clinics 63:301).
INDEX_LIMIT = 50.0
#: Nugent's grade of a nerve with more than half of its outline touched by muscles; the best sign in this meta-analysis.
CROWDING_LIMIT = 3.0
#: Angle of the globe's back (degrees) below which the globe is tented (Dalley et al. 1989, AJNR 10:181).
TENTED_BELOW = 130.0

_KNOWN_FROM = _("Limits: muscle index and crowding by a meta-analysis of CT in thyroid eye disease "
                "(doi:10.1038/s41433-024-03011-6), the globe's angle by Dalley et al. 1989 (below 120° with acute "
                "proptosis a surgical emergency).")
_NO_PROOF = _("Such signs neither prove nor exclude an optic neuropathy: acuity, colour vision, pupils and visual "
              "fields decide.")


@dataclass(frozen=True)
class CompressionSign:
    """One sign on one side.

    :param words: name, value and limit, as the report prints them.
    :param present: whether the value is at or beyond the limit.
    :param unclear: whether the limit is within the uncertainty of the value.
    """

    words: Sentence
    present: bool
    unclear: bool = False

    @property
    def text(self) -> Sentence:
        """The words, with a remark if the sign is unclear."""
        return _("{sign}, unclear within its uncertainty").format(sign=self.words) if self.unclear else self.words


def compression_signs(rows: Sequence[Row], side: Side) -> list[CompressionSign]:
    """Return the signs of one side that could be measured, present or not.

    These are Barrett's muscle index (the larger of the horizontal and the vertical one), Nugent's grade of crowding
    near the apex, and the angle of the globe's back.

    :param rows: all measures.
    :param side: side of the nerve.
    """
    known = by_key(row for row in rows if row.value is not None)
    found = []
    indices = [known.get(("bony_orbit", side.value, f"barrett_{name}")) for name in ("horizontal", "vertical")]
    if any(indices):
        found.append(_sign(max(filter(None, indices), key=lambda row: row.value), INDEX_LIMIT,
                           _("muscle index {value} % (a sign from {limit} % on)")))
    if grade := known.get(("optic_nerve", side.value, "crowding_grade")):
        found.append(_sign(grade, CROWDING_LIMIT,
                           _("crowding near the apex of grade {value} (a sign: grade {limit})")))
    if angle := known.get(("eyeball", side.value, "globe_tent_angle")):
        found.append(_sign(angle, TENTED_BELOW, _("angle of the globe's back {value}° (a sign below {limit}°)"),
                           below=True))
    return found


def compression_sentences(rows: Sequence[Row]) -> list[Sentence]:
    """Return sentences about signs of compression of the optic nerves; empty if no sign could be measured."""
    signs = {side: found for side in Side if (found := compression_signs(rows, side))}
    return [*(_of_side(side, found) for side, found in signs.items()), _NO_PROOF, _KNOWN_FROM] if signs else []


def _of_side(side: Side, signs: Sequence[CompressionSign]) -> Sentence:
    present, absent = ([sign.text for sign in signs if sign.present is wanted] for wanted in (True, False))
    words = {"present": present, "absent": absent, "count": len(present), "all": len(signs)}
    if not present:
        text = (_("Right: no sign. Measured: {absent}.") if side is Side.RIGHT
                else _("Left: no sign. Measured: {absent}."))
    elif not absent:
        text = (_("Right: {count} of {all} measured: {present}.") if side is Side.RIGHT
                else _("Left: {count} of {all} measured: {present}."))
    else:
        text = (_("Right: {count} of {all} measured: {present}. Not present: {absent}.") if side is Side.RIGHT
                else _("Left: {count} of {all} measured: {present}. Not present: {absent}."))
    return text.format(**words)


def _sign(row: Row, limit: float, words: Sentence, below: bool = False) -> CompressionSign:
    """Return the sign of a value, which is present from its limit upwards, or with ``below`` under the limit."""
    return CompressionSign(_filled(row, limit, words), reaches(row.value, limit, 0) != below, _is_unclear(row, limit))


def _filled(row: Row, limit: float, words: Sentence) -> Sentence:
    spread = row.measured.uncertainty
    value = fixed(row.value, 0) + ("" if spread is None else f" ± {fixed(spread, 0)}")
    return words.format(value=value, limit=fixed(limit, 0))


def _is_unclear(row: Row, limit: float) -> bool:
    return row.measured.uncertainty is not None and abs(row.value - limit) < row.measured.uncertainty
