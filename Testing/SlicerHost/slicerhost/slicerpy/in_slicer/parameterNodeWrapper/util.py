"""Questions about annotated types."""
from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import Annotated, Any

import slicer

__all__ = ["findFirstAnnotation", "getNodeTypes", "isNodeOrUnionOfNodes", "splitAnnotations", "unannotatedType"]


def splitAnnotations(possiblyAnnotatedType: Any) -> tuple[Any, tuple[Any, ...]]:
    """``Annotated[T, a, b]`` -> (T, (a, b)); any other type T -> (T, ())."""
    if typing.get_origin(possiblyAnnotatedType) is Annotated:
        actual, *annotations = typing.get_args(possiblyAnnotatedType)
        return actual, tuple(annotations)
    return possiblyAnnotatedType, ()


def unannotatedType(possiblyAnnotatedType: Any) -> Any:
    """Return the type without its annotations."""
    return splitAnnotations(possiblyAnnotatedType)[0]


def findFirstAnnotation(annotationsList: Iterable[Any], annotationType: type) -> Any:
    """Return the first annotation of the given class, or None."""
    return next((annotation for annotation in annotationsList if isinstance(annotation, annotationType)), None)


def splitPossiblyDottedName(possiblyDottedName: str) -> tuple[str, str | None]:
    """``"a.b.c"`` -> ("a", "b.c"); ``"a"`` -> ("a", None)."""
    top, _, rest = possiblyDottedName.partition(".")
    return top, rest or None


def _isNodeClass(candidate: Any) -> bool:
    # Enumerations and other classes with a metaclass are never node classes.
    return type(candidate) is type and issubclass(candidate, slicer.vtkMRMLNode)


def _unionMembers(datatype: Any) -> list[Any] | None:
    """Return the members of a ``typing.Union``; None for other types, also for ``A | B`` of Python before 3.14."""
    if typing.get_origin(datatype) is not typing.Union:
        return None
    return [unannotatedType(member) for member in typing.get_args(datatype)]


def isNodeOrUnionOfNodes(datatype: Any) -> bool:
    """Return whether the type is a MRML node class or a union of nothing but node classes and None."""
    actual = unannotatedType(datatype)
    members = _unionMembers(actual)
    if members is None:
        return _isNodeClass(actual)
    return all(member is type(None) or _isNodeClass(member) for member in members)


def getNodeTypes(datatype: Any) -> tuple[str, ...]:
    """Class names of the node class, or of all node classes of the union; TypeError for any other type."""
    actual = unannotatedType(datatype)
    if _isNodeClass(actual):
        return (actual().GetClassName(),)
    members = _unionMembers(actual)
    if members is None:
        raise TypeError(f"{datatype} is neither a node class nor a union of node classes")
    return tuple(member().GetClassName() for member in members if _isNodeClass(member))
