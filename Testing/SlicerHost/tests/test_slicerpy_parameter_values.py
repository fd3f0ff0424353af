"""Values of typed parameters: types, defaults, validation, caching, events, names in the node.

Justification: Slicer's Base/Python/slicer/parameterNodeWrapper (serializers, wrapper, validators) and its test
test_slicer_parameter_node_wrapper.py.
"""
from __future__ import annotations

import enum
import gc
import pathlib
import typing
from typing import Annotated

import pytest
import qt
import slicer
import vtk
from slicer import vtkMRMLModelNode, vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import (
    Choice,
    Default,
    Exclude,
    FloatRange,
    IsInstance,
    Maximum,
    Minimum,
    NotNone,
    RangeBounds,
    Serializer,
    ValidatedSerializer,
    WithinRange,
    parameterNodeSerializer,
    parameterNodeWrapper,
)


class Side(enum.Enum):
    RIGHT = "r"
    LEFT = "l"


def new_node():
    return slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode")


def wrapper(**declarations):
    """A wrapper class with the given annotations; a tuple is (annotation, default given with "=")."""
    defaults = {name: value[1] for name, value in declarations.items() if isinstance(value, tuple)}
    annotations = {name: value[0] if isinstance(value, tuple) else value for name, value in declarations.items()}
    return parameterNodeWrapper(type("Parameters", (), {"__annotations__": annotations, **defaults}))


def wrapped(**declarations):
    return wrapper(**declarations)(new_node())


def stored(parameters):
    node = parameters.parameterNode
    return {name: node.GetParameter(name) for name in node.GetParameterNames()}


class ModifiedCounter:
    def __init__(self, observed):
        self.count = 0
        observed.AddObserver(vtk.vtkCommand.ModifiedEvent, self._count)

    def _count(self, caller, event):
        self.count += 1


@pytest.mark.parametrize(("type_", "default"), [
    (int, 0), (float, 0.0), (bool, False), (str, ""), (pathlib.Path, pathlib.Path()), (Side, Side.RIGHT),
    (list[int], []), (dict[str, int], {}), (int | str, 0), (int | None, None), (vtkMRMLModelNode, None),
    (typing.Any, None), (FloatRange, FloatRange(0, 0)),
])
def test_parameter_without_default_gets_the_default_of_its_type(type_, default):
    assert wrapped(p=type_).p == default


@pytest.mark.parametrize(("type_", "value", "text"), [
    (int, -3, {"p": "-3"}), (float, 2.5, {"p": "2.5"}), (bool, True, {"p": "True"}), (str, "", {"p": ""}),
    (pathlib.PurePosixPath, pathlib.PurePosixPath("/a/b"), {"p": "/a/b"}), (Side, Side.LEFT, {"p": "LEFT"}),
    (list[int], [4, 5], {"p.len": "2", "p.0": "4", "p.1": "5"}),
    (tuple[int, str], (1, "x"), {"p.0": "1", "p.1": "x"}),
    (dict[str, int], {"k": 7}, {"p.len": "1", "p.0.0": "k", "p.0.1": "7"}),
    (int | str, "x", {"p.1": "x"}),
    (typing.Any, 3, {"p.type.0": "builtins", "p.type.1": "int", "p.value": "3"}),
    (FloatRange, FloatRange(1, 2), {"p._minimum": "1", "p._maximum": "2"}),
    (qt.QColor, qt.QColor(255, 0, 0), {"p": "#ffff0000"}),
])
def test_values_are_stored_under_slicers_names_and_read_by_another_wrapper(type_, value, text):
    parameters_class = wrapper(p=type_)
    parameters = parameters_class(new_node())
    parameters.p = value
    assert stored(parameters) == text
    assert parameters_class(parameters.parameterNode).p == value


def test_default_is_written_only_where_the_node_has_no_value():
    node = new_node()
    node.SetParameter("kept", "8")
    parameters = wrapper(kept=(int, 1), missing=(int, 2))(node)
    assert (parameters.kept, parameters.missing) == (8, 2)


def test_default_generator_is_called_for_every_node():
    numbers = iter(range(10))
    parameters_class = wrapper(x=Annotated[int, Default(generator=lambda: next(numbers))])
    assert [parameters_class(new_node()).x for _ in range(3)] == [0, 1, 2]


def test_default_of_a_parameter_can_be_asked_for():
    assert wrapped(x=(int, 12)).default("x").value == 12


