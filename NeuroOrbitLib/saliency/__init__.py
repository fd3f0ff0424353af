"""Why a classifier decided as it did: occlusion maps, Grad-CAM, and the check that they depend on the weights."""
