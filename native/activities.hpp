// Work on a case, and time that passes: the twin of cjsim/case/activities.py.
//
// In Python a verb such as `work` is a generator. Here it is an object that may be driven like one:
// it answers once that it waits, and once that it is over. What happens in between happens in C++,
// without waking the journey.
#pragma once
#include "python.hpp"

namespace cjsim {

struct ActivitiesLayout : Layout {
    ActivitiesLayout() : Layout("cjsim.case.activities.Activities") {}
    Slot started{*this, "_started"}, doing{*this, "doing"};
};

extern ActivitiesLayout activities;

bool is_verb(PyObject* object);
// The time that a verb waited for has come.
void verb_goes_on(PyObject* verb);
// A verb that waits in the queue of a pool has its turn.
void verb_has_its_turn(PyObject* verb);
// The process that goes on when a verb is over.
void verb_belongs_to(PyObject* verb, PyObject* process);

// A verb that waits for the day and the end of a hearing, and gives no answer: a new reference.
PyObject* verb_that_appears(PyObject* subject, PyObject* listing);

void make_verb_type(PyObject* module);

}  // namespace cjsim
