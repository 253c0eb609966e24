"""Distributions of lengths of time, fitted to published figures or to an agency's cases."""
