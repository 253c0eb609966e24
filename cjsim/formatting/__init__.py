"""Numbers, dates, lists and tables as text: the one place that formats what a person reads.

It knows nothing of courts or of results, so every package that shows something can import it.
"""
