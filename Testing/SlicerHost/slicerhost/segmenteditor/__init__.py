"""The Segment Editor: Qt classes around the real vtkSlicerSegmentEditorLogic and vtkMRMLSegmentEditorNode."""
