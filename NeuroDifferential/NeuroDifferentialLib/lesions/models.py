"""Finding lesions with the model that the user has chosen: a network or the classical method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from NeuroDifferentialLib.lesions.classical import ClassicalSettings, FoundLesions, settings_with
from NeuroDifferentialLib.lesions.classical import find_lesions as find_classically
from NeuroDifferentialLib.lesions.inventory import CLASSICAL, DEFAULT_MODEL, lesion_package
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroDifferentialLib.lesions.learned import LearnedSettings


#: Returns the lesions of a prepared scan.
Finder = Callable[[PreparedScan], FoundLesions]


def lesion_finder(model: str | Path = DEFAULT_MODEL, threshold: float | None = None,
                  smallest_mm3: float | None = None, settings: ClassicalSettings | None = None,
                  folders: Sequence[str] = ()) -> Finder:
    """Return the function that finds lesions. Invalid choices are refused here, before a scan is prepared.

    :param model: name or folder of a package, or ``classical``.
    :param threshold: value that at least one voxel of a lesion must have: the probability (0 to 1) of a network, or the
        belief (SD) of the classical method.
    :param smallest_mm3: volume (mm3) below which lesions are dropped.
    :param settings: all settings of the classical method, which is then used instead of ``model``.
    :param folders: further folders with model packages.
    :raises Problem: if there is no such model, or an option makes no sense for it.
    """
    if str(model) == CLASSICAL or settings is not None:
        return partial(find_classically, settings=settings or settings_with(threshold, smallest_mm3))
    from NeuroDifferentialLib.lesions import learned

    package = lesion_package(model, folders)
    own = learned.LearnedSettings(**package.facts.settings)
    return partial(learned.find_lesions, package=package, settings=_changed(own, threshold, smallest_mm3))


def _changed(settings: LearnedSettings, threshold: float | None, smallest_mm3: float | None) -> LearnedSettings:
    if threshold is not None:
        if not 0 < threshold < 1:
            raise Problem(_("A threshold of {threshold:g} makes no sense for this model: it is a probability between "
                            "0 and 1 ({seed:g} is usual).").format(threshold=threshold, seed=settings.seed))
        settings = replace(settings, seed=threshold, lowest=min(settings.lowest, threshold),
                           sure=max(settings.sure, threshold), doubt=min(settings.doubt, threshold))
    if smallest_mm3 is not None:
        if not smallest_mm3 >= 0:
            raise Problem(_("The smallest lesion is a volume in mm3, 0 or more."))
        settings = replace(settings, smallest_mm3=smallest_mm3)
    return settings
