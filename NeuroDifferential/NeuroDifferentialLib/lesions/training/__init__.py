"""The network ``wmh-any-flair``: training images made on the fly from lesions on head label maps."""
