"""Takes all measures of a label map of the orbits, with or without its scan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, LABEL_VALUES, Side, label_value
from NeuroOrbitLib.imaging.cut_window import shows_bone
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.right_angles import at_right_angles
from NeuroOrbitLib.measurements.altered_eyes import AlteredEye, altered_eyes
from NeuroOrbitLib.measurements.artificial_lens import ArtificialLens, artificial_lenses
from NeuroOrbitLib.measurements.borders import border_note, confusion_note, missing_neighbour_note
from NeuroOrbitLib.measurements.both_orbits import rows_of_head
from NeuroOrbitLib.measurements.curve import Curve
from NeuroOrbitLib.measurements.exophthalmos import exophthalmos
from NeuroOrbitLib.measurements.gland import gland_measures
from NeuroOrbitLib.measurements.globe import corneal_apex, globe_measures, lens_thickness, tent_angle
from NeuroOrbitLib.measurements.muscle_signals import MuscleSignals
from NeuroOrbitLib.measurements.muscles import muscle_measures
from NeuroOrbitLib.measurements.nerve import NERVE_QUANTITIES, TO_THE_APEX, nerve_measures
from NeuroOrbitLib.measurements.orbit import (
    CUT_ORBIT,
    NO_CAVITY,
    Cavity,
    barrett_measures,
    cavity_measures,
    find_cavity,
)
from NeuroOrbitLib.measurements.outlines import joined_notes
from NeuroOrbitLib.measurements.padding import cut_by_padding
from NeuroOrbitLib.measurements.rays import foremost
from NeuroOrbitLib.measurements.reasons import CUT, absent, at_the_edge, of_structure
from NeuroOrbitLib.measurements.repeatability import in_few_slices
from NeuroOrbitLib.measurements.rims import AXES_OF_THE_SCAN, Rims, find_rims
from NeuroOrbitLib.measurements.rows import NERVE_ALONE, Measured, Row
from NeuroOrbitLib.measurements.sections import RADIUS_MM
from NeuroOrbitLib.measurements.shapes import LOOSE, OrbitShapes, shapes_of
from NeuroOrbitLib.measurements.uncertainty import contour_sigma, volume_uncertainty
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

#: Largest distance (mm) of an oblique muscle from its own line, since its tendon turns back beside it.
_OBLIQUE_RADIUS_MM = 7.0
#: Largest length (mm) of a rectus: it has about 40 mm, 50 with proptosis; a longer outline contains something else.
LONGEST_RECTUS_MM = 60.0
#: Measures of muscles, eyes and glands that are taken along the axes of the head, as are those of the bony orbit.
_ALONG_THE_HEAD = ("diameter_at_globe", "area_at_globe", "diameter_behind_globe", "area_behind_globe",
                   "globe_tent_angle", "axial_length_of_gland", "axial_width_of_gland", "coronal_length_of_gland",
                   "coronal_width_of_gland")
_IN_ORBIT = ("volume", "muscle_volume", "muscle_share", "fat_share", "barrett_horizontal", "barrett_vertical")
_NO_PUBLISHED_VOLUME = _("Its volume is without the sheath. Published volumes include it, and are not compared.")

ByQuantity = dict[str, Measured]


class Measuring:
    """The measures of one label map.

    :param labels: label map in the vocabulary's values, any axis order.
    :param scan: grey values on the same grid, or ``None``.
    :param is_ct: whether the grey values are Hounsfield units.
    :param nerve_with_sheath: whether the nerve's label includes its sheath.
    :param expected_dice: expected overlap with a reader's outline by label value, if known.
    :param maps: acquired maps by their names in :data:`~NeuroOrbitLib.measurements.signal.MAPS`, on any grid.
    :raises Problem: if the label map is empty or has values outside the vocabulary, or the scan is on another grid.
    """

    def __init__(self, labels: Image, scan: Image | None = None, is_ct: bool = False, nerve_with_sheath: bool = True,
                 expected_dice: Mapping[int, float] | None = None, maps: Mapping[str, Image] | None = None) -> None:
        _check(labels, scan)
        self.is_ct = is_ct and scan is not None
        self.cut = at_the_edge(labels) | (cut_by_padding(labels, scan) if scan is not None else set())
        # The axes of a tilted gantry do not show the distance between its slices.
        self.labels, self.scan = at_right_angles(labels, scan)
        # In a CT that was cut to a window, the walls of the orbit would be measured millimetres away from their place.
        self._bone = self.scan if self.is_ct and shows_bone(scan) else None
        self.nerve_with_sheath = nerve_with_sheath
        self.expected_dice = dict(expected_dice or {})
        self.shapes = shapes_of(self.labels, self._bone)
        self.rims: Rims = find_rims(self.shapes, self._bone)
        self._signals = MuscleSignals(self.labels, self.scan, self.is_ct, maps or {}, self.rims.frame.rotation)

    def rows(self) -> list[Row]:
        """Return all measures ordered by side and structure, those of both orbits together last."""
        rows = [row for side in Side for row in self._rows_of(self.shapes[side])]
        return [*rows, *rows_of_head(rows, self.shapes, self.rims, self.labels.spacing, self.cut, self.altered,
                                    any(self._is_automatic(orbit, "orbital_fat") for orbit in self.shapes.values()))]

    def _rows_of(self, orbit: OrbitShapes) -> Iterator[Row]:
        for key, measures in self._structures(orbit):
            for name, measured in measures.items():
                yield Row(key, orbit.side, name, self._with_axes(key, name, measured))

    def _with_axes(self, key: str, name: str, measured: Measured) -> Measured:
        """Return a measure whose method says so if the axes of the scan stand for those of the head.

        A turned head then changes it, so that it must not be compared with one along the head's own axes.
        """
        along = name in _ALONG_THE_HEAD or (key == "bony_orbit" and name != "muscle_volume")
        if not along or measured.value is None or self.rims.frame.method != AXES_OF_THE_SCAN:
            return measured
        return replace(measured, method=joined(filter(None, (measured.method, AXES_OF_THE_SCAN)), "; "))

    def _structures(self, orbit: OrbitShapes) -> Iterator[tuple[str, ByQuantity]]:
        yield "eyeball", self._unless_altered(orbit, self._globe(orbit))
        for key in ("lens", "optic_nerve", *EXTRAOCULAR_MUSCLES, "lacrimal_gland", "orbital_fat"):
            if orbit.has(key):
                measures = self._structure(orbit, key)
                yield key, self._if_natural(orbit, measures) if key == "lens" else measures
        yield "bony_orbit", self._orbit(orbit)

    @cached_property
    def altered(self) -> dict[Side, AlteredEye]:
        """The eyes that must not be measured; empty without a scan."""
        return altered_eyes(self.scan, self.labels, self.is_ct) if self.scan is not None else {}

    @cached_property
    def artificial_lenses(self) -> dict[Side, ArtificialLens]:
        """The lenses that are not the patient's own, and are not measured; empty without a scan."""
        return artificial_lenses(self.scan, self.labels) if self.scan is not None else {}

    def _if_natural(self, orbit: OrbitShapes, measures: ByQuantity) -> ByQuantity:
        """Return the measures of a lens, or the reason for none if the lens or the eye is not the patient's own."""
        lens = self.artificial_lenses.get(orbit.side)
        if lens is not None and orbit.side not in self.altered:
            return dict.fromkeys(measures, Measured.missing(lens.reason))
        return self._unless_altered(orbit, measures)

    def _unless_altered(self, orbit: OrbitShapes, measures: ByQuantity) -> ByQuantity:
        """Return the measures of an eye, or the reason for none if it has a prosthesis, oil, gas or a buckle."""
        eye = self.altered.get(orbit.side)
        return dict.fromkeys(measures, Measured.missing(eye.reason)) if eye else measures

    def _structure(self, orbit: OrbitShapes, key: str) -> ByQuantity:
        """Return volume, shape and (for muscles) signal of a structure that is present.

        Volume and shape have no values if the outline is in pieces or cut off at the edge of the scan.
        """
        shape = {"lens": self._lens, "optic_nerve": self._nerve, "lacrimal_gland": self._gland,
                 "orbital_fat": lambda orbit: {}}.get(key)
        measures = {"volume": self._volume(orbit, key)}
        measures |= shape(orbit) if shape else self._muscle(orbit, key)
        measures = {name: in_few_slices(measured, orbit.field(key), name) for name, measured in measures.items()}
        outline, is_cut = orbit.outline(key), label_value(key, orbit.side) in self.cut
        reason = outline.reason or (CUT if is_cut else "")
        if reason:
            measures = dict.fromkeys(measures, Measured.missing(reason))
        gap = measures["length"].note if "length" in measures else ""
        if key not in EXTRAOCULAR_MUSCLES:
            return _with_notes(measures, outline.note, gap)
        fused = missing_neighbour_note(key, self._muscles, orbit.side)
        confused = confusion_note(key, orbit, self.rims.frame)
        return _with_notes(measures | self._signals.measures(outline), outline.note, gap, fused, confused)

    @cached_property
    def _muscles(self) -> dict[Side, set[str]]:
        return {side: {key for key in EXTRAOCULAR_MUSCLES if orbit.has(key)} for side, orbit in self.shapes.items()}

    def _volume(self, orbit: OrbitShapes, key: str) -> Measured:
        field, sigma = orbit.field(key), self._sigma(orbit, key)
        measured = Measured(field.volume_ml, volume_uncertainty(field, sigma))
        is_alone = key == "optic_nerve" and not self.nerve_with_sheath
        return replace(measured, method=NERVE_ALONE, note=_NO_PUBLISHED_VOLUME) if is_alone else measured

    def _muscle(self, orbit: OrbitShapes, key: str) -> ByQuantity:
        frame = self.rims.frame
        line = orbit.muscle_line(key, frame.lateral(orbit.side))
        if line is None:
            reason = _why_no_line(orbit, key)
            return dict.fromkeys(("greatest_diameter", "greatest_area", "length"), Measured.missing(reason))
        oblique = "oblique" in key
        if not oblique and line.length > LONGEST_RECTUS_MM:
            return dict.fromkeys(("greatest_diameter", "greatest_area", "length"), Measured.missing(_too_long(line)))
        back = None if key == "inferior_oblique" or not orbit.has("eyeball") else self._globe_back(orbit)
        measures = muscle_measures(orbit.muscle_field(key), line, back, frame.forward, self._sigma(orbit, key),
                                   _OBLIQUE_RADIUS_MM if oblique else RADIUS_MM, key == "superior_rectus")
        greatest = measures["greatest_diameter"]
        if greatest.place is not None:
            note = border_note(self.labels, greatest.place, key, orbit.side)
            measures["greatest_diameter"] = replace(greatest, note=joined_notes(greatest.note, note))
        return _with_notes(measures, orbit.muscle_note(key))

    def _globe(self, orbit: OrbitShapes) -> ByQuantity:
        globe, outline = orbit.field("eyeball"), orbit.outline("eyeball")
        if globe is None:
            return {"exophthalmos": Measured.missing(absent("eyeball", orbit.side))}
        sigma, lens = self._sigma(orbit, "eyeball"), orbit.field("lens")
        apex = corneal_apex(globe, lens, self.rims.frame, self.scan if self.is_ct else None)
        measures = {"volume": self._volume(orbit, "eyeball"),
                    **globe_measures(globe, lens, self.rims.frame, sigma, apex)}
        measures["globe_tent_angle"] = (tent_angle(globe, orbit.nerve_line.points[0], self.rims.frame, sigma)
                                        if orbit.nerve_line else Measured.missing(self._why_no_nerve(orbit)))
        unclear = next(filter(None, (each.why_unclear("eyeball", "optic_nerve") for each in self.shapes.values())), "")
        measures["exophthalmos"] = (Measured.missing(unclear) if unclear
                                    else exophthalmos(orbit, self.rims, sigma, apex,
                                                       self._is_automatic(orbit, "orbital_fat")))
        is_cut = label_value("eyeball", orbit.side) in self.cut
        reason = outline.reason or (_("the eyeball is cut off at the edge of the scan.") if is_cut else "")
        return dict.fromkeys(measures, Measured.missing(reason)) if reason else _with_notes(measures, outline.note)

    def _lens(self, orbit: OrbitShapes) -> ByQuantity:
        lacking = orbit.why_lacking("eyeball") or self._why_not_whole(orbit, "eyeball")
        if lacking:
            return {"thickness": Measured.missing(lacking)}
        return {"thickness": lens_thickness(orbit.field("lens"), orbit.field("eyeball"), self.rims.frame,
                                            self._sigma(orbit, "lens"))}

    def _nerve(self, orbit: OrbitShapes) -> ByQuantity:
        if orbit.nerve_line is None:
            return dict.fromkeys(NERVE_QUANTITIES, Measured.missing(self._why_no_nerve(orbit)))
        muscles = [orbit.field(key) for key in EXTRAOCULAR_MUSCLES if orbit.has(key)]
        measures = nerve_measures(orbit.field("optic_nerve"), orbit.nerve_line, muscles,
                                  self._sigma(orbit, "optic_nerve"), self.nerve_with_sheath)
        if orbit.why_no_apex:
            measures |= dict.fromkeys(TO_THE_APEX, Measured.missing(orbit.why_no_apex))
        return measures

    @staticmethod
    def _why_no_nerve(orbit: OrbitShapes) -> str:
        return orbit.why_lacking("eyeball", "optic_nerve") or _("the nerve is not longer than wide.")

    def _gland(self, orbit: OrbitShapes) -> ByQuantity:
        return gland_measures(orbit.field("lacrimal_gland"), self.rims.frame, self._sigma(orbit, "lacrimal_gland"),
                              self._is_automatic(orbit, "lacrimal_gland"))

    def _orbit(self, orbit: OrbitShapes) -> ByQuantity:
        cavity = find_cavity(orbit, self.rims, self._bone)
        in_orbit = (*_IN_ORBIT, "fat_volume_by_density") if self.is_ct else _IN_ORBIT
        if cavity is None:
            reason = orbit.why_lacking("eyeball", "optic_nerve") or NO_CAVITY
            return dict.fromkeys(in_orbit, Measured.missing(reason))
        if self.cut & {label_value(key, orbit.side) for key in (*LOOSE, "eyeball")}:
            missing = Measured.missing(CUT_ORBIT)
            return dict.fromkeys(in_orbit, missing) | self._barrett(orbit, cavity)
        sigma = cavity.field.contour_error / 3**0.5
        measures = cavity_measures(orbit, cavity, self.scan if self.is_ct else None, sigma)
        if orbit.why_no_apex:
            measures |= dict.fromkeys(measures.keys() - {"muscle_volume"}, Measured.missing(orbit.why_no_apex))
        return {**measures, **self._barrett(orbit, cavity)}

    def _barrett(self, orbit: OrbitShapes, cavity: Cavity) -> ByQuantity:
        return barrett_measures(orbit, cavity, self.rims.frame, lambda key: self._sigma(orbit, key),
                                lambda key: self._why_not_whole(orbit, key))

    def _why_not_whole(self, orbit: OrbitShapes, key: str) -> str:
        """Return the reason if an outline lacks a part of its structure or holds a second muscle; else empty."""
        if label_value(key, orbit.side) in self.cut:
            return of_structure(key, orbit.side, CUT)
        if key == "optic_nerve":
            return orbit.why_no_apex
        line = orbit.muscle_line(key, self.rims.frame.lateral(orbit.side)) if key in EXTRAOCULAR_MUSCLES else None
        is_too_long = line is not None and line.length > LONGEST_RECTUS_MM
        return of_structure(key, orbit.side, _too_long(line)) if is_too_long else ""

    def _globe_back(self, orbit: OrbitShapes) -> np.ndarray:
        return foremost(orbit.field("eyeball"), orbit.globe_center, -self.rims.frame.forward)

    def _is_automatic(self, orbit: OrbitShapes, key: str) -> bool:
        """Return whether a network outlined a structure, for which alone an expected overlap with a reader is known."""
        return label_value(key, orbit.side) in self.expected_dice

    def _sigma(self, orbit: OrbitShapes, key: str) -> float:
        return contour_sigma(orbit.field(key), self.expected_dice.get(label_value(key, orbit.side)))


