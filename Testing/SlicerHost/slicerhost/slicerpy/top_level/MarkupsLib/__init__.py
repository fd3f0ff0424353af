"""What Slicer's Markups module offers to Python."""

from . import parameterNodeWrapper

__all__ = ["parameterNodeWrapper"]
