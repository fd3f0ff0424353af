"""Numbers that are part of the definitions of measures (docs/measurements.md says where they come from)."""

from __future__ import annotations

#: Range of a muscle's length, as fractions from its origin, in which its greatest diameter and area are taken.
BELLY = (0.15, 0.80)
#: Second place at which muscles are measured: distance behind the globe's back (mm).
BEHIND_GLOBE_MM = 7.0
#: Places along the optic nerve behind the globe at which its sheath is measured (mm).
SHEATH_PLACES_MM = (3.0, 10.0)
#: Chords of the muscles and the bony orbit (Barrett) are averaged over lines up to this far from the middle one (mm),
CHORD_BAND_MM = 2.0
#: and over planes at these distances (mm) from the one half-way to the apex, because the position of an edge parallel
#: to the slices is only known to within one slice.
CHORD_PLANES_MM = (-3.0, -1.5, 0.0, 1.5, 3.0)
#: Largest distance (mm) to the side of the nerve at which the greatest chord of a muscle is looked for.
CHORD_REACH_MM = 12.0
#: Width (mm) below which spurs of the rim's bone do not count.
THINNEST_BONE_MM = 2.0
#: Thickness (mm) below which parts of a muscle do not count for its diameter: the levator thins out to its aponeurosis.
THINNEST_MUSCLE_MM = 1.0
#: The angle of the globe's back is measured between the two points of its outline at this distance from the nerve (mm).
TENT_CHORD_MM = 6.0
#: Plane of the rims: each rim is looked for among points up to this far from the outermost one (mm).
RIM_TOLERANCE_MM = 1.0
#: A wall may diverge towards the back by this fraction of its depth (3 degrees) and still has its rim in front.
RIM_SLOPE = 0.05
#: Where a scan shows no bone, the lateral wall is taken to end where the orbit's contents are this deep from front to
#: back (mm): the corner between wall and septum is a sharp wedge, whose tip no voxel shows.
RIM_DEPTH_MM = 4.0
#: Standard deviation (mm) of the place where a network ends the orbit's fat at that corner, from five phantoms of
#: MRI at 1 mm.
AUTOMATIC_RIM_MM = 1.2
#: Standard deviation (mm) of the length of a lacrimal gland whose thin edges a network drew, from fifteen phantoms of
#: CT and of MRI at 1 mm.
AUTOMATIC_GLAND_MM = 1.0
#: The front of the rim's bone is the middle of all bone up to this far behind its frontmost point (mm).
FRONT_DEPTH_MM = 0.75
#: Range of the nerve's length, as fractions from the globe, in which its crowding by muscles is measured.
APEX = (0.60, 0.95)
#: Largest distance (mm) between a muscle and the nerve's sheath at which there is no fat between them.
CROWDED_MM = 1.0
#: No diameter is measured across slices thicker than this (mm).
THICKEST_SLICE_MM = 2.0
#: No diameter or area of a muscle along the slices is measured if they are thicker than this (mm): in slices of 2 mm,
#: the values of superior rectus and levator are often wrong by more than their uncertainty even with true masks.
THICKEST_ALONG_MM = 1.75
#: Largest distance (mm) between pieces of a muscle or nerve that belong together; at least one and a half slices.
PIECES_APART_MM = 6.0
#: If other pieces hold more than this fraction of a structure, it is not clear which piece is meant.
SMALL_PIECES = 0.1
#: Smaller pieces are not reported (mm³): volumes are given to a hundredth of a millilitre.
LEAST_TOLD_MM3 = 5.0
#: Threshold for bone in CT (HU): above any soft tissue, and low enough for thin bone that fills only part of a voxel.
BONE_HU = 250.0
#: In CT a muscle is taken to reach the bone if the bone is at most this far away (mm) and the unlabelled voxels between
#: differ from the muscle's density by less than this many of its standard deviations.
WALL_MM, AS_DENSE = 1.5, 2.0
