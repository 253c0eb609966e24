"""Designs of many variants: sweep, sensitivity, parameter uncertainty, calibrated ensemble."""
