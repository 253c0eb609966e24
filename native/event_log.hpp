// A row of the event log: the twin of `Log.row` in cjsim/des/event_log.py.
#pragma once
#include "python.hpp"

namespace cjsim {

struct LogLayout : Layout {
    LogLayout() : Layout("cjsim.des.event_log.Log") {}
    Slot buffer{*this, "_buffer"}, at{*this, "_at"}, end{*this, "_end"};
};
struct CodesLayout : Layout {
    CodesLayout() : Layout("cjsim.des.event_log.Codes") {}
    Slot activity{*this, "activity"}, agency{*this, "agency"}, result{*this, "result"},
        reason{*this, "reason"}, chasing{*this, "chasing"}, support{*this, "support"},
        done{*this, "done"}, limit_reached{*this, "limit_reached"};
};

extern LogLayout log_class;
extern CodesLayout codes_class;

// One stay of a case in an activity, in the order of the columns of `Log.row`.
struct Row {
    long case_id, activity, occurrence, agency, place;
    long queued_at, due_at, started_at, ended_at;
    double minutes = 0.0, planned_minutes = 0.0;
    long result = 0, reason = 0;
};

void write_row(PyObject* log, const Row& row);

}  // namespace cjsim
