"""Discrete-event simulation: environment, resources, random streams, working time, event log."""
