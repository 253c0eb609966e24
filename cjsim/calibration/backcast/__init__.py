"""Back-cast: simulate past years and compare them with published figures."""
