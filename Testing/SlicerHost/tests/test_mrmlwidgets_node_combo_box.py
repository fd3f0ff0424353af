"""The node selector.

Justification: qMRMLNodeComboBox.cxx, qMRMLSortFilterProxyModel.cxx, qMRMLNodeFactory.cxx of Slicer and their tests
qMRMLNodeComboBoxTest1 to 9.
"""
from __future__ import annotations

import pytest
import qt
import slicer

VOLUME = "vtkMRMLScalarVolumeNode"


@pytest.fixture
def selector(slicer_session):
    """A selector of volumes as in most panels: without actions below the nodes."""
    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = [VOLUME]
    box.addEnabled = False
    box.removeEnabled = False
    return box


def add(name="CT", node_class=VOLUME):
    return slicer.mrmlScene.AddNewNodeByClass(node_class, name)


def record(box, signal="currentNodeChanged(vtkMRMLNode*)"):
    received = []
    box.connect(signal, received.append)
    return received


def test_defaults(slicer_session):
    # qMRMLNodeComboBoxTest1: add and remove are offered, edit and None are not; disabled without a scene
    box = slicer.qMRMLNodeComboBox()
    assert (box.addEnabled, box.removeEnabled, box.editEnabled, box.noneEnabled) == (True, True, False, False)
    assert not box.enabled
    assert box.nodeCount() == 0


def test_first_node_is_selected_with_the_scene(selector):
    # setMRMLScene: currentNodeID() is that of the first row
    node = add("A")
    add("B")
    changes = record(selector)
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.currentNode() is node
    assert changes[-1] is node


def test_none_is_selected_with_the_scene_when_enabled(selector):
    # qMRMLNodeComboBoxTest5
    add()
    selector.noneEnabled = True
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.currentNode() is None
    assert selector.currentNodeID == ""


def test_node_added_later_is_selected_only_into_an_empty_list(selector):
    # QComboBoxPrivate::_q_rowsInserted: the first row of an empty combo box becomes current
    selector.setMRMLScene(slicer.mrmlScene)
    first = add("A")
    add("B")
    assert selector.currentNode() is first


def test_node_added_later_is_not_selected_beside_action_rows(slicer_session):
    # the action rows ("Create new ...") are rows: the combo box is not empty
    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = [VOLUME]
    box.setMRMLScene(slicer.mrmlScene)
    add()
    assert box.nodeCount() == 1
    assert box.currentNode() is None


def test_node_asked_for_before_the_scene_is_selected_with_it(selector):
    # RequestedNode
    add("A")
    wanted = add("B")
    selector.setCurrentNode(wanted)
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.currentNode() is wanted


def test_one_signal_per_selection(selector):
    # qMRMLNodeComboBoxTest5: currentNodeChanged(bool) once per change
    node = add()
    selector.noneEnabled = True
    selector.setMRMLScene(slicer.mrmlScene)
    changes = record(selector, "currentNodeChanged(bool)")
    identifiers = record(selector, "currentNodeIDChanged(QString)")
    selector.setCurrentNode(node)
    selector.setCurrentNode(node)
    selector.setCurrentNode(None)
    assert changes == [True, False]
    assert identifiers == [node.GetID(), ""]


def test_removing_the_current_node_selects_the_next_one(selector):
    # QComboBoxPrivate::_q_rowsRemoved
    nodes = [add(name) for name in "ABC"]
    selector.setMRMLScene(slicer.mrmlScene)
    selector.setCurrentNode(nodes[1])
    slicer.mrmlScene.RemoveNode(nodes[1])
    assert selector.currentNode() is nodes[2]


def test_removing_the_last_node_selects_none(selector):
    # refreshIfCurrentNodeHidden
    node = add()
    selector.setMRMLScene(slicer.mrmlScene)
    changes = record(selector)
    slicer.mrmlScene.RemoveNode(node)
    assert selector.currentNode() is None
    assert changes[-1] is None


def test_closing_the_scene_empties_the_list(selector):
    selector.setMRMLScene(slicer.mrmlScene)
    add()
    slicer.mrmlScene.Clear(0)
    assert selector.nodeCount() == 0
    assert selector.currentNode() is None


def test_types_and_their_children(selector):
    # filterAcceptsNode: IsA, showChildNodeTypes, hideChildNodeTypes (qMRMLNodeComboBoxTest1)
    add("CT")
    add("labels", "vtkMRMLLabelMapVolumeNode")
    add("model", "vtkMRMLModelNode")
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.nodeCount() == 2
    selector.showChildNodeTypes = False
    assert selector.nodeCount() == 1
    selector.showChildNodeTypes = True
    selector.hideChildNodeTypes = ["vtkMRMLLabelMapVolumeNode"]
    assert [selector.nodeFromIndex(index).GetName() for index in range(selector.nodeCount())] == ["CT"]


