"""What Slicer's DICOMLib offers to code that files DICOM objects; browser, plugins and loading are not there."""
from . import DICOMUtils
from .DICOMUtils import importDicom, openDatabase

__all__ = ["DICOMUtils", "importDicom", "openDatabase"]
