"""The class decorator that turns annotated members into validated properties."""
from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

from ..default import extractDefault
from ..parameterInfo import ParameterInfo
from ..serializers import createSerializer
from ..util import splitAnnotations, splitPossiblyDottedName, unannotatedType

__all__ = ["isParameterPack", "nestedParameterNames", "parameterPack"]


def implementationName(name: str) -> str:
    """Attribute of a pack object that holds the value of a member."""
    return f"_parameterPack_{name}_impl"


def serializerName(name: str) -> str:
    """Attribute of a pack class that holds the serializer of a member."""
    return f"_parameterPack_{name}_serializer"


def readMember(pack: Any, name: str) -> Any:
    """Return the value of a member, whatever properties the class may define."""
    return getattr(pack, implementationName(name))


def assignMember(pack: Any, name: str, value: Any) -> None:
    """Validate and set a member, whatever properties the class may define."""
    getattr(pack, serializerName(name)).validate(value)
    setattr(pack, implementationName(name), value)


def assignMembers(pack: Any, *args: Any, **kwargs: Any) -> None:
    """What the generated constructor does: positional values in order of declaration, values by name, defaults.

    As in Slicer, all objects that use a default share one and the same default object.
    """
    names = list(pack.allParameters)
    if len(args) > len(names):
        raise IndexError(f"{type(pack).__name__} has {len(names)} members, got {len(args)} values")
    given = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in pack.allParameters:
            raise TypeError(f"{type(pack).__name__} has no member '{name}'")
        if name in given:
            raise TypeError(f"The member '{name}' of {type(pack).__name__} is given twice")
        given[name] = value
    for name, info in pack.allParameters.items():
        assignMember(pack, name, given.get(name, info.default))


def describe(pack: Any, className: str) -> str:
    """``ClassName(member=value, ...)`` with texts in double quotes."""
    values = {name: readMember(pack, name) for name in pack.allParameters}
    members = (f'{name}="{value}"' if isinstance(value, str) else f"{name}={value}" for name, value in values.items())
    return f"{className}({', '.join(members)})"


def isParameterPack(obj: Any) -> bool:
    """Return whether this is a pack class or an object of one."""
    return getattr(obj, "_is_parameterPack", False)


def nestedParameterNames(parameterPackClassOrInstance: Any) -> list[str]:
    """Dotted names of all members that are no packs themselves, in order of declaration."""
    names = []
    for name, info in unannotatedType(parameterPackClassOrInstance).allParameters.items():
        memberType = unannotatedType(info.unalteredType)
        if isParameterPack(memberType):
            names.extend(f"{name}.{nested}" for nested in nestedParameterNames(memberType))
        else:
            names.append(name)
    return names


def requireMember(packClass: Any, membername: str) -> None:
    """ValueError unless the (dotted) name leads to a member of the pack class."""
    top, rest = splitPossiblyDottedName(membername)
    _requireAttribute(packClass, top)
    if rest is None:
        return
    memberType = unannotatedType(packClass.allParameters[top].unalteredType)
    if not isParameterPack(memberType):
        raise ValueError(f"'{top}' is of type {memberType}, which has no member '{rest}'")
    requireMember(memberType, rest)


def _requireAttribute(packOrClass: Any, name: str) -> None:
    if not hasattr(packOrClass, name):
        raise ValueError(f"{packOrClass} has no member '{name}'")


def _getValue(self: Any, membername: str) -> Any:
    """Value of a member by its name, which may be dotted to reach into nested packs."""
    top, rest = splitPossiblyDottedName(membername)
    _requireAttribute(self, top)
    value = getattr(self, top)
    return value if rest is None else _getValue(value, rest)


def _setValue(self: Any, membername: str, value: Any) -> None:
    """Set a member by its name, which may be dotted to reach into nested packs."""
    top, rest = splitPossiblyDottedName(membername)
    _requireAttribute(self, top)
    if rest is None:
        setattr(self, top, value)
    else:
        _setValue(getattr(self, top), rest, value)


def _equal(self: Any, other: object) -> bool:
    return type(self) is type(other) and all(
        readMember(self, name) == readMember(other, name) for name in self.allParameters)


def _text(self: Any) -> str:
    return describe(self, type(self).__name__)


def _memberInfo(packClass: type, name: str, annotatedType: Any) -> ParameterInfo:
    memberType, annotations = splitAnnotations(annotatedType)
    serializer, unused = createSerializer(memberType, annotations)
    if hasattr(packClass, name):
        default = getattr(packClass, name)
    else:
        declared, unused = extractDefault(unused)
        default = declared.value if declared is not None else serializer.default()
    if unused:
        print(f"Warning: annotations of '{name}' without effect: {unused}")
    try:
        serializer.validate(default)
    except Exception as error:
        raise ValueError(f"The default {default!r} of '{name}' is not valid: {error}") from error
    return ParameterInfo(name, serializer, default, annotatedType)


def _memberProperty(name: str) -> property:
    return property(lambda self: readMember(self, name), lambda self, value: assignMember(self, name, value))


def _addMember(packClass: type, info: ParameterInfo, declaredNames: Any) -> None:
    name = info.basename
    for reserved in (implementationName(name), serializerName(name)):
        if reserved in vars(packClass) or reserved in declaredNames:
            raise ValueError(f"The name '{reserved}' is taken by the implementation of the member '{name}'")
    setattr(packClass, name, _memberProperty(name))
    setattr(packClass, serializerName(name), info.serializer)


def _addConstructor(packClass: type) -> None:
    own = vars(packClass).get("__init__")
    if own is None:
        packClass.__init__ = assignMembers
        return

    def defaultsFirst(self: Any, *args: Any, **kwargs: Any) -> None:
        assignMembers(self)
        own(self, *args, **kwargs)

    packClass.__init__ = defaultsFirst


def _addSpecialMethods(packClass: type) -> None:
    _addConstructor(packClass)
    for name, method in (("__eq__", _equal), ("__str__", _text), ("__repr__", _text)):
        if name not in vars(packClass):
            setattr(packClass, name, method)


def _dataTypeFunction(packClass: type) -> staticmethod:
    def dataType(membername: str) -> Any:
        """Declared type of a member with its annotations, by its possibly dotted name."""
        top, rest = splitPossiblyDottedName(membername)
        _requireAttribute(packClass, top)
        declared = packClass.allParameters[top].unalteredType
        return declared if rest is None else unannotatedType(declared).dataType(rest)

    return staticmethod(dataType)


def _makePack(packClass: type) -> type:
    declared = typing.get_type_hints(packClass, include_extras=True)
    if not declared:
        raise ValueError(f"{packClass} declares no members")
    allParameters = {name: _memberInfo(packClass, name, declaredType) for name, declaredType in declared.items()}
    for info in allParameters.values():
        _addMember(packClass, info, declared)
    _addSpecialMethods(packClass)
    interface = {"allParameters": allParameters, "_is_parameterPack": True, "getValue": _getValue,
                 "setValue": _setValue, "dataType": _dataTypeFunction(packClass)}
    for name, value in interface.items():
        if hasattr(packClass, name):
            raise ValueError(f"The name '{name}' is taken by the interface of parameter packs")
        setattr(packClass, name, value)
    return packClass


def parameterPack(classtype: type | None = None) -> type | Callable[[type], type]:
    """Class decorator for parameter packs; usable with and without parentheses."""
    return parameterPack if classtype is None else _makePack(classtype)
