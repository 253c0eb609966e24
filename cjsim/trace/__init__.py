"""The case file: the history of one case from its rows of the event log."""