def test_hidden_nodes(selector):
    # HideFromEditors and showHidden
    node = slicer.mrmlScene.CreateNodeByClass(VOLUME)
    node.UnRegister(None)
    node.SetHideFromEditors(True)
    slicer.mrmlScene.AddNode(node)
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.nodeCount() == 0
    selector.showHidden = True
    assert selector.nodeCount() == 1


@pytest.mark.parametrize("value, count", [("a", 1), ("b", 0), ("", 1), (None, 2)])
def test_attribute_filter(selector, value, count):
    # qMRMLNodeComboBoxTest7: no value accepts any value, an empty one only the empty value
    add("without")
    add("empty").SetAttribute("Modality", "")
    add("with").SetAttribute("Modality", "a")
    if value is None:
        selector.addAttribute(VOLUME, "Modality")
    else:
        selector.addAttribute(VOLUME, "Modality", value)
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.nodeCount() == count


def test_attribute_change_is_followed(selector):
    # qMRMLSortFilterProxyModel connects the Modified event of filtered nodes (qMRMLNodeComboBoxTest6)
    node = add()
    node.SetAttribute("Modality", "CT")
    selector.addAttribute(VOLUME, "Modality", "CT")
    selector.setMRMLScene(slicer.mrmlScene)
    node.SetAttribute("Modality", "MR")
    assert (selector.nodeCount(), selector.currentNode()) == (0, None)


def test_created_node_gets_base_name_and_attributes(slicer_session):
    # qMRMLNodeFactory::createNode (qMRMLNodeComboBoxTest4)
    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = [VOLUME]
    box.baseName = "Reconstruction"
    box.addAttribute(VOLUME, "Role", 1)
    box.setMRMLScene(slicer.mrmlScene)
    first, second = box.addNode(), box.addNode()
    assert (first.GetName(), second.GetName()) == ("Reconstruction", "Reconstruction_1")
    assert second.GetAttribute("Role") == "1"
    assert box.currentNode() is second


def test_node_of_another_type_is_not_created(selector):
    # addNode: "attempted with node type ..., which is not among the allowed node types"
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.addNode("vtkMRMLModelNode") is None


def test_signals_of_a_created_node(slicer_session):
    # qMRMLNodeComboBoxTest5: nodeAddedByUserAction is for the menu alone
    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = [VOLUME]
    box.setMRMLScene(slicer.mrmlScene)
    added, by_user, by_action = (record(box, f"{name}(vtkMRMLNode*)")
                                 for name in ("nodeAdded", "nodeAddedByUser", "nodeAddedByUserAction"))
    box.addNode()
    assert (len(added), len(by_user), len(by_action)) == (1, 1, 0)


def menu_texts(box):
    combo = box.findChildren(qt.QComboBox)[0]
    return [combo.itemText(row) for row in range(combo.count) if combo.itemText(row)]


def click(box, text):
    combo = box.findChildren(qt.QComboBox)[0]
    row = next(row for row in range(combo.count) if combo.itemText(row) == text)
    combo.view().clicked.emit(combo.model().index(row, 0))


def test_actions_below_the_nodes(slicer_session):
    # updateActionItems; type labels come from the scene
    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = [VOLUME]
    box.renameEnabled = True
    box.setMRMLScene(slicer.mrmlScene)
    assert menu_texts(box) == ["Rename current Volume", "Create new Volume", "Create new Volume as...",
                               "Delete current Volume"]


def test_create_and_delete_from_the_menu(slicer_session):
    # activateExtraItem
    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = [VOLUME]
    box.setMRMLScene(slicer.mrmlScene)
    by_action = record(box, "nodeAddedByUserAction(vtkMRMLNode*)")
    click(box, "Create new Volume")
    node = box.currentNode()
    assert by_action == [node]
    click(box, "Delete current Volume")
    assert slicer.mrmlScene.GetNodeByID(node.GetID()) is None


def test_user_action(selector):
    # addMenuAction (qMRMLNodeComboBoxTest8)
    selector.setMRMLScene(slicer.mrmlScene)
    action = qt.QAction("Import...", selector)
    triggered = []
    action.connect("triggered()", lambda: triggered.append(1))
    selector.addMenuAction(action)
    selector.addMenuAction(action)
    assert menu_texts(selector) == ["Import..."]
    click(selector, "Import...")
    assert triggered == [1]


def test_renamed_node_is_shown_under_its_new_name(selector):
    # qMRMLSceneModel follows the nodes it shows
    node = add("before")
    selector.setMRMLScene(slicer.mrmlScene)
    node.SetName("after")
    assert selector.findChildren(qt.QComboBox)[0].currentText == "after"


