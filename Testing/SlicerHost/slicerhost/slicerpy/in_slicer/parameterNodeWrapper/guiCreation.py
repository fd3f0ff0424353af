"""Widgets made for types: for parameters one by one, for packs, and for whole wrappers."""
from __future__ import annotations

import abc
import dataclasses
import enum
import types
import typing
from collections.abc import Callable
from typing import Any

import ctk
import qt
import slicer

from .guiBinding import SlicerParameterNamePropertyName
from .guiConnectors import SlicerPackParameterNamePropertyName
from .parameterPack import isParameterPack
from .serializers.scalars import PATH_TYPES
from .types import FloatRange
from .util import findFirstAnnotation, isNodeOrUnionOfNodes, splitAnnotations, unannotatedType
from .validators import Choice, Maximum, Minimum, WithinRange
from .wrapper import isParameterNodeWrapper

__all__ = ["GuiCreator", "Label", "createGui", "parameterNodeGuiCreator"]

# How well a widget suits a type. Up to 100 is left for creators of other modules.
FOR_CHOICE = 90
WITH_LIMITS = 85
WITHOUT_LIMITS = 80
UNSUITABLE = 0


@dataclasses.dataclass
class Label:
    """Annotation: what stands before the widget of a parameter, in place of the parameter's name."""

    label: str


class GuiCreator(abc.ABC):
    """Makes widgets for some types."""

    @staticmethod
    @abc.abstractmethod
    def representationValue(datatype: Any) -> int:
        """Return how well the made widget suits the possibly annotated type: from 0 (not at all) to 100."""
        raise NotImplementedError

    @staticmethod
    @abc.abstractmethod
    def create(datatype: Any) -> qt.QWidget:
        """Return a new widget for a type that has a ``representationValue`` above 0."""
        raise NotImplementedError


_registry: list[type[GuiCreator]] = []


def parameterNodeGuiCreator(classtype: type[GuiCreator] | None = None) -> Callable[..., Any]:
    """Class decorator that makes a creator known; usable with and without parentheses."""
    if classtype is None:
        return parameterNodeGuiCreator
    if not issubclass(classtype, GuiCreator):
        raise TypeError(f"{classtype} is not a GuiCreator")
    _registry.append(classtype)
    return classtype


def createGui(datatype: Any) -> qt.QWidget:
    """Return the widget that suits the possibly annotated type best; RuntimeError if none does."""
    if isinstance(datatype, types.UnionType):
        datatype = typing.Union[typing.get_args(datatype)]  # noqa: UP007 - the form that creators are asked with
    best = max(_registry, key=lambda creator: creator.representationValue(datatype))
    if best.representationValue(datatype) <= UNSUITABLE:
        raise RuntimeError(f"There is no widget for the type {datatype}")
    return best.create(datatype)


def _annotation(datatype: Any, annotationType: type) -> Any:
    return findFirstAnnotation(splitAnnotations(datatype)[1], annotationType)


@parameterNodeGuiCreator
class ChoiceGuiCreator(GuiCreator):
    @staticmethod
    def representationValue(datatype: Any) -> int:
        suits = unannotatedType(datatype) in (int, float, str, bool) and _annotation(datatype, Choice) is not None
        return FOR_CHOICE if suits else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        return qt.QComboBox()


@parameterNodeGuiCreator
class EnumGuiCreator(GuiCreator):
    @staticmethod
    def representationValue(datatype: Any) -> int:
        actual = unannotatedType(datatype)
        return FOR_CHOICE if isinstance(actual, type) and issubclass(actual, enum.Enum) else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        return qt.QComboBox()


@parameterNodeGuiCreator
class BoolGuiCreator(GuiCreator):
    @staticmethod
    def representationValue(datatype: Any) -> int:
        return WITHOUT_LIMITS if unannotatedType(datatype) is bool else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        return qt.QCheckBox()


@parameterNodeGuiCreator
class FloatGuiCreator(GuiCreator):
    """A slider where both limits are known, else a spin box."""

    @staticmethod
    def representationValue(datatype: Any) -> int:
        return WITH_LIMITS if unannotatedType(datatype) is float else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        within, minimum, maximum = (_annotation(datatype, kind) for kind in (WithinRange, Minimum, Maximum))
        bounded = within is not None or (minimum is not None and maximum is not None)
        return ctk.ctkSliderWidget() if bounded else qt.QDoubleSpinBox()


@parameterNodeGuiCreator
class IntGuiCreator(GuiCreator):
    @staticmethod
    def representationValue(datatype: Any) -> int:
        return WITH_LIMITS if unannotatedType(datatype) is int else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        return qt.QSpinBox()


@parameterNodeGuiCreator
class StrGuiCreator(GuiCreator):
    @staticmethod
    def representationValue(datatype: Any) -> int:
        return WITHOUT_LIMITS if unannotatedType(datatype) is str else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        return qt.QLineEdit()


@parameterNodeGuiCreator
class FloatRangeGuiCreator(GuiCreator):
    @staticmethod
    def representationValue(datatype: Any) -> int:
        return WITH_LIMITS if unannotatedType(datatype) is FloatRange else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        return ctk.ctkRangeWidget()


@parameterNodeGuiCreator
class PathGuiCreator(GuiCreator):
    @staticmethod
    def representationValue(datatype: Any) -> int:
        return WITHOUT_LIMITS if unannotatedType(datatype) in PATH_TYPES else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        return ctk.ctkPathLineEdit()


@parameterNodeGuiCreator
class NodesGuiCreator(GuiCreator):
    @staticmethod
    def representationValue(datatype: Any) -> int:
        return WITHOUT_LIMITS if isNodeOrUnionOfNodes(datatype) else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        return slicer.qMRMLNodeComboBox()


def _fillForm(formLayout: Any, sceneWidget: Any, parameters: dict[str, Any], nameProperty: str) -> None:
    """One row per parameter; the widgets get the scene of ``sceneWidget``."""
    for name, info in parameters.items():
        field = createGui(info.unalteredType)
        field.setProperty(nameProperty, name)
        label = _annotation(info.unalteredType, Label)
        formLayout.addRow(name if label is None else label.label, field)
        if hasattr(field, "setMRMLScene"):
            sceneWidget.mrmlSceneChanged.connect(field.setMRMLScene)


@parameterNodeGuiCreator
class ParameterPackGuiCreator(GuiCreator):
    """A collapsible form with the members."""

    @staticmethod
    def representationValue(datatype: Any) -> int:
        return WITHOUT_LIMITS if isParameterPack(datatype) else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        widget = slicer.qSlicerWidget()
        collapsible = ctk.ctkCollapsibleButton()
        qt.QVBoxLayout(widget).addWidget(collapsible)
        form = qt.QFormLayout(collapsible)
        _fillForm(form, widget, unannotatedType(datatype).allParameters, SlicerPackParameterNamePropertyName)
        return widget


@parameterNodeGuiCreator
class ParameterWrapperGuiCreator(GuiCreator):
    """A form with all parameters, ready for ``connectGui``."""

    @staticmethod
    def representationValue(datatype: Any) -> int:
        return WITHOUT_LIMITS if isParameterNodeWrapper(datatype) else UNSUITABLE

    @staticmethod
    def create(datatype: Any) -> qt.QWidget:
        widget = slicer.qSlicerWidget()
        _fillForm(qt.QFormLayout(widget), widget, unannotatedType(datatype).allParameters,
                  SlicerParameterNamePropertyName)
        return widget
