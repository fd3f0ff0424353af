"""What a user should know about a segmentation before trusting it, and what can be done about it."""
