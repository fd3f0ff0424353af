"""Files of every kind: written whole or not at all, tables read whatever a spreadsheet wrote."""
