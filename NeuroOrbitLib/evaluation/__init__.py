"""How well a segmentation agrees with a reference: overlap, surfaces, volumes, slices and cohorts."""
