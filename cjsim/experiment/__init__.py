"""Scenarios x replications to a results folder: the only room with processes and disks."""
