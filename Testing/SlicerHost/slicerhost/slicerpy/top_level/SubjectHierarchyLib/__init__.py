"""What Slicer's SubjectHierarchy module offers to Python."""

from . import parameterNodeWrapper

__all__ = ["parameterNodeWrapper"]
