"""Classes that bundle parameters, to be used as the type of one parameter of a wrapper."""

from .declaration import *
from .serializer import ParameterPackSerializer

__all__ = ["isParameterPack", "nestedParameterNames", "parameterPack"]
