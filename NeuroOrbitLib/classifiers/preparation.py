"""How the images and numbers of a cohort were made, and whether a package has learned from such ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.columns import NO_RADIOMICS, is_feature

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.models import ModelPackage

#: Fact that names the profile of the radiomics features.
PROFILE = "profile"


def preparation_of(facts: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the images and numbers of a cohort or package were made.

    :param facts: of the cohort, or settings of the package.
    :param usual: the facts that count, with what stands for those that are not stated.
    """
    return {name: facts.get(name, value) for name, value in usual.items()}


def require_same_preparation(package: ModelPackage, cohort: Cohort, usual: Mapping[str, Any],
                             columns: Sequence[str] = ()) -> None:
    """Make sure that a cohort was prepared as a package's training was.

    :param usual: see :func:`preparation_of`.
    :param columns: that the package takes; without radiomics among them their profile may differ.
    :raises Problem: naming the fact that differs, or saying that radiomics features are missing.
    """
    known, here = preparation_of(package.facts.settings, usual), preparation_of(cohort.facts, usual)
    needs_radiomics = any(is_feature(name) for name in columns)
    for name in usual:
        if known[name] != here[name] and (name != PROFILE or needs_radiomics):
            raise Problem(f"The model {package.name} was trained with {name.replace('_', ' ')} {known[name]}, the "
                          f"cohort has {here[name]}. Prepare the cohort with --{name.replace('_', '-')} {known[name]}.")
    if needs_radiomics and here.get(PROFILE) == NO_RADIOMICS:
        raise Problem(f"The model {package.name} needs radiomics features, which the cohort lacks.")
