"""From tissues to images: CT and MR physics, protocols, artefacts, and random contrast for training."""
