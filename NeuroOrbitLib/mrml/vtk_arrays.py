"""VTK arrays that NumPy fills in place, so that large results are copied only once."""

from __future__ import annotations

import numpy as np
import vtk
from vtk.util import numpy_support


def new_array(shape: tuple[int, ...], dtype: type[np.generic]) -> tuple[vtk.vtkDataArray, np.ndarray]:
    """Return a new array of VTK and a NumPy view of its memory.

    :param shape: shape of the view. With two axes, the second one is the components of each tuple; otherwise every
        element is a tuple with one component.
    :param dtype: type of the elements, e.g. ``np.float32``.
    :return: the array, which owns the memory, and the view of ``shape``, whose elements are not initialised.
    """
    array = vtk.vtkDataArray.CreateDataArray(numpy_support.get_vtk_array_type(dtype))
    array.SetNumberOfComponents(shape[1] if len(shape) == 2 else 1)
    array.SetNumberOfTuples(shape[0] if len(shape) == 2 else int(np.prod(shape)))
    return array, numpy_support.vtk_to_numpy(array).reshape(shape)