def test_generated_default_of_a_tuple_serves_one_node_only():
    """TupleSerializer.default returns a generator in Slicer, which is empty for the second node."""
    parameters_class = wrapper(t=tuple[int, str])
    assert parameters_class(new_node()).t == (0, "")
    with pytest.raises(ValueError, match="takes 2 values"):
        parameters_class(new_node())


@pytest.mark.parametrize("type_", [int, float, bool, str, pathlib.Path, qt.QColor])
def test_none_is_refused_with_a_value_error(type_):
    with pytest.raises(ValueError, match="None"):
        wrapped(p=type_).p = None


@pytest.mark.parametrize(("type_", "wrong"), [
    (int, 1.5), (float, "1"), (str, 1), (bool, 1), (pathlib.Path, "x"), (Side, "RIGHT"), (list[int], ["x"]),
    (int | str, 1.5), (int | str, True), (dict[str, int], {"a": "x"}),
])
def test_value_of_another_type_is_refused_and_the_old_one_kept(type_, wrong):
    parameters = wrapped(p=type_)
    before = stored(parameters)
    with pytest.raises(TypeError):
        parameters.p = wrong
    assert stored(parameters) == before


def test_float_takes_an_int():
    parameters = wrapped(f=float)
    parameters.f = 4
    assert parameters.f == 4.0 and isinstance(parameters.f, float)


def test_node_of_another_class_is_refused():
    parameters = wrapped(n=vtkMRMLModelNode)
    with pytest.raises(TypeError):
        parameters.n = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")


def test_union_of_node_classes_and_none_takes_each_of_them():
    parameters = wrapped(n=vtkMRMLModelNode | vtkMRMLScalarVolumeNode | None)
    for class_name in ("vtkMRMLModelNode", "vtkMRMLScalarVolumeNode"):
        node = slicer.mrmlScene.AddNewNodeByClass(class_name)
        parameters.n = node
        assert parameters.n is node
    parameters.n = None
    assert parameters.n is None


def test_node_is_a_node_reference_of_the_parameters_name():
    parameters = wrapped(model=vtkMRMLModelNode)
    model = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
    parameters.model = model
    assert parameters.parameterNode.GetNodeReference("model") is model


@pytest.mark.parametrize(("validator", "good", "bad"), [
    (Minimum(2), 2, 1), (Maximum(2), 2, 3), (WithinRange(1, 3), 3, 4), (Choice([1, 5]), 5, 2), (Exclude([5]), 4, 5),
])
def test_validator_guards_writing(validator, good, bad):
    parameters = wrapped(x=Annotated[int, validator, Default(good)])
    parameters.x = good
    with pytest.raises(ValueError):
        parameters.x = bad
    assert parameters.x == good


def test_default_that_is_not_valid_fails_when_it_is_written():
    parameters_class = wrapper(x=Annotated[int, Minimum(5)])
    with pytest.raises(ValueError):
        parameters_class(new_node())


@pytest.mark.parametrize(("low", "high", "accepted"), [(1, 5, True), (-1, 5, False), (1, 50, True), (-1, 50, True)])
def test_range_bounds_refuse_only_what_slicer_refuses(low, high, accepted):
    """The condition in Slicer's RangeBounds.validate reads "not low enough and high enough"."""
    parameters = wrapped(r=Annotated[FloatRange, RangeBounds(0, 10)])
    if accepted:
        parameters.r = FloatRange(low, high)
        assert parameters.r == FloatRange(low, high)
    else:
        with pytest.raises(ValueError):
            parameters.r = FloatRange(low, high)


def test_range_never_turns_over():
    parameters = wrapped(r=(FloatRange, FloatRange(2, 4)))
    with pytest.raises(ValueError):
        parameters.r.minimum = 5
    assert parameters.r == FloatRange(2, 4)


def test_color_that_was_read_does_not_write_back():
    """In Slicer ObservedQColor wraps only setters that it defines itself, and it defines none."""
    parameters = wrapped(c=Annotated[qt.QColor, Default(qt.QColor("blue"))])
    parameters.c.setRed(255)
    assert parameters.c == qt.QColor("blue")


def test_any_remembers_the_class_of_the_value():
    parameters = wrapped(a=typing.Any)
    for value in (1, "text", Side.LEFT, [1, "two", None], {"k": [1]}, None):
        parameters.a = value
        assert parameters.a == value


