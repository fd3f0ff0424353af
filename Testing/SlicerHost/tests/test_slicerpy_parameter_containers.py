"""Lists, dictionaries and packs that write their changes into the node they were read from.

Justification: Slicer's Base/Python/slicer/parameterNodeWrapper (ObservedList, ObservedDict, ObservedParameterPack) and
its tests test_slicer_parameter_node_wrapper.py and test_slicer_parameter_pack.py.
"""
from __future__ import annotations

import operator
from typing import Annotated

import pytest
import slicer
from slicer import vtkMRMLModelNode
from slicer.parameterNodeWrapper import (
    Choice,
    Default,
    WithinRange,
    isParameterPack,
    nestedParameterNames,
    parameterNodeWrapper,
    parameterPack,
)
from slicer.parameterNodeWrapper.parameterPack import ParameterPackSerializer


@parameterPack
class Muscle:
    volume: float
    side: Annotated[str, Choice(["R", "L"])] = "R"


@parameterPack
class Orbit:
    medial: Muscle
    lateral: Muscle
    model: vtkMRMLModelNode
    notes: list[str]


@parameterNodeWrapper
class Parameters:
    numbers: list[int]
    nested: list[list[int]]
    words: list[Annotated[str, Choice(["a", "b"])]]
    table: dict[str, list[int]]
    fixed: tuple[list[int], str] = ([], "")
    orbit: Orbit
    muscles: list[Muscle]


@pytest.fixture
def parameters():
    return Parameters(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))


def read_again(parameters):
    return Parameters(parameters.parameterNode)


@pytest.mark.parametrize(("change", "expected"), [
    (lambda numbers: numbers.append(9), [3, 1, 2, 9]),
    (lambda numbers: numbers.extend((7, 8)), [3, 1, 2, 7, 8]),
    (lambda numbers: numbers.insert(1, 5), [3, 5, 1, 2]),
    (lambda numbers: numbers.remove(1), [3, 2]),
    (lambda numbers: numbers.pop(), [3, 1]),
    (lambda numbers: numbers.pop(0), [1, 2]),
    (lambda numbers: numbers.sort(reverse=True), [3, 2, 1]),
    (lambda numbers: numbers.reverse(), [2, 1, 3]),
    (lambda numbers: numbers.clear(), []),
    (lambda numbers: numbers.__setitem__(0, 6), [6, 1, 2]),
    (lambda numbers: numbers.__setitem__(slice(0, 2), [4]), [4, 2]),
    (lambda numbers: numbers.__delitem__(1), [3, 2]),
    (lambda numbers: numbers.__iadd__([1]), [3, 1, 2, 1]),
    (lambda numbers: numbers.__imul__(2), [3, 1, 2, 3, 1, 2]),
])
def test_list_writes_each_change(parameters, change, expected):
    parameters.numbers = [3, 1, 2]
    change(parameters.numbers)
    assert parameters.numbers == expected
    assert read_again(parameters).numbers == expected


def test_list_refuses_to_become_another_list(parameters):
    for operation, other in ((operator.add, [1]), (operator.mul, 2)):
        with pytest.raises(NotImplementedError):
            operation(parameters.numbers, other)
        with pytest.raises(NotImplementedError):
            operation(other, parameters.numbers)


def test_copy_of_a_list_is_on_its_own(parameters):
    parameters.numbers = [1]
    list(parameters.numbers).append(2)
    assert parameters.numbers == [1]


def test_refused_element_leaves_the_list_as_it_was(parameters):
    parameters.words = ["a"]
    with pytest.raises(ValueError):
        parameters.words.extend(["b", "c"])
    assert parameters.words == ["a"]
    assert not parameters.parameterNode.HasParameter("words.1")


def test_element_appended_as_a_plain_list_writes_its_changes(parameters):
    held = parameters.nested
    held.append([1])
    held[0].append(2)
    assert read_again(parameters).nested == [[1, 2]]


def test_shorter_list_leaves_nothing_behind(parameters):
    parameters.numbers = [1, 2, 3]
    parameters.numbers = [1]
    assert [name for name in parameters.parameterNode.GetParameterNames() if name.startswith("numbers")] == [
        "numbers.0", "numbers.len"]


def test_dictionary_writes_each_change_and_keeps_its_order(parameters):
    parameters.table["z"] = [1]
    parameters.table["a"] = [2]
    parameters.table["z"].append(3)
    parameters.table.update({"m": []})
    del parameters.table["a"]
    assert list(read_again(parameters).table.items()) == [("z", [1, 3]), ("m", [])]


def test_dictionary_takes_no_value_for_missing_keys(parameters):
    """ObservedDict.get and ObservedDict.pop have one parameter in Slicer."""
    assert parameters.table.get("missing") is None
    with pytest.raises(TypeError):
        parameters.table.get("missing", [])
    with pytest.raises(TypeError):
        parameters.table.pop("missing", [])


def test_list_within_a_tuple_writes_its_changes(parameters):
    parameters.fixed[0].append(4)
    assert read_again(parameters).fixed == ([4], "")


