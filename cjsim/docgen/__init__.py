"""The reference pages and JSON schemas, written from the code."""
