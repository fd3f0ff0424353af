"""Display of a model's input numbers to the reader: clinical features, signal ratios, radiomics of the recti."""

from __future__ import annotations

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.muscle_groups import ALL_RECTI, PAIRS, STRATEGIES
from NeuroOrbitLib.classifiers import number_words
from NeuroOrbitLib.classifiers.number_words import NumberWords
from NeuroOrbitLib.sentences import sentence as _

_RATIO_MEANING = _("Mean signal of the muscles of both sides over that of the temporal muscles, which the disease "
                   "spares, after bias correction.")
_LOWEST_MEANING = _("Lowest signal of the four recti of both sides (5th percentile) over that of the temporal muscles, "
                    "after bias correction.")


_RECTI = {"SR": _("superior"), "IR": _("inferior"), "MR": _("medial"), "LR": _("lateral")}


def words_of(name: str) -> NumberWords:
    """Return the name, explanation and format of a number, given the name of its column in cohorts."""
    from IVGCResponseLib.signal_ratio import LOWEST_COLUMN, ratio_column

    ratios = {ratio_column(group): NumberWords(_("Signal ratio, {muscles}").format(muscles=_group(group)),
                                               _RATIO_MEANING) for group in STRATEGIES}
    return number_words.words_of(name, clinical_columns(), {
        **ratios, LOWEST_COLUMN: NumberWords(_("Lowest signal ratio"), _LOWEST_MEANING)}, _group)


def _group(name: str) -> str:
    """Return the name of a group of muscles for the reader."""
    if name in PAIRS:
        first, second = (_RECTI[each] for each in name.split("+"))
        return _("{first} and {second} rectus").format(first=first, second=second)
    if name in _RECTI:
        return _("{name} rectus").format(name=_RECTI[name])
    return _("all recti") if name == ALL_RECTI else name
