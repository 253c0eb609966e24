"""Whether a results folder can be believed: every check of it, and what came of each."""
