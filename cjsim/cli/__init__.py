"""The commands, grouped by task. They hold no logic and import nothing heavy at the top."""
