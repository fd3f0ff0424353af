"""How values become parameters and node references of a ``vtkMRMLScriptedModuleNode``, and back.

The names and the text form of the parameters are those of Slicer, so that scenes can be exchanged with it.
"""

from ..observed import ObservedDict, ObservedList
from .anything import AnySerializer
from .base import (
    Serializer,
    ValidatedSerializer,
    createSerializer,
    createSerializerFromAnnotatedType,
    extractSerializer,
    parameterNodeSerializer,
)
from .colors import QColorSerializer
from .containers import DictSerializer, ListSerializer, TupleSerializer
from .enums import EnumSerializer
from .nodes import NodeSerializer
from .scalars import BoolSerializer, NumberSerializer, PathSerializer, StringSerializer
from .unions import NoneSerializer, UnionSerializer

# As in Slicer, the serializers of enumerations and of None, the observed containers and the functions that choose a
# serializer are there for those who name them, but do not come with "import *".
_NAMED_ONLY = (EnumSerializer, NoneSerializer, ObservedDict, ObservedList, createSerializer,
               createSerializerFromAnnotatedType, extractSerializer)

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
