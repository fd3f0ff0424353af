"""Which cases a package has learned from: of them it knows the answer, and measures on them are too good.

A package keeps a part of a hash of each case's arrays as the document :data:`DOCUMENT`. It is the same for the same
scan prepared in the same way, whatever the case is called, and tells nothing about a scan to those who do not have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.models import ModelPackage

DOCUMENT = "learned"
#: Fact of an evaluation: how many of its cases the model has learned from.
FACT = "learned_cases"


def learned_document(cohort: Cohort) -> list[str]:
    """Return what tells the cases of a cohort later, without an order that says which is which."""
    return sorted(_digests(cohort))


def learned_cases(package: ModelPackage, cohort: Cohort) -> int | None:
    """Return how many cases of a cohort a package has learned from; None where it does not say."""
    document = package.document(DOCUMENT)
    if document is None:
        return None
    known = set(document)
    return sum(digest in known for digest in _digests(cohort))


def _digests(cohort: Cohort) -> list[str]:
    return [cohort.digest(name) for name in cohort.names]
