"""Writes files completely or not at all, and reads tables of any spreadsheet program."""
