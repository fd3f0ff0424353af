"""A study of groups of structures: the box around them that networks see, and the measurements of each group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.anatomy.groups import StructureGroups
from NeuroOrbitLib.classifiers.asked_scan import AskedScan
from NeuroOrbitLib.classifiers.prepared_image import PreparedImage
from NeuroOrbitLib.classifiers.structure_box import StructureBox
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.resampling import on_grid
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.measurements.signal_ratio import corrected_for_ratios
from NeuroOrbitLib.radiomics.columns import NO_RADIOMICS, is_feature, region_features, regions_of_columns
from NeuroOrbitLib.radiomics.repeated import repeated_features

if TYPE_CHECKING:
    from typing import Self

    from NeuroOrbitLib.classifiers.package_predictor import PackagePredictor
    from NeuroOrbitLib.models import ModelPackage

#: Number of cases of a cohort that are measured again on perturbed masks, and number of repetitions for each.
REPEATED_CASES, REPEATS = 30, 2


@dataclass(frozen=True)
class RegionSettings:
    """Settings of the preparation of a cohort's cases.

    :param box: extent of the image, one of :attr:`.StructureBox.names`.
    :param box_group: name of the group of structures of the box or mask.
    :param profile: profile of the radiomics features, ``"none"`` to leave them out.
    :param groups: names of the groups of structures whose features are computed.
    :param engine: engine of the radiomics features, whose results do not depend on it: "auto", "pyradiomics" or "own".
    """

    box: str
    box_group: str
    profile: str
    groups: tuple[str, ...]
    engine: str = "auto"


@dataclass(frozen=True)
class RegionStudy:
    """A study of structures.

    :param box: box of the structures, as networks see it.
    :param reported: names of the groups whose features are computed by default.
    :param profile: default profile of the radiomics features.
    :param ratios: returns measurements by column for a scan after :func:`.corrected_for_ratios` and a label map on its
        grid.
    :param group_fact: name of the fact or setting in which cohorts and packages state the group of the box.
    """

    box: StructureBox
    reported: tuple[str, ...]
    profile: str
    ratios: Callable[[Image, Image], dict[str, float]]
    group_fact: str = "box_group"

    @property
    def groups(self) -> StructureGroups:
        """Return the groups of structures."""
        return self.box.groups

    @property
    def preparation(self) -> dict[str, str]:
        """Return the facts in which a cohort and a package must agree, with their usual values.

        They state how images were cut out, and which features were computed.
        """
        return {"box": self.box.whole, self.group_fact: self.groups.whole, "profile": self.profile}

    def settings(self, box: str | None = None, box_group: str | None = None, profile: str | None = None,
                 engine: str = "auto", more_groups: Sequence[str] = ()) -> RegionSettings:
        """Return the settings of the preparation of a cohort's cases, with the usual ones for what is not given.

        :param box: see :class:`RegionSettings`; the box of all structures by default.
        :param box_group: see :class:`RegionSettings`; the group of all structures by default.
        :param profile: profile of the radiomics features; :attr:`profile` by default.
        :param engine: see :class:`RegionSettings`.
        :param more_groups: groups of structures whose features are computed beside those of :attr:`reported`.
        :raises Problem: for a group that does not exist.
        """
        self.groups.values_of(box_group or self.groups.whole)
        return RegionSettings(box or self.box.whole, box_group or self.groups.whole, profile or self.profile,
                              tuple(dict.fromkeys((*self.reported, *more_groups))), engine)

    def facts(self, settings: RegionSettings) -> dict[str, Any]:
        """Return settings as plain data, for plans and the facts of a cohort; the engine is left out."""
        return {"box": settings.box, self.group_fact: settings.box_group, "profile": settings.profile,
                "groups": list(settings.groups)}

    def features(self, scan: Image, labels: Image, groups: Sequence[str], profile: str, engine: str = "auto",
                 progress: Progress = silent) -> dict[str, float]:
        """Return the radiomics features of groups, see :func:`NeuroOrbitLib.radiomics.columns.region_features`."""
        return region_features(scan, labels, self.groups.regions(groups), profile, engine, progress)

    def measure_case(self, scan: Image, labels: Image, settings: RegionSettings, repeats: int = 0, seed: int = 0,
                     progress: Progress = silent) -> tuple[PreparedImage, dict[str, float]]:
        """Return the classifier's input from a scan, and the ratios and radiomics features of the scan by column.

        :param scan: scan in any axis order.
        :param labels: label map on any grid.
        :param settings: settings of the preparation.
        :param repeats: number of times that the features are measured again on perturbed masks.
        :param seed: seed of the perturbations.
        :param progress: receives the fraction done and a message.
        """
        prepared = self.box.prepare(scan, labels, settings.box_group, settings.box)
        numbers = self.ratios(corrected_for_ratios(scan), prepared.scan_labels)
        if settings.profile == NO_RADIOMICS:
            return prepared, numbers
        grey = reorient_to_ras(scan)

        def measured(drawn: Image, step: Progress) -> dict[str, float]:
            return self.features(grey, drawn, settings.groups, settings.profile, settings.engine, step)

        masks, drawn_anew = on_grid(labels, grey.grid), self.groups.values_of(self.groups.whole)
        return prepared, {**numbers, **repeated_features(measured, masks, drawn_anew, repeats, seed, progress)}


@dataclass(frozen=True, kw_only=True)
class AskedRegions(AskedScan):
    """A patient together with the model of a study that is asked about the patient.

    :param study: study that the model belongs to.
    :param for_ratios: scan after :func:`.corrected_for_ratios`, on the grid of ``prepared.corrected``.
    :param ratios: measurements of the structures, by column.
    :param engine: engine of the radiomics features.
    """

    study: RegionStudy
    for_ratios: Image
    ratios: Mapping[str, float] = field(default_factory=dict)
    engine: str = "auto"

    @classmethod
    def of(cls, study: RegionStudy, package: ModelPackage, predictor: PackagePredictor, positive: int, scan: Image,
           labels: Image, given: Mapping[str, float], engine: str = "auto") -> AskedRegions:
        """Return a patient together with the model: the scan is prepared and the model's input numbers are measured.

        :param study: study that the model belongs to.
        :param package: package of the model.
        :param predictor: the package's network or learner on numbers.
        :param positive: label of the class whose probability is estimated.
        :param scan: scan in any axis order.
        :param labels: label map on any grid.
        :param given: known numbers of the patient, by column.
        :param engine: engine of the radiomics features: "auto", "pyradiomics" or "own".
        """
        grey, made = reorient_to_ras(scan), _made(study, package)
        prepared = study.box.prepare(scan, labels, made[study.group_fact], made["box"])
        for_ratios = corrected_for_ratios(scan)
        ratios = study.ratios(for_ratios, prepared.scan_labels)
        asked = cls(package=package, predictor=predictor, positive=positive, prepared=prepared, grey=grey, study=study,
                    for_ratios=for_ratios, ratios=ratios, engine=engine)
        known = {**given, **ratios}
        own = {name: float(known.get(name, float("nan"))) for name in predictor.columns if not is_feature(name)}
        return replace(asked, numbers={**asked.radiomics(grey), **own})

    def measured(self, grey: Image, columns: tuple[str, ...]) -> Mapping[str, float]:
        """Return the radiomics features, by column, of the groups of structures that ``columns`` name."""
        groups = regions_of_columns(columns, tuple(self.study.groups.members))
        return self.study.features(grey, self.prepared.scan_labels, groups,
                                   _made(self.study, self.package)["profile"], self.engine)

    def with_signal(self, factor: np.ndarray) -> Self:
        """Return the same patient with another signal, see :meth:`.AskedScan.with_signal`; ratios are measured, too."""
        changed, taken = super().with_signal(factor), set(self.ratios) & set(self.predictor.columns)
        if not taken:
            return changed
        signal = self.for_ratios.with_array((self.for_ratios.array * factor).astype(np.float32))
        ratios = self.study.ratios(signal, self.prepared.scan_labels)
        return replace(changed, ratios=ratios, numbers={**changed.numbers, **{name: ratios[name] for name in taken}})

    def prepared_again(self, corrected: Image) -> PreparedImage:
        """Return the network's input for another signal, on the intensity scale of the scan."""
        made = _made(self.study, self.package)
        return self.study.box.prepare(corrected, self.prepared.scan_labels, made[self.study.group_fact], made["box"],
                                      corrected, self.prepared.scale)


def _made(study: RegionStudy, package: ModelPackage) -> dict[str, Any]:
    """Return how the images and numbers of a package's training were prepared."""
    from NeuroOrbitLib.classifiers.preparation import preparation_of

    return preparation_of(package.facts.settings, study.preparation)
