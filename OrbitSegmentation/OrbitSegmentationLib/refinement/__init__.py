"""Tools that refine what an annotator drew: superpixels, graph cut, correction of rough masks."""