def test_enumeration_with_an_unknown_stored_name_is_a_value_error():
    node = new_node()
    node.SetParameter("side", "UPWARDS")
    with pytest.raises(ValueError, match="UPWARDS"):
        wrapper(side=Side)(node)


class Point3:
    def __init__(self, x, y, z):
        self.xyz = (x, y, z)

    def __eq__(self, other):
        return self.xyz == other.xyz

    __hash__ = None


@parameterNodeSerializer
class Point3Serializer(Serializer):
    @staticmethod
    def canSerialize(type_):
        return type_ is Point3

    @staticmethod
    def create(type_):
        return ValidatedSerializer(Point3Serializer(), [NotNone(), IsInstance(Point3)])

    def default(self):
        return Point3(0, 0, 0)

    def isIn(self, parameterNode, name):
        return parameterNode.HasParameter(name)

    def write(self, parameterNode, name, value):
        parameterNode.SetParameter(name, " ".join(map(str, value.xyz)))

    def read(self, parameterNode, name):
        return Point3(*map(int, parameterNode.GetParameter(name).split()))

    def remove(self, parameterNode, name):
        parameterNode.UnsetParameter(name)


def test_registered_serializer_is_found_by_type_also_within_containers():
    parameters = wrapped(p=Point3, many=list[Point3])
    parameters.p = Point3(1, 2, 3)
    parameters.many = [Point3(4, 5, 6)]
    assert parameters.p == Point3(1, 2, 3)
    assert parameters.many == [Point3(4, 5, 6)]


def test_values_that_could_change_unseen_are_not_cached():
    parameters = wrapped(i=int, ints=list[int], p=Point3, points=list[Point3], color=qt.QColor)
    cached = {name: parameters.isCached(name) for name in ("i", "ints", "p", "points", "color")}
    assert cached == {"i": True, "ints": True, "p": False, "points": False, "color": False}


def test_change_made_in_the_node_is_seen():
    parameters = wrapped(i=int)
    parameters.parameterNode.SetParameter("i", "42")
    assert parameters.i == 42


def test_observers_find_the_new_value_when_they_are_called():
    parameters = wrapped(i=int)
    seen = []
    parameters.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: seen.append(parameters.i))
    parameters.i = 5
    assert seen == [5]


@pytest.mark.parametrize(("type_", "value"), [
    (int, 3), (list[str], ["a", "b"]), (dict[str, int], {"a": 1, "b": 2}), (tuple[int, int], (3, 4)),
    (int | str, "x"), (FloatRange, FloatRange(1, 2)),
])
def test_setting_a_parameter_is_one_event(type_, value):
    parameters = wrapped(p=type_)
    counter = ModifiedCounter(parameters)
    parameters.p = value
    assert counter.count == 1


def test_node_modify_makes_one_event_of_many_changes():
    parameters = wrapped(i=int, s=str)
    counter = ModifiedCounter(parameters)
    with slicer.util.NodeModify(parameters):
        parameters.i = 1
        parameters.s = "x"
        assert (parameters.i, counter.count) == (1, 0)
    assert counter.count == 1


def test_prefixes_keep_two_wrappers_of_one_node_apart():
    node = new_node()
    parameters_class = wrapper(x=int)
    right, left = parameters_class(node, prefix="right."), parameters_class(node, prefix="left.")
    right.x, left.x = 1, 2
    assert (right.x, left.x) == (1, 2)
    assert node.GetParameter("right.x") == "1"


def test_node_does_not_keep_its_wrappers_alive():
    node = new_node()
    parameters = wrapper(i=int)(node)
    del parameters
    gc.collect()
    assert not node.HasObserver(vtk.vtkCommand.ModifiedEvent)


def test_unknown_names_are_value_errors():
    parameters = wrapped(x=int)
    for call in (parameters.getValue, parameters.isCached, parameters.dataType, parameters.default):
        with pytest.raises(ValueError):
            call("y")


@pytest.mark.parametrize("name", ["allParameters", "default", "connectGui", "Modified"])
def test_names_of_the_interface_cannot_be_parameters(name):
    with pytest.raises(ValueError, match=name):
        wrapper(**{name: int})


@pytest.mark.parametrize("type_", [set[int], tuple])
def test_type_that_cannot_be_stored_fails_when_the_class_is_made(type_):
    with pytest.raises(Exception, match="cannot be stored"):
        wrapper(x=type_)


def test_data_type_keeps_the_annotations():
    assert wrapped(x=Annotated[int, Default(3)]).dataType("x") == Annotated[int, Default(3)]
