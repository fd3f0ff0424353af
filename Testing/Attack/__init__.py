"""Damaged and hostile input, by the hundred: what the product makes of it is right, or told, never wrong."""
