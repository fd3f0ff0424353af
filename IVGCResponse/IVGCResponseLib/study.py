"""The input of the study's models: the box of the recti, 32 x 128 x 128 voxels, and measurements of muscle groups.

Zhang et al. 2026 crop the bounding box of all four recti of both orbits. The box of one group of muscles, and the box
of all with everything else masked, are available as alternatives.
"""

from __future__ import annotations

from IVGCResponseLib.muscle_groups import MUSCLES, STRATEGIES
from IVGCResponseLib.signal_ratio import signal_ratios
from NeuroOrbitLib.classifiers.region_study import RegionStudy
from NeuroOrbitLib.classifiers.structure_box import StructureBox
from NeuroOrbitLib.sentences import sentence as _

BOX = StructureBox(
    MUSCLES, slices=32, edge=128, whole="four_recti",
    lacking=_("The segmentation lacks the {missing}. The models look at the four recti of both orbits; correct "
              "the segmentation, or choose a scan that shows both orbits."),
    nothing=_("No rectus muscle is segmented. Segment the orbits, or choose a scan that shows them."))
STUDY = RegionStudy(BOX, reported=STRATEGIES, profile="rdinet-660", ratios=signal_ratios, group_fact="box_muscles")
