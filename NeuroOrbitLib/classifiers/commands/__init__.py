"""The verbs that the command lines of all classifier modules share; importing this imports nothing heavy."""
