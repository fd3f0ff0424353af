"""The host offers nothing that Slicer lacks, so that what runs here also runs there.

Justification: api_manifest.json, read from the headers of Slicer and CTK (manifest_builder.py).
"""
from __future__ import annotations

import pytest
from slicerhost import manifest, registry
from slicerhost.manifest_builder import build


@pytest.mark.parametrize("name", sorted(registry.registered()))
def test_emulated_class_has_no_member_that_slicer_lacks(name):
    # PythonQt shows properties, slots, Q_INVOKABLEs, signals, enumerations and decorators only; host_internals.json
    # lists what the host's own parts need of each other although Slicer does not show it to Python
    internal = manifest.host_internals(name)
    assert manifest.knows(name) or internal, f"{name} is no class of Slicer or CTK"
    assert manifest.host_only_members(registry.find(name)) <= internal


def test_builder_reads_what_pythonqt_shows(tmp_path):
    # the forms of declarations that occur in Slicer's headers
    (tmp_path / "qMRMLExampleWidget.h").write_text("""
class QMRML_WIDGETS_EXPORT qMRMLExampleWidget : public QWidget
{
  Q_OBJECT
  Q_PROPERTY(double value READ value WRITE setValue NOTIFY valueChanged)
  Q_PROPERTY(bool ready READ isReady) // written nowhere
public:
  enum Mode { First, Second = 5, Third, Hex = 0x10 };
  void setHidden2(bool);
  Q_INVOKABLE void reset();
public slots:
  void setValue(double);
  virtual void setNode(vtkMRMLNode* node, bool quiet = false) { this->x = 1; }
signals:
  void valueChanged(double value);
  void nodeChanged(const QString &id, vtkMRMLNode* node = nullptr);
};""")
    entry = build(tmp_path)["qMRMLExampleWidget"]
    assert entry["base"] == "QWidget"
    assert entry["properties"] == {"value": True, "ready": False}
    assert entry["methods"] == ["reset", "setValue", "setNode"]
    assert entry["signals"] == ["valueChanged(double)", "nodeChanged(QString)", "nodeChanged(QString,vtkMRMLNode*)"]
    assert entry["enums"] == {"Mode": {"First": 0, "Second": 5, "Third": 6, "Hex": 16}}
