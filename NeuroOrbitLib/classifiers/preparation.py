"""The preparation of a cohort's images and numbers, and its agreement with a package's training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.columns import NO_RADIOMICS, is_feature

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.column_file import ColumnFile
    from NeuroOrbitLib.models import ModelPackage

#: Name of the fact that states the profile of the radiomics features.
PROFILE = "profile"


def preparation_of(facts: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts about how the images and numbers of a cohort or package were prepared.

    :param facts: facts of the cohort, or settings of the package.
    :param usual: names of the relevant facts, with the value of each where it is not stated.
    """
    return {name: facts.get(name, value) for name, value in usual.items()}


def require_same_preparation(package: ModelPackage, cohort: Cohort, usual: Mapping[str, Any],
                             columns: Sequence[str] = ()) -> None:
    """Refuse a cohort that was prepared differently from a package's training.

    :param package: model package.
    :param cohort: prepared cohort.
    :param usual: see :func:`preparation_of`.
    :param columns: columns that the package takes; if none is a radiomics feature, the profile may differ.
    :raises Problem: naming the fact that differs, or stating that radiomics features are missing.
    """
    known, here = preparation_of(package.facts.settings, usual), preparation_of(cohort.facts, usual)
    needs_radiomics = any(is_feature(name) for name in columns)
    for name in usual:
        if known[name] != here[name] and (name != PROFILE or needs_radiomics):
            raise Problem(f"The model {package.name} was trained with {name.replace('_', ' ')} {known[name]}, the "
                          f"cohort has {here[name]}. Prepare the cohort with --{name.replace('_', '-')} {known[name]}.")
    if needs_radiomics and here.get(PROFILE) == NO_RADIOMICS:
        raise Problem(f"The model {package.name} needs radiomics features, which the cohort lacks.")


def require_same_meaning(package: ModelPackage, cohort: Cohort, file: ColumnFile, columns: Sequence[str]) -> None:
    """Refuse a cohort whose numbers are in other units or words than those of a package's training.

    :param package: model package.
    :param cohort: prepared cohort.
    :param file: columns of the task.
    :param columns: columns that the package takes.
    :raises Problem: naming the columns.
    """
    from NeuroOrbitLib.classifiers.column_file import columns_kept

    names = [name for name in file.differing(columns_kept(package), cohort.facts) if name in columns]
    if names:
        raise Problem(f"In the cohort {cohort.folder} {', '.join(names)} are in other units or words than those that "
                      f"the model {package.name} has learned. Prepare the cohort with the model's list of features.")
