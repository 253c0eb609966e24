"""Laws of lengths of time, from published figures or from an agency's own cases."""
