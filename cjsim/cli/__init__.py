"""The commands, by what they are about: no logic, and nothing heavy at import."""
