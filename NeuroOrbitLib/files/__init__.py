"""Writing files completely or not at all, and reading tables from any spreadsheet program."""
