// The environment, its processes and events: the twin of cjsim/des/environment.py.
#pragma once
#include "python.hpp"

namespace cjsim {

struct EnvironmentLayout : Layout {
    EnvironmentLayout() : Layout("cjsim.des.environment.Environment") {}
    Slot minute{*this, "minute"}, agenda{*this, "agenda"}, urgent{*this, "urgent"};
};
struct EventLayout : Layout {
    EventLayout() : Layout("cjsim.des.environment.Event") {}
    Slot env{*this, "_env"}, happened{*this, "happened"}, triggered{*this, "triggered"},
        waiting{*this, "waiting"};
};
struct ProcessLayout : Layout {
    ProcessLayout() : Layout("cjsim.des.environment.Process") {}
    Slot env{*this, "_env"}, send{*this, "_send"}, wake{*this, "_wake"};
};

extern EnvironmentLayout environment;
extern EventLayout event_class;
extern ProcessLayout process_class;

long minute_of(PyObject* env);
// Let a function, an event or a verb be called after a delay in minutes.
void after(PyObject* env, long delay, PyObject* callable);
// A method of an object as something that can be called: a new reference.
PyObject* bound(PyMethodDef& definition, PyObject* self);
void event_succeeds(PyObject* event, long delay);
// Whoever drives a generator goes on, until it waits for something else.
void process_goes_on(PyObject* process, PyObject* value);

}  // namespace cjsim
