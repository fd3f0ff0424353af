"""How values become parameters and node references of a ``vtkMRMLScriptedModuleNode``, and back.

The names and the text form of the parameters are those of Slicer, so that scenes can be exchanged with it.
"""

# The order of these imports is the order in which serializers are asked whether they know a type.
from .base import *
from .base import createSerializer, createSerializerFromAnnotatedType, extractSerializer
from .scalars import *
from .nodes import *
from .colors import *
from .colors import ObservedQColor
from .containers import *
from .containers import ObservedDict, ObservedList
from .unions import *
from .unions import NoneSerializer
from .enums import EnumSerializer
from .anything import *

__all__ = [
    "AnySerializer",
    "BoolSerializer",
    "DictSerializer",
    "ListSerializer",
    "NodeSerializer",
    "NumberSerializer",
    "PathSerializer",
    "QColorSerializer",
    "Serializer",
    "StringSerializer",
    "TupleSerializer",
    "UnionSerializer",
    "ValidatedSerializer",
    "parameterNodeSerializer",
]
