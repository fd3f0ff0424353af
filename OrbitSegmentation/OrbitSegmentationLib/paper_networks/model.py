"""A trained paper network from its model package, ready to segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.models import ModelPackage, ModelProblem
from NeuroOrbitLib.models.inference import FastNetwork, Precision
from NeuroOrbitLib.models.networks import build_from
from NeuroOrbitLib.models.problem import mislabelled, unfit
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.model_kinds import is_paper_model
from OrbitSegmentationLib.paper_networks.prediction import segment_orbits
from OrbitSegmentationLib.paper_networks.profile_classes import output_names
from OrbitSegmentationLib.paper_networks.profiles import Profile, profile_from_dict
from OrbitSegmentationLib.paper_networks.registry import find


@dataclass(frozen=True)
class PaperModel:
    """A trained network and the profile that it was trained with."""

    network: FastNetwork
    profile: Profile

    @classmethod
    def open(cls, package: ModelPackage, device: str = "cpu", precision: Precision = "auto") -> PaperModel:
        """Return the model of a package, with its verified weights.

        :raises ModelProblem: when the package is of another kind, is not described as it must be, or its weights are
            missing or changed.
        """
        if not is_paper_model(package):
            raise ModelProblem(_("The model {package} is not one of the papers' networks.").format(
                package=package.name))
        profile = _profile(package)
        network = build_from(package, find(profile.network).build)
        return cls(FastNetwork(network, device, precision), profile)

    def segment(self, image: Image, centers: Mapping[Side, np.ndarray], progress: Progress = silent) -> Image:
        """Return the label map of the orbits around the given centres of the eyeballs (RAS mm), on the scan's grid."""
        return segment_orbits(image, centers, self.network, self.profile, progress)


def _profile(package: ModelPackage) -> Profile:
    """Return the profile that the network was trained with; raise :class:`ModelProblem` if the package does not fit."""
    try:
        profile = profile_from_dict(package.facts.settings["profile"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unfit(package) from error
    channels = package.facts.network_arguments.get("out_channels", profile.channels)
    if (package.facts.network, channels) != (profile.network, profile.channels):
        raise unfit(package)
    if package.facts.labels != output_names(profile):
        raise mislabelled(package, _("the names of its outputs are not those of its profile's classes in their "
                                     "order"))
    return profile
