"""The Segment Editor effect SmartPencil."""
