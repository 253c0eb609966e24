"""One case's life, told from its rows of the log."""
