"""Features of regions of a scan. Each derived image is computed once for all regions, and only around them."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
import SimpleITK as sitk

from NeuroOrbitLib.imaging.boxes import Box, box_around, box_around_all
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import AIR_HU, looks_like_ct, without_padding
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.engines import Engine, choose_engine
from NeuroOrbitLib.radiomics.explanations import unit_of
from NeuroOrbitLib.radiomics.filters import derived_images, image_names
from NeuroOrbitLib.radiomics.names import CLASSES, TEXTURE_CLASSES
from NeuroOrbitLib.radiomics.preprocessing import Preparation, Prepared, resegmented
from NeuroOrbitLib.radiomics.profiles import Profile
from NeuroOrbitLib.radiomics.regions import Notes, Region, notes_on, refusal
from NeuroOrbitLib.radiomics.settings import Extraction, Settings
from NeuroOrbitLib.sentences import sentence as _

#: Largest number of grey levels of a region for texture, since the size of its matrices grows with the square of it.
MOST_LEVELS = 1000
WIDEST_RANGE = 100_000
#: Least share of the voxels of a CT that have the same value below the density of air if this is padding, not noise.
_LEAST_PADDING = 0.001


@dataclass(frozen=True)
class Feature:
    """One feature of one region.

    :param region: name of the region.
    :param name: full name in PyRadiomics, e.g. "wavelet-LLH_glcm_Contrast".
    :param value: value; ``None`` if it cannot be computed.
    :param unit: unit, e.g. "mm3"; empty if there is none.
    :param reason: why there is no value, or a caution about it; else empty.
    """

    region: str
    name: str
    value: float | None
    unit: str
    reason: str


@dataclass(frozen=True)
class Features:
    """All features of a scan, and how they were computed.

    :param rows: features, ordered by region, then as in the profile.
    :param record: engine, versions and settings, as plain data.
    """

    rows: tuple[Feature, ...]
    record: dict[str, Any]

    def of(self, region: str) -> dict[str, float | None]:
        """Return the values of one region by name of the feature."""
        return {row.name: row.value for row in self.rows if row.region == region}


def extract_features(image: Image, labels: Image, regions: Sequence[Region], profile: Profile,
                     engine: str = "auto", progress: Progress = silent) -> Features:
    """Compute the features of a profile for regions of a scan.

    :param image: the scan; padding (-1000 or -32768 in MRI, a value below -1024 in CT) is taken as its lowest other
        value, as it would otherwise decide its normalisation, and the record says so. So are voxels without a number
        that are not labelled.
    :param labels: segmentation on the scan's grid, integer values.
    :param regions: the regions.
    :param profile: the features to compute.
    :param engine: "auto", "pyradiomics" or "own".
    :param progress: receives the fraction done and a message.
    :raises Problem: if scan and segmentation do not match, or the engine is not installed.
    """
    _check_labels(image, labels)
    chosen = choose_engine(engine)
    numbers = _with_numbers_around(image, labels)
    plain = _without_padding_of_ct(without_padding(numbers))
    groups = _groups(profile.passes)
    found: dict[tuple[str, str], Feature] = {}
    for number, passes in enumerate(groups):
        run = _Run(plain, labels, regions, passes, chosen)
        for done, feature in run.features():
            found[feature.region, feature.name] = feature
            progress((number + done) / len(groups), _("Computing features"))
    order = {region.name: number for number, region in enumerate(regions)}
    padding = None if plain is numbers else float(numbers.array.min())
    return Features(tuple(sorted(found.values(), key=lambda row: order[row.region])),
                    {**_record(profile, chosen), "padding": padding})


def _check_labels(image: Image, labels: Image) -> None:
    if not labels.grid.same_as(image.grid):
        raise Problem(_("Scan and segmentation do not lie on the same voxels. Resample the segmentation to the scan."))
    if labels.array.dtype.kind == "f" and not np.array_equal(labels.array, np.round(labels.array)):
        raise Problem(_("The segmentation holds values that are not whole numbers. Choose a label map."))


def _with_numbers_around(image: Image, labels: Image) -> Image:
    """Return the scan with its lowest value where it holds no number and nothing is labelled."""
    known = np.isfinite(image.array)
    if known.all() or not known.any():
        return image
    return image.with_array(np.where(known | (labels.array != 0), image.array, image.array[known].min()))


def _without_padding_of_ct(image: Image) -> Image:
    """Return a CT without padding: a value below the density of air that many voxels have, and none is lower."""
    lowest = image.array.min()
    padded = image.array == lowest
    if lowest >= AIR_HU or np.count_nonzero(padded) < _LEAST_PADDING * padded.size or not looks_like_ct(image):
        return image
    return image.with_array(np.where(padded, image.array[~padded].min(), image.array))


def _groups(passes: Sequence[Extraction]) -> list[list[Extraction]]:
    """Return the passes in groups that use the same images, which are then computed only once."""
    groups: dict[str, list[Extraction]] = {}
    for one in passes:
        data = one.as_parameters()
        key = json.dumps([data["setting"], data["imageType"], one.settings.ibsi], sort_keys=True)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _record(profile: Profile, engine: Engine) -> dict[str, Any]:
    packages = {"numpy": np.__version__, "scipy": scipy.__version__, "SimpleITK": sitk.__version__}
    return {"engine": engine.name, "engine_version": engine.version, "profile": profile.as_data(),
            "python": platform.python_version(), "packages": packages}


@dataclass(frozen=True)
class _Ready:
    """A region whose features can be computed.

    :param mask: the region's voxels after resegmentation, (K, J, I) of the prepared image.
    :param box: box of these voxels.
    :param notes: cautions about the region.
    """

    name: str
    prepared: Prepared
    mask: np.ndarray
    box: Box
    notes: Notes


class _Run:
    """The passes over one scan that use the same images."""

    def __init__(self, image: Image, labels: Image, regions: Sequence[Region], passes: Sequence[Extraction],
                 engine: Engine) -> None:
        self.regions, self.passes, self.engine = regions, passes, engine
        self.first = passes[0]
        self.images = list(dict.fromkeys(name for one in passes for name in image_names(one)))
        self.preparation = Preparation(image, labels, self.first.settings)
        self.done, self.all = 0, max(len(regions) * (len(self.images) + 1), 1)

    def features(self) -> Iterator[tuple[float, Feature]]:
        """Yield each feature with the fraction of the work that is done."""
        ready = []
        for region in self.regions:
            one = self._ready(region)
            if isinstance(one, str):
                yield from self._nothing(region, one)
                continue
            yield from self._counted(self._shape(one))
            if self.preparation.shares_images:
                ready.append(one)
            else:
                yield from self._of_images([one])
        if ready:
            yield from self._of_images(ready)

    def _ready(self, region: Region) -> _Ready | str:
        """Return the prepared region, or the reason why its features cannot be computed."""
        settings = self.first.settings
        mask = region.mask(self.preparation.labels.array)
        if not mask.any():
            return _("The region is empty.")
        prepared = self.preparation.prepared(mask)
        limits = (settings.minimum_roi_dimensions, settings.minimum_roi_size)
        why = refusal(prepared.mask, *limits) if prepared.mask.any() else _(
            "No voxel is left after resampling.")
        if why:
            return why
        kept = resegmented(prepared, settings)
        why = refusal(kept, *limits)
        if why:
            return _("After resegmentation: {why}").format(why=why)
        return _Ready(region.name, prepared, kept, box_around(kept),
                                                                  notes_on(kept))

    def _nothing(self, region: Region, why: str) -> Iterator[tuple[float, Feature]]:
        self.done += len(self.images) + 1
        names = [f"original_shape_{name}" for one in self.passes for name in one.wanted("shape")]
        for image in self.images:
            names += [f"{image}_{kind}_{name}" for kind, wanted in self._wanted(image).items() for name in wanted]
        for name in names:
            yield self.done / self.all, Feature(region.name, name, None, unit_of(name), why)

    def _counted(self, features: list[Feature]) -> Iterator[tuple[float, Feature]]:
        self.done += 1
        for feature in features:
            yield self.done / self.all, feature

    def _shape(self, region: _Ready) -> list[Feature]:
        wanted = [name for one in self.passes for name in one.wanted("shape")]
        if not wanted:
            return []
        mask = region.mask if self.first.settings.resegment_shape else region.prepared.mask
        spacing = np.array(region.prepared.scan.spacing[::-1])
        found = self.engine.shape(mask[box_around(mask).slices], spacing, self.first.settings)
        return [_feature(region, "original", "shape", name, found[name], "") for name in dict.fromkeys(wanted)]

    def _of_images(self, regions: list[_Ready]) -> Iterator[tuple[float, Feature]]:
        """Yield the features of regions that are computed from the same image, with the fraction of the work done."""
        box = box_around_all([region.box for region in regions])
        made = set()
        for one in self.passes:
            wanted = Extraction(one.settings, one.image_types, one.feature_classes,
                                tuple(set(one.without_images) | made))
            for name, array, settings in derived_images(regions[0].prepared.scan, box, wanted):
                made.add(name)
                for region in regions:
                    yield from self._counted(self._of_image(region, name, array[region.box.within(box)], settings))
        for name in [name for name in self.images if name not in made]:
            for region in regions:
                why = _("The scan is too small for this filter.")
                yield from self._counted(self._blank(region.name, name, why))

    def _wanted(self, image: str) -> dict[str, tuple[str, ...]]:
        """Return the features, by class, that the passes want from a derived image."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.passes:
            if image not in one.without_images:
                for name in CLASSES:
                    if name != "shape" and one.wanted(name):
                        found[name] = tuple(dict.fromkeys((*found.get(name, ()), *one.wanted(name))))
        return found

    def _blank(self, region: str, image: str, why: str) -> list[Feature]:
        names = [f"{image}_{kind}_{name}" for kind, wanted in self._wanted(image).items() for name in wanted]
        return [Feature(region, name, None, unit_of(name), why) for name in names]

    def _of_image(self, region: _Ready, image: str, values: np.ndarray, settings: Settings) -> list[Feature]:
        mask, wanted = region.mask[region.box.slices], self._wanted(image)
        inside = values[mask]
        why = _unusable(inside)
        if why:
            return self._blank(region.name, image, why)
        too_many = _too_many_levels(inside, settings)
        classes = [kind for kind in wanted if not (too_many and kind in TEXTURE_CLASSES)]
        spacing = np.array(region.prepared.scan.spacing[::-1])
        found = self.engine.features(classes, values, mask, spacing, settings)
        flat = "" if inside.min() < inside.max() else _FLAT
        features = [_feature(region, image, kind, name, found[kind][name], flat)
                    for kind in classes for name in wanted[kind]]
        return features + [feature for feature in self._blank(region.name, image, too_many)
                           if feature.name.split("_")[1] not in classes]


