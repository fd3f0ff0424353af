"""Typed access to a ``vtkMRMLScriptedModuleNode``, with validation, observation and binding to widgets."""

from .default import *
from .guiConnectors import *
from .guiCreation import *
from .parameterPack import *
from .serializers import *
from .types import *
from .util import (
    findFirstAnnotation,
    getNodeTypes,
    isNodeOrUnionOfNodes,
    splitAnnotations,
    unannotatedType,
)
from .validators import *
from .wrapper import *
