"""Numbers that are part of the definitions of measures (docs/measurements.md says where they come from)."""

from __future__ import annotations

#: Part of a muscle's length, from its origin, in which its greatest diameter and area are looked for.
BELLY = (0.15, 0.80)
#: Second place at which muscles are measured: so far behind the globe's back (mm).
BEHIND_GLOBE_MM = 7.0
#: Places along the optic nerve behind the globe at which its sheath is measured (mm).
SHEATH_PLACES_MM = (3.0, 10.0)
#: Chords of the muscles and the bony orbit (Barrett) are averaged over lines within so much of the middle one (mm).
CHORD_BAND_MM = 2.0
#: and over planes around the one half-way to the apex: edges that lie along slices are known to a slice only (mm).
CHORD_PLANES_MM = (-3.0, -1.5, 0.0, 1.5, 3.0)
#: Sideways of the nerve the greatest chord of a muscle is looked for up to here (mm).
CHORD_REACH_MM = 12.0
#: Spurs of the rim's bone that are not this wide do not count (mm).
THINNEST_BONE_MM = 2.0
#: Parts of a muscle that are not this thick do not count for its diameter: the levator thins to its aponeurosis (mm).
THINNEST_MUSCLE_MM = 1.0
#: The angle of the globe's back is taken between its outline at this distance from the nerve on both sides (mm).
TENT_CHORD_MM = 6.0
#: The rims' plane: each rim is looked for among points within so much of the outermost one (mm).
RIM_TOLERANCE_MM = 1.0
#: A wall that runs outwards to the back by this share of its depth (3 degrees) has its rim in front all the same.
RIM_SLOPE = 0.05
#: Where no bone is seen the lateral wall ends where the orbit's contents are this deep from front to back (mm): the
#: corner between wall and septum is a sharp wedge, whose tip no voxel shows.
RIM_DEPTH_MM = 4.0
#: So far (standard deviation, mm) a network may end the orbit's fat ahead of or behind that place: of five phantoms of
#: MRI at 1 mm.
AUTOMATIC_RIM_MM = 1.2
#: So far (standard deviation, mm) the length of a lacrimal gland may be off as a network ends its thin edges: of
#: fifteen phantoms of CT and of MRI at 1 mm.
AUTOMATIC_GLAND_MM = 1.0
#: The front of the rim's bone is the middle of all that lies within so much of its frontmost point (mm).
FRONT_DEPTH_MM = 0.75
#: Part of the nerve's length from the globe in which its crowding by muscles is looked for.
APEX = (0.60, 0.95)
#: A muscle this near to the nerve's sheath leaves no fat between them (mm).
CROWDED_MM = 1.0
#: Across slices thicker than this no diameter is measured (mm).
THICKEST_SLICE_MM = 2.0
#: Pieces of a muscle or nerve belong together up to this distance (mm), or one and a half of the slices'.
PIECES_APART_MM = 6.0
#: Pieces elsewhere that hold more than this share of a structure leave open which of them is meant.
SMALL_PIECES = 0.1
#: What is smaller does not show in any value (mm³): volumes are told to a hundredth of a millilitre.
LEAST_TOLD_MM3 = 5.0
#: Denser than any soft tissue in CT, and low enough for thin bone, which shares its voxels with soft tissue (HU).
BONE_HU = 250.0
#: In CT a muscle reaches to bone that is this near (mm) through what has no label and differs from the muscle's own
#: density by less than so many of its standard deviations.
WALL_MM, AS_DENSE = 1.5, 2.0