_FLAT = _("caution: the region has one intensity in this image, the value is a convention")


def _unusable(values: np.ndarray) -> str:
    """Return why no features can be computed from the values of a region; empty if they can."""
    wrong = int((~np.isfinite(values)).sum())
    if not wrong:
        return ""
    return _("{wrong} of the region's {size} voxels are not numbers in this image. Repair the scan, or choose "
             "another.").format(wrong=wrong, size=values.size)


def _too_many_levels(values: np.ndarray, settings: Settings) -> str:
    """Return why a region has too many grey levels for texture, which would need too much memory; empty if not."""
    if settings.bin_count is not None:
        return ""
    levels = np.floor(values / settings.bin_width)
    if len(np.unique(levels)) <= MOST_LEVELS and np.ptp(levels) <= WIDEST_RANGE:
        return ""
    return _("The region has too many grey levels of width {bin_width:g} (at most {most_levels}). Choose a larger "
             "binWidth, or normalize.").format(bin_width=settings.bin_width, most_levels=MOST_LEVELS)


def _feature(region: _Ready, image: str, kind: str, name: str, value: float, note: str) -> Feature:
    full = f"{image}_{kind}_{name}"
    if not np.isfinite(value):
        return Feature(region.name, full, None, unit_of(full), _(
            "The value is not defined for this region (no two of its voxels touch, or it has no extent)."))
    notes = (note, region.notes.about(kind, name))
    return Feature(region.name, full, float(value), unit_of(full), "; ".join(filter(None, notes)))
