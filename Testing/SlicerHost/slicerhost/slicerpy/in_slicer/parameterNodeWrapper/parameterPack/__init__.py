"""Classes that bundle parameters, to be used as the type of one parameter of a wrapper."""

from .declaration import isParameterPack, nestedParameterNames, parameterPack
from .serializer import ParameterPackSerializer

_NAMED_ONLY = (ParameterPackSerializer,)  # does not come with "import *"

__all__ = ["isParameterPack", "nestedParameterNames", "parameterPack"]
