"""Slice, 3D, table and plot views: drawn offscreen by Slicer's own displayable managers, shown in Qt widgets."""
