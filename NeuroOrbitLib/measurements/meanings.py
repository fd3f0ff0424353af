"""What each quantity means and where its definition comes from, in the words that a reader of a result sees."""

from __future__ import annotations

from dataclasses import dataclass

from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class Meaning:
    """The definition of a quantity.

    :param definition: one or two sentences.
    :param source: publication with this definition; empty for a definition of this product.
    """

    definition: str
    source: str = ""


_OWN = _("this product; docs/measurements.md")
_CHINESE = _("areas and diameters at these places: 3 T MRI of Chinese adults, PubMed 19643971")
_BARRETT = _("Barrett et al. 1988; Monteiro et al. 2008, Clinics 63:301")
_GLAND = _("calliper widths in slices: Rana et al., Orbit")

MEANINGS: dict[str, Meaning] = {
    "volume": Meaning(_(
        "Number of voxels times their volume. The bony orbit reaches from the plane of its four rims to the mouth of "
        "the optic canal.")),
    "greatest_diameter": Meaning(_(
        "Smallest calliper width of the section across the muscle's line, greatest from 15 to 80 % of its length; "
        "the superior rectus with its levator. In CT, recti that lie on the bone reach to it."),
        _("Rana et al. 2022, Orbit; Ozgen and Ariyurek 1998, AJR 170:1093")),
    "greatest_area": Meaning(_(
        "Area of the section across the muscle's line, greatest from 15 to 80 % of its length.")),
    "diameter_at_globe": Meaning(_(
        "Smallest calliper width of the section where the muscle's line passes the globe's back."), _CHINESE),
    "area_at_globe": Meaning(_(
        "Area of the section where the muscle's line passes the globe's back."), _CHINESE),
    "diameter_behind_globe": Meaning(_(
        "Smallest calliper width of the section 7 mm behind the globe's back."), _CHINESE),
    "area_behind_globe": Meaning(_(
        "Area of the section 7 mm behind the globe's back."), _CHINESE),
    "length": Meaning(_(
        "Length of the line through the middles of the sections; of a muscle with its tendon, of the nerve from the "
        "globe to the optic canal.")),
    "signal_mean": Meaning(_(
        "Mean grey value of the structure's voxels.")),
    "signal_hottest": Meaning(_(
        "Mean grey value of the brightest spot of 10 mm² within one slice of the structure.")),
    "signal_to_brain": Meaning(_(
        "Mean signal of the muscle over that of the temporal lobe, both after bias correction."),
        _("BMC Endocr Disord 2021 (fat-suppressed T2, active above 1.21)")),
    "signal_to_temporalis": Meaning(_(
        "Mean signal of the muscle over that of the temporal muscle, both after bias correction."),
        _("BMC Endocr Disord 2021 (STIR, active above 2.9)")),
    "hottest_to_brain": Meaning(_(
        "Signal of the muscle's hottest 10 mm² over that of the temporal lobe, after bias correction.")),
    "hottest_to_temporalis": Meaning(_(
        "Signal of the muscle's hottest 10 mm² over that of the temporal muscle, after bias correction.")),
    "t2_mean": Meaning(_(
        "Mean of the muscle in the T2 map."),
        _("compare within one protocol: Sci Rep 2020, s41598-020-76341-6")),
    "t2_hottest": Meaning(_(
        "Mean of the brightest 10 mm² of the muscle in one slice of the T2 map.")),
    "fat_fraction_mean": Meaning(_(
        "Mean of the muscle in the fat fraction of a Dixon scan.")),
    "fat_fraction_hottest": Meaning(_(
        "Mean of the fattest 10 mm² of the muscle in one slice.")),
    "water_fraction_mean": Meaning(_(
        "Mean of the muscle in the water fraction of a Dixon scan.")),
    "water_fraction_hottest": Meaning(_(
        "Mean of the wettest 10 mm² of the muscle in one slice.")),
    "axial_length": Meaning(_(
        "From the front of the cornea to the outside of the sclera along the line through the middles of globe and "
        "lens. In CT the cornea is found by the edge of the chamber behind it. Ultrasound ends at the retina, about "
        "1 mm before.")),
    "transverse_diameter": Meaning(_(
        "Horizontal diameter of the ellipse with the same spread as the globe's section across its axis.")),
    "vertical_diameter": Meaning(_(
        "Vertical diameter of the ellipse with the same spread as the globe's section across its axis.")),
    "globe_tent_angle": Meaning(_(
        "Angle at the nerve between the globe's outline 6 mm away on both sides, in the head's plane. Below 130° the "
        "nerve pulls at the globe."),
        _("Dalley et al. 1989")),
    "exophthalmos": Meaning(_(
        "Distance by which the globe's frontmost point lies in front of the line between the lateral rims, within the "
        "head's plane."),
        ),
    "exophthalmos_difference": Meaning(_(
        "Absolute difference between the exophthalmos of the right and of the left eye.")),
    "interpupillary_distance": Meaning(_(
        "Distance between the centres of both lenses.")),
    "interorbital_distance": Meaning(_(
        "Distance between the medial rims.")),
    "interzygomatic_distance": Meaning(_(
        "Distance between the lateral rims.")),
    "thickness": Meaning(_(
        "Thickness of the ellipsoid with the same spread as the lens.")),
    "sheath_diameter_3mm": Meaning(_(
        "Diameter of the circle with the area of the section across the nerve and its sheath, 3 mm behind the globe."),
        _("Kim et al. 2018, J Clin Neurol 14:345 (MRI)")),
    "sheath_diameter_10mm": Meaning(_(
        "Diameter of the circle with the area of the section across the nerve and its sheath, 10 mm behind the "
        "globe.")),
    "nerve_diameter_3mm": Meaning(_(
        "Diameter of the circle with the area of the section across the nerve without its sheath, 3 mm behind the "
        "globe.")),
    "nerve_diameter_10mm": Meaning(_(
        "Diameter of the circle with the area of the section across the nerve without its sheath, 10 mm behind the "
        "globe.")),
    "tortuosity": Meaning(_(
        "Length of the nerve's line over the straight distance between its ends.")),
    "apical_crowding": Meaning(_(
        "Part of the sheath's outline with a muscle within 1 mm, from 60 to 95 % of the way to the optic canal.")),
    "crowding_grade": Meaning(_(
        "0: no muscle touches the nerve near the apex; 1: up to 25 % of its outline; 2: up to 50 %; 3: more."),
        _("Nugent et al. 1990")),
    "axial_length_of_gland": Meaning(_(
        "Largest calliper width of the largest section in the head's plane."), _GLAND),
    "axial_width_of_gland": Meaning(_(
        "Smallest calliper width of the largest section in the head's plane."), _GLAND),
    "coronal_length_of_gland": Meaning(_(
        "Largest calliper width of the largest section across the head's forward direction."), _GLAND),
    "coronal_width_of_gland": Meaning(_(
        "Smallest calliper width of the largest section across the head's forward direction."), _GLAND),
    "muscle_volume": Meaning(_(
        "Sum of the volumes of the four recti with the levator and of both obliques.")),
    "fat_volume_by_density": Meaning(_(
        "Volume of the voxels of -200 to -30 HU within the bony orbit."),
        _("J Ophthalmol 2019, doi:10.1155/2019/9721085")),
    "muscle_share": Meaning(_(
        "Volume of all muscles over that of the bony orbit."),
        _("Monteiro et al. 2008, Clinics 63:301")),
    "fat_share": Meaning(_(
        "Volume of the orbital fat's label over that of the bony orbit.")),
    "barrett_horizontal": Meaning(_(
        "Chords of medial and lateral rectus over that of the orbit through the nerve, half-way from the globe's "
        "back to the optic canal."), _BARRETT),
    "barrett_vertical": Meaning(_(
        "Chords of superior rectus (with levator and the fat between) and inferior rectus over that of the orbit "
        "through the nerve, half-way from the globe's back to the optic canal."), _BARRETT),
}


def meaning(key: str) -> Meaning:
    """Return what a quantity means; the source of a definition of this product is docs/measurements.md."""
    found = MEANINGS[key]
    return found if found.source else Meaning(found.definition, _OWN)
