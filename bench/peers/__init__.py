"""Restate and DBOS on the workloads that `make bench` measures of the local host."""
