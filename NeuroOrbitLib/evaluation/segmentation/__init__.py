"""Agreement of a segmentation with its reference: overlap, surfaces, volumes, slices, cohorts."""