def test_switch_between_nodes_of_equal_name_is_announced(selector):
    # Qt 5 emits currentTextChanged with every change of the index, whatever the texts
    add("CT")
    second = add("CT")
    selector.setMRMLScene(slicer.mrmlScene)
    changes = record(selector)
    selector.setCurrentNode(second)
    assert changes == [second]


def test_row_for_none_that_moves_the_current_node_is_announced(selector):
    # QComboBoxPrivate::_q_rowsInserted and _q_rowsRemoved: the index of the current row differs
    node = add()
    selector.setMRMLScene(slicer.mrmlScene)
    changes = record(selector)
    selector.noneEnabled = True
    selector.noneEnabled = False
    assert changes == [node, node]


def test_renaming_the_current_node_is_announced(selector):
    # QComboBoxPrivate::_q_dataChanged emits currentTextChanged
    node = add("before")
    selector.setMRMLScene(slicer.mrmlScene)
    changes = record(selector)
    node.SetName("after")
    assert changes == [node]


def test_node_hidden_while_it_is_offered_stays_until_its_name_or_the_filter_changes(selector):
    # qMRMLSceneModel::updateItemDataFromNode changes nothing that is shown, so that the proxy filters nothing anew
    node = add("CT")
    selector.setMRMLScene(slicer.mrmlScene)
    node.SetHideFromEditors(True)
    assert (selector.nodeCount(), selector.currentNode()) == (1, node)
    node.SetName("hidden")
    assert (selector.nodeCount(), selector.currentNode()) == (0, None)


def test_node_shown_again_is_not_offered_until_the_filter_changes(selector):
    # qMRMLSceneModel listens to the nodes that the filter accepted alone (OnlyVisibleNodes)
    node = add("CT")
    node.SetHideFromEditors(True)
    selector.setMRMLScene(slicer.mrmlScene)
    node.SetHideFromEditors(False)
    assert selector.nodeCount() == 0
    selector.sortFilterProxyModel().invalidateFilter()
    assert selector.nodeCount() == 1


@pytest.mark.parametrize("with_actions", [False, True])
@pytest.mark.parametrize("none_enabled", [False, True])
def test_closing_the_scene_announces_none_once(slicer_session, with_actions, none_enabled):
    # onMRMLSceneNodeAboutToBeRemoved ignores a scene that is closing; onMRMLSceneClosed updates the list
    nodes = [add(name) for name in "ABC"]
    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = [VOLUME]
    box.addEnabled = box.removeEnabled = with_actions
    box.noneEnabled = none_enabled
    box.setMRMLScene(slicer.mrmlScene)
    box.setCurrentNode(nodes[0])
    changes = record(box)
    slicer.mrmlScene.Clear(0)
    assert changes == [None] and box.nodeCount() == 0


@pytest.mark.parametrize("with_actions", [False, True])
@pytest.mark.parametrize("none_enabled", [False, True])
@pytest.mark.parametrize("nodes", [0, 2])
def test_scene_announces_what_is_current_once_also_if_it_is_nothing(slicer_session, nodes, none_enabled, with_actions):
    # setMRMLScene: the combo box shows the row of the scene itself until setCurrentNodeID, which always leaves it
    made = [add(name) for name in "AB"[:nodes]]
    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = [VOLUME]
    box.addEnabled = box.removeEnabled = with_actions
    box.noneEnabled = none_enabled
    changes = record(box)
    box.setMRMLScene(slicer.mrmlScene)
    assert changes == [made[0] if nodes and not none_enabled else None]


def test_taking_the_scene_away_announces_nothing(selector):
    # the rows are gone while SceneSwitchingInProgress
    add()
    selector.setMRMLScene(slicer.mrmlScene)
    changes = record(selector)
    selector.setMRMLScene(None)
    assert changes == [] and selector.currentNode() is None


def test_other_types_announce_none_and_then_the_first_node_of_theirs(selector):
    # QSortFilterProxyModel removes rows before it inserts others; QComboBoxPrivate::_q_rowsInserted of an empty one
    model = add("M", "vtkMRMLModelNode")
    nodes = [add(name) for name in "ABC"]
    selector.setMRMLScene(slicer.mrmlScene)
    selector.setCurrentNode(nodes[1])
    changes = record(selector)
    selector.nodeTypes = ["vtkMRMLModelNode"]
    assert changes == [None, model]


def test_rows_that_a_filter_takes_away_together_do_not_become_current_one_after_the_other(selector):
    # QSortFilterProxyModel removes neighbouring rows at once
    nodes = [add(name) for name in ("x1", "x2", "x3", "keep")]
    selector.setMRMLScene(slicer.mrmlScene)
    selector.setCurrentNode(nodes[2])
    changes, gone = record(selector), record(selector, "nodeAboutToBeRemoved(vtkMRMLNode*)")
    selector.sortFilterProxyModel().setFilterRegularExpression("keep")
    assert changes == [nodes[3]] and gone == nodes[:3]