def measure(labels: Image, scan: Image | None = None, is_ct: bool | None = None, nerve_with_sheath: bool = True,
            expected_dice: Mapping[int, float] | None = None, maps: Mapping[str, Image] | None = None) -> list[Row]:
    """Return all measures of a label map; see :class:`Measuring` for the other parameters.

    :param is_ct: whether the grey values are Hounsfield units; determined from them if ``None``, see
        :func:`~NeuroOrbitLib.measurements.grey_values.grey_values_of`.
    :raises Problem: if the label map is empty or has values outside the vocabulary, or the scan is on another grid.
    """
    if is_ct is None and scan is not None:
        from NeuroOrbitLib.measurements.grey_values import grey_values_of

        given = grey_values_of(scan)
        scan, is_ct = given.image, given.is_ct
    return Measuring(labels, scan, bool(is_ct), nerve_with_sheath, expected_dice, maps).rows()


def _why_no_line(orbit: OrbitShapes, key: str) -> str:
    """Return why a muscle has no line from its origin, which the nerve's end shows, to its insertion."""
    needed = ("eyeball",) if key == "inferior_oblique" else ("eyeball", "optic_nerve")
    lacking = orbit.why_lacking(*needed)
    if lacking:
        return lacking
    if key != "inferior_oblique" and orbit.canal_mouth is None:
        return _("the optic nerve, whose end is the apex of the orbit, is not longer than wide.")
    return _("the muscle is not longer than wide, or too few voxels show where it runs.")


def _too_long(line: Curve) -> str:
    return _("its outline is {length:.0f} mm long, and no muscle is: it may hold a second muscle.").format(
        length=line.length)


def _with_notes(measures: ByQuantity, *notes: str) -> ByQuantity:
    """Return the measures with these notes added to each that has a value."""
    return {name: measured if measured.value is None else replace(
        measured, note=joined_notes(*dict.fromkeys((*notes, measured.note)))) for name, measured in measures.items()}


def _check(labels: Image, scan: Image | None) -> None:
    if scan is not None and not labels.grid.same_as(scan.grid, 0.05):
        raise Problem(_("The label map and the scan do not lie on the same grid. Choose the scan that was segmented, "
                        "or resample the label map on it."))
    highest = int(labels.array.max()) if labels.array.size else 0
    if labels.array.dtype.kind not in "iu" or int(labels.array.min()) < 0 or highest > LABEL_VALUES[-1]:
        raise Problem(_("This is not a label map of the orbits: their values are whole numbers from 0 to "
                        "{label_values}. Choose the result of a segmentation.").format(label_values=LABEL_VALUES[-1]))
    if highest == 0:
        raise Problem(_("The label map is empty: all voxels are 0. Segment the scan first."))
