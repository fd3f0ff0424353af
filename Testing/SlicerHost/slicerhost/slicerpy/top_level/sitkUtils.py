"""Volumes of the scene as SimpleITK images, and back. Images are in LPS, volume nodes in RAS."""
from __future__ import annotations

from typing import Any

import numpy as np
import SimpleITK as sitk
import slicer
import vtk
from vtk.util import numpy_support

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0])


def _node(nodeObjectOrName: Any) -> Any:
    isNode = isinstance(nodeObjectOrName, slicer.vtkMRMLNode)
    return nodeObjectOrName if isNode else slicer.util.getNode(nodeObjectOrName)


def PushVolumeToSlicer(sitkimage: sitk.Image, targetNode: Any = None, name: str | None = None,
                       className: str = "vtkMRMLScalarVolumeNode") -> Any:
    """Copy an image into a volume node and return the node.

    :param targetNode: node to change; without it a node of the class ``className`` is added to the scene
    :param name: basis of a new node's name
    """
    if not targetNode:
        targetNode = slicer.mrmlScene.AddNewNodeByClass(className, slicer.mrmlScene.GetUniqueNameByString(name))
        targetNode.CreateDefaultDisplayNodes()
    targetNode.SetAndObserveImageData(sitk2vtk(sitkimage))
    directions = np.array(sitkimage.GetDirection()).reshape(sitkimage.GetDimension(), -1)[:3, :3]
    ijkToRas = np.eye(4)
    ijkToRas[:3, :3] = LPS_TO_RAS @ directions * np.array(sitkimage.GetSpacing()[:3])
    ijkToRas[:3, 3] = LPS_TO_RAS @ np.array(sitkimage.GetOrigin()[:3])
    targetNode.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(ijkToRas))
    targetNode.Modified()
    return targetNode


def PullVolumeFromSlicer(nodeObjectOrName: Any) -> sitk.Image:
    """Return a copy of a volume node, given by itself, its name or its ID, as an image."""
    node = _node(nodeObjectOrName)
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    ijkToRas = slicer.util.arrayFromVTKMatrix(matrix)
    spacing = node.GetSpacing()
    directions = LPS_TO_RAS @ ijkToRas[:3, :3] / np.array(spacing)
    return vtk2sitk(node.GetImageData(), origin=(LPS_TO_RAS @ ijkToRas[:3, 3]).tolist(), spacing=spacing,
                    direction=directions.ravel().tolist())


def GetSlicerITKReadWriteAddress(nodeObjectOrName: Any) -> str:
    """Return the address ``slicer:<scene>#<node>`` of a volume, which the plain SimpleITK package cannot read."""
    node = _node(nodeObjectOrName)
    return f"slicer:{node.GetScene().GetAddressAsString('').replace('Addr=', '')}#{node.GetID()}"


def IsMRMLIDImageIOAvailable() -> bool:
    """Deprecated, True in any case."""
    return True


def vtk2sitk(vtkimg: vtk.vtkImageData, origin: Any = None, spacing: Any = None, direction: Any = None) -> sitk.Image:
    """Return a copy of VTK image data as an image; the geometry is that of the image data where it is not given."""
    scalars = vtkimg.GetPointData().GetScalars()
    components = scalars.GetNumberOfComponents()
    shape = vtkimg.GetDimensions()[::-1] + ((components,) if components > 1 else ())
    image = sitk.GetImageFromArray(numpy_support.vtk_to_numpy(scalars).reshape(shape), isVector=components > 1)
    if direction is None:
        direction = slicer.util.arrayFromVTKMatrix(vtkimg.GetDirectionMatrix()).ravel().tolist()
    image.SetOrigin(vtkimg.GetOrigin() if origin is None else origin)
    image.SetSpacing(vtkimg.GetSpacing() if spacing is None else spacing)
    image.SetDirection(direction)
    return image


def sitk2vtk(img: sitk.Image, deep: int = 1) -> vtk.vtkImageData:
    """Return the voxels of an image as VTK image data without geometry, as volume nodes hold them."""
    components = img.GetNumberOfComponentsPerPixel()
    voxels = sitk.GetArrayFromImage(img)
    scalars = numpy_support.numpy_to_vtk(voxels.reshape(-1, components) if components > 1 else voxels.ravel(),
                                         deep=deep)
    imageData = vtk.vtkImageData()
    imageData.SetDimensions([*img.GetSize(), 1][:3])
    imageData.GetPointData().SetScalars(scalars)
    return imageData