def test_two_wrappers_of_one_node_see_each_others_changes(parameters):
    other = read_again(parameters)
    other.table["k"] = [5]
    assert parameters.table == {"k": [5]}


def test_member_of_a_pack_is_written_when_it_is_set(parameters):
    parameters.orbit.medial.volume = 0.7
    parameters.orbit.lateral = Muscle(0.5, "L")
    again = read_again(parameters).orbit
    assert (again.medial.volume, again.lateral) == (0.7, Muscle(0.5, "L"))
    assert parameters.parameterNode.GetParameter("orbit.medial.volume") == "0.7"


def test_pack_in_a_list_is_written_when_it_changes(parameters):
    parameters.muscles.append(Muscle(1.0))
    held = parameters.muscles[0]
    held.volume = 2.0
    assert read_again(parameters).muscles == [Muscle(2.0)]


def test_list_in_a_pack_is_written_when_it_changes(parameters):
    parameters.orbit.notes.append("thin")
    assert read_again(parameters).orbit.notes == ["thin"]


def test_node_in_a_pack_is_a_node_reference(parameters):
    model = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
    parameters.orbit.model = model
    assert parameters.parameterNode.GetNodeReference("orbit.model") is model


def test_dotted_names_reach_into_packs(parameters):
    parameters.setValue("orbit.medial.volume", 3.0)
    assert parameters.getValue("orbit.medial.volume") == parameters.orbit.medial.volume == 3.0
    assert parameters.dataType("orbit.medial.volume") is float
    with pytest.raises(ValueError):
        parameters.getValue("orbit.medial.colour")


def test_pack_of_a_wrapper_takes_no_new_attribute(parameters):
    with pytest.raises(AttributeError):
        parameters.orbit.colour = "red"


def test_refused_member_leaves_the_pack_as_it_was(parameters):
    with pytest.raises(ValueError):
        parameters.orbit.medial.side = "up"
    assert parameters.orbit.medial.side == "R"


def test_object_of_another_class_in_the_place_of_a_pack_is_an_attribute_error(parameters):
    """Slicer's validator stumbles over an attribute when it wants to say so."""
    with pytest.raises(AttributeError):
        parameters.orbit = Muscle()


def test_observed_and_plain_packs_with_the_same_values_are_equal(parameters):
    parameters.orbit.medial = Muscle(2.0, "L")
    assert parameters.orbit.medial == Muscle(2.0, "L")
    assert Muscle(2.0, "L") == parameters.orbit.medial
    assert parameters.orbit.medial != Muscle(2.0, "R")


def test_removing_a_pack_removes_all_of_its_parameters():
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode")
    serializer = ParameterPackSerializer(Orbit)
    serializer.write(node, "orbit", Orbit(Muscle(1.0), Muscle(2.0), None, ["x"]))
    serializer.remove(node, "orbit")
    assert not node.GetParameterNames()


def test_constructor_of_a_pack_takes_positions_names_and_defaults():
    assert (Muscle().volume, Muscle().side) == (0.0, "R")
    assert Muscle(1.5, side="L") == Muscle(volume=1.5, side="L")


@pytest.mark.parametrize(("arguments", "names", "error"), [
    ((1.0, "R", 3), {}, IndexError), ((1.0,), {"volume": 2.0}, TypeError), ((), {"colour": 1}, TypeError),
    (("thick",), {}, TypeError), ((None,), {}, ValueError), ((1.0, "up"), {}, ValueError),
])
def test_constructor_of_a_pack_refuses_wrong_arguments(arguments, names, error):
    with pytest.raises(error):
        Muscle(*arguments, **names)


def test_own_constructor_of_a_pack_finds_the_defaults_set():
    @parameterPack
    class Sized:
        size: Annotated[int, Default(4)]
        label: str

        def __init__(self, label):
            self.label = f"{label}{self.size}"

    assert Sized("x").label == "x4"


def test_default_object_of_a_pack_is_shared_by_its_instances():
    """Slicer makes the default of a member once, for the class."""
    @parameterPack
    class Noted:
        notes: list[str]

    Noted().notes.append("seen")
    assert Noted().notes == ["seen"]


def test_invalid_default_fails_when_the_pack_class_is_made():
    with pytest.raises(ValueError, match="99"):
        @parameterPack
        class Wrong:
            x: Annotated[int, WithinRange(0, 9)] = 99


def test_pack_needs_members():
    with pytest.raises(ValueError):
        parameterPack(type("Empty", (), {}))


def test_pack_prints_its_members():
    assert str(Muscle(1.0, "L")) == 'Muscle(volume=1.0, side="L")'


def test_nested_names_are_those_of_the_innermost_members():
    assert nestedParameterNames(Orbit) == [
        "medial.volume", "medial.side", "lateral.volume", "lateral.side", "model", "notes"]


def test_packs_are_recognised():
    assert isParameterPack(Orbit) and isParameterPack(Muscle())
    assert not isParameterPack(int) and not isParameterPack(Parameters)
