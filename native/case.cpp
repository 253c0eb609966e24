#include "case.hpp"

#include "activities.hpp"
#include "attributes.hpp"
#include "environment.hpp"
#include "event_log.hpp"
#include "simulation.hpp"
#include "random_streams.hpp"
#include "victim_contact.hpp"
#include "working_time.hpp"

namespace cjsim {

CaseLayout case_class;

namespace {

PyObject* const MARK_AGENCY = word("mark_agency");

long code_of(PyObject* codes, PyObject* text) { return as_long(value_at(codes, text).get()); }

// A contact that the victim looks up: Python's own function does it.
void self_serve(PyObject* subject, PyObject* duty) {
    Ref module = Ref::taken(PyImport_ImportModule("cjsim.case.victim_contact"));
    Ref function = Ref::taken(PyObject_GetAttrString(module.get(), "self_serve"));
    PyObject* arguments[] = {subject, duty};
    Py_DECREF(checked(PyObject_Vectorcall(function.get(), arguments, 2, nullptr)));
}

PyObject* case_tell(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("tell", {"word", "then"}, 1, given, count, names, by_place);
        PyObject* then = by_place[1] == nullptr ? Py_None : by_place[1];
        Ref there = value_at(simulation_class.duties.of(simulation_of(self)), by_place[0]);
        PyObject* duty = duty_class.check(there.get());
        if (attributes.uses_case_tracker.truth(self) && duty_class.self_service.truth(duty)) {
            self_serve(self, duty);
            if (then != Py_None) Py_DECREF(checked(PyObject_CallOneArg(then, self)));
        } else if (attributes.has_victim.truth(self) ||
                   (duty_class.owed_to_witnesses.truth(duty) &&
                    attributes.civilian_witnesses.truth(self))) {
            owe_contact(self, duty, then);
        }
        return Py_NewRef(Py_None);
    });
}

PyObject* case_note(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("note", {"word", "result"}, 2, given, count, nullptr, by_place);
        PyObject* simulation = simulation_of(self);
        const long now = minute_of(simulation_class.env.of(simulation));
        PyObject* codes = codes_class.check(simulation_class.codes.of(simulation));
        const long activity = code_of(codes_class.activity.of(codes), by_place[0]);
        const long occurrence = count_activity(self, activity);
        Ref agencies = attribute(simulation_class.vocabulary.of(simulation), MARK_AGENCY);
        Ref agency = value_at(agencies.get(), by_place[0]);
        write_row(simulation_class.log.of(simulation),
                  Row{attributes.number.number(self), activity, occurrence,
                      code_of(codes_class.agency.of(codes), agency.get()), 0, now, NEVER, now, now,
                      0.0, 0.0, code_of(codes_class.result.of(codes), by_place[1]), 0});
        return Py_NewRef(Py_None);
    });
}

PyObject* case_can_come_on(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("can_come_on", {"day", "chance"}, 2, given, count, nullptr, by_place);
        PyObject* simulation = simulation_of(self);
        const double drawn =
            draw_of_day(simulation_class.random_streams.of(simulation),
                        simulation_class.date_suits.number(simulation),
                        attributes.number.number(self), as_long(by_place[0]));
        return PyBool_FromLong(drawn < as_double(by_place[1]));
    });
}

PyObject* case_appear(PyObject* self, PyObject* listing) {
    return guarded([&] { return verb_that_appears(self, listing); });
}

Twin appear_twin{case_class, "appear", case_appear, METH_O};
Twin tell_twin{case_class, "tell", with_names(case_tell), METH_FASTCALL | METH_KEYWORDS};
Twin note_twin{case_class, "note", fastcall(case_note), METH_FASTCALL};
Twin can_come_twin{case_class, "can_come_on", fastcall(case_can_come_on), METH_FASTCALL};

}  // namespace
}  // namespace cjsim
