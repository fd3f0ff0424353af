"""The class decorator that gives typed access to a parameter node."""
from __future__ import annotations

import logging
import typing
from collections.abc import Callable
from typing import Any

from . import guiBinding
from .default import Default, extractDefault
from .guiBinding import SlicerParameterNamePropertyName, findChildWidgetForParameter
from .parameterInfo import ParameterInfo
from .parameterPack.declaration import requireMember
from .parameterStore import ParameterStore
from .serializers import createSerializer
from .util import splitAnnotations, splitPossiblyDottedName, unannotatedType

__all__ = [
    "SlicerParameterNamePropertyName",
    "findChildWidgetForParameter",
    "isParameterNodeWrapper",
    "parameterNodeWrapper",
]


def _initialize(self: Any, parameterNode: Any, prefix: str | None = None) -> None:
    """Give access to a node; its parameters are named with the prefix and get their defaults where they are missing."""
    self.parameterNode = parameterNode
    self._store = ParameterStore(parameterNode, self.allParameters, prefix or "")
    guiBinding.initialize(self)


def requireParameter(wrapper: Any, paramName: str) -> None:
    """ValueError unless the (dotted) name leads to a parameter of the wrapper class or object."""
    top, rest = splitPossiblyDottedName(paramName)
    if top not in wrapper.allParameters:
        raise ValueError(f"There is no parameter '{top}'; the parameters are {', '.join(wrapper.allParameters)}")
    if rest is not None:
        requireMember(unannotatedType(wrapper.allParameters[top].unalteredType), rest)


def _isCached(self: Any, paramName: str) -> bool:
    """Return whether reading the parameter gives a kept value instead of reading the node each time."""
    requireParameter(self, paramName)
    return self._store.isCached(paramName)


def _default(self: Any, paramName: str) -> Default:
    """Return the Default of a parameter; its ``value`` is the default value."""
    requireParameter(self, paramName)
    return self.allParameters[paramName].default


def _getValue(self: Any, name: str) -> Any:
    """Value of a parameter by its name, which may be dotted to reach into packs."""
    requireParameter(self, name)
    top, rest = splitPossiblyDottedName(name)
    value = self._store.read(top)
    return value if rest is None else value.getValue(rest)


def _setValue(self: Any, name: str, value: Any) -> None:
    """Set a parameter by its name, which may be dotted to reach into packs."""
    requireParameter(self, name)
    top, rest = splitPossiblyDottedName(name)
    if rest is None:
        self._store.write(top, value)
    else:
        self._store.read(top).setValue(rest, value)


def _dataTypeFunction(wrapperClass: type) -> staticmethod:
    def dataType(membername: str) -> Any:
        """Declared type of a parameter with its annotations, by its possibly dotted name."""
        requireParameter(wrapperClass, membername)
        top, rest = splitPossiblyDottedName(membername)
        declared = wrapperClass.allParameters[top].unalteredType
        return declared if rest is None else unannotatedType(declared).dataType(rest)

    return staticmethod(dataType)


def _addObserver(self: Any, event: Any, callback: Callable[..., Any], priority: float = 0.0) -> int:
    return self.parameterNode.AddObserver(event, callback, priority)


_INTERFACE: dict[str, Any] = {
    "_is_parameter_node_wrapper": True,
    "default": _default,
    "isCached": _isCached,
    "getValue": _getValue,
    "setValue": _setValue,
    "connectGui": guiBinding.connectGui,
    "connectParametersToGui": guiBinding.connectParametersToGui,
    "disconnectGui": guiBinding.disconnectGui,
    "StartModify": lambda self: self.parameterNode.StartModify(),
    "EndModify": lambda self, wasModified: self.parameterNode.EndModify(wasModified),
    "Modified": lambda self: self.parameterNode.Modified(),
    "AddObserver": _addObserver,
    "RemoveObserver": lambda self, tag: self.parameterNode.RemoveObserver(tag),
}


def _parameterInfo(wrapperClass: type, name: str, annotatedType: Any) -> ParameterInfo:
    memberType, annotations = splitAnnotations(annotatedType)
    try:
        serializer, unused = createSerializer(memberType, annotations)
    except Exception as error:
        raise Exception(f"The parameter '{name}' of {wrapperClass} cannot be stored: {error}") from error
    if hasattr(wrapperClass, name):
        default = Default(getattr(wrapperClass, name))
    else:
        default, unused = extractDefault(unused)
        default = default or Default(serializer.default())
    if unused:
        logging.warning(f"Annotations of '{name}' without effect: {unused}")
    return ParameterInfo(name, serializer, default, annotatedType)


def _parameterProperty(name: str) -> property:
    return property(lambda self: self._store.read(name), lambda self, value: self._store.write(name, value))


def _makeWrapper(wrapperClass: type) -> type:
    declared = typing.get_type_hints(wrapperClass, include_extras=True)
    allParameters = {name: _parameterInfo(wrapperClass, name, type_) for name, type_ in declared.items()}
    for name in allParameters:
        setattr(wrapperClass, name, _parameterProperty(name))
    interface = {"allParameters": allParameters, "dataType": _dataTypeFunction(wrapperClass), **_INTERFACE}
    for name, value in interface.items():
        if hasattr(wrapperClass, name):
            raise ValueError(f"The name '{name}' is taken by the interface of parameter node wrappers")
        setattr(wrapperClass, name, value)
    wrapperClass.__init__ = _initialize
    return wrapperClass


def isParameterNodeWrapper(classOrObj: Any) -> bool:
    """Return whether this is a wrapper class or an object of one."""
    return getattr(classOrObj, "_is_parameter_node_wrapper", False)


def parameterNodeWrapper(classtype: type | None = None) -> type | Callable[[type], type]:
    """Class decorator for parameter node wrappers; usable with and without parentheses."""
    return parameterNodeWrapper if classtype is None else _makeWrapper(classtype)
