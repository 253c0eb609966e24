// What is known of a case, and its own random numbers: the twin of cjsim/case/attributes.py.
#pragma once
#include "python.hpp"

namespace cjsim {

struct AttributesLayout : Layout {
    AttributesLayout() : Layout("cjsim.case.attributes.Attributes") {}
    Slot columns{*this, "_columns"}, area_index{*this, "area_index"}, arrived{*this, "arrived"},
        civilian_witnesses{*this, "civilian_witnesses"}, contact_channel{*this, "contact_channel"},
        ended_at{*this, "ended_at"}, group_index{*this, "group_index"},
        has_victim{*this, "has_victim"}, in_custody{*this, "in_custody"}, number{*this, "number"},
        persistently_targeted{*this, "persistently_targeted"}, simulation{*this, "simulation"},
        slot{*this, "slot"}, times{*this, "times"}, uses_case_tracker{*this, "uses_case_tracker"},
        vulnerable_victim{*this, "vulnerable_victim"};
};

extern AttributesLayout attributes;

// The world of a case, as a borrowed reference.
PyObject* simulation_of(PyObject* subject);
// How often a case has been at a point so far; it counts one more from now on.
long next_occurrence(PyObject* subject, long point);
long occurrence_of(PyObject* subject, long point);
double draw(PyObject* subject, long point);
// The occurrence of an activity that draws no random number, counted from 0.
long count_activity(PyObject* subject, long activity);
bool decide(PyObject* subject, PyObject* branch);
bool owed_enhanced_service(PyObject* subject);

}  // namespace cjsim
