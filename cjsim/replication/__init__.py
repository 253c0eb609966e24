"""One replication of a model: initial state, run, cases that return, and snapshots."""
