"""Tries hundreds of damaged and hostile inputs: each must give a right result or a message, never a wrong result."""
