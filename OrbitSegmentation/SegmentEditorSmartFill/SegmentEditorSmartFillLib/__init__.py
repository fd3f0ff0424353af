"""The Segment Editor effect SmartFill."""
