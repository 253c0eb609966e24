"""From files to scenarios: load, import, resolve, scale, and where two models diverge."""
