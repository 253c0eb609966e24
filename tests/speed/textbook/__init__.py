"""The same road in plain SimPy, as an ordinary competent user would write it. Frozen.

One process per case and one per contact with a victim, `with resource.request()` for staff and
courtrooms, numpy's scalar draws, a list of dictionaries for a log, an appointment in the first
session with room. It takes its volumes, times and chances from the same loaded model as cjsim
itself, goes through the same steps, and logs a row wherever cjsim logs one.

It is the yardstick of `make bench` and is kept as it is: nobody makes it faster or slower. Only
names and steps may follow when the road changes. Left out, as a textbook would: common random
numbers, dated changes, courtrooms that vary by weekday, places in the log, more than a queue for
priorities (people in the cells come first with the prosecutors on the telephone and in court,
nowhere else), and a clock that bounds the work in the cell.
"""
