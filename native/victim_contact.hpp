// Contact with victims and witnesses: the twin of cjsim/case/victim_contact.py.
#pragma once
#include "python.hpp"

namespace cjsim {

struct ContactLayout : Layout {
    ContactLayout() : Layout("cjsim.case.victim_contact.Contact") {}
    Slot last{*this, "_last"}, subject{*this, "case"}, level{*this, "level"};
};
struct ContactTaskLayout : Layout {
    ContactTaskLayout() : Layout("cjsim.case.victim_contact.ContactTask") {}
    Slot subject{*this, "case"}, channel{*this, "channel"}, due{*this, "due"}, duty{*this, "duty"},
        entered{*this, "entered"}, minutes{*this, "minutes"}, occurrence{*this, "occurrence"},
        pool{*this, "pool"}, started{*this, "started"}, then{*this, "then"};
};

extern ContactLayout contact_class;
extern ContactTaskLayout contact_task;

// Somebody has time for a contact.
void contact_task_has_its_turn(PyObject* task);
// Owe a contact for a case, from now on.
void owe_contact(PyObject* subject, PyObject* duty, PyObject* then);

}  // namespace cjsim
