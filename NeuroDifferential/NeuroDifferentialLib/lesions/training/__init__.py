"""Training of the network ``wmh-any-flair`` on images simulated from lesions on head label maps."""
