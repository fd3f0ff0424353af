"""The Segment Editor effect AutoCorrection."""
