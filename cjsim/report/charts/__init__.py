"""The charts, each a question of the Board's."""
