"""The cases that a package was trained on, on which its measured performance would be too good.

A package contains the beginning of a hash of each case's arrays as the document :data:`DOCUMENT`. The hash is the same
for the same scan prepared in the same way under any name, and reveals nothing about a scan that one does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.models import ModelPackage

DOCUMENT = "learned"
#: Fact of an evaluation: the number of its cases that the model was trained on.
FACT = "learned_cases"


def learned_document(cohort: Cohort) -> list[str]:
    """Return the hashes by which the cases of a cohort are recognised later, sorted so as not to reveal their order."""
    return sorted(_digests(cohort))


def learned_cases(package: ModelPackage, cohort: Cohort) -> int | None:
    """Return how many cases of a cohort a package was trained on; None if it does not state its training cases."""
    document = package.document(DOCUMENT)
    if document is None:
        return None
    known = set(document)
    return sum(digest in known for digest in _digests(cohort))


def _digests(cohort: Cohort) -> list[str]:
    return [cohort.digest(name) for name in cohort.names]
