#include "environment.hpp"

#include "activities.hpp"

namespace cjsim {

EnvironmentLayout environment;
EventLayout event_class;
ProcessLayout process_class;

namespace {

PyObject* const MINUTE = word("minute");
PyObject* const AFTER = word("after");
PyObject* const CALLBACKS = word("callbacks");
PyObject* const APPEND = word("append");
PyObject* const AFTER_SIMPY_EVENT = word("_after");

void call(PyObject* function) {
    if (is_verb(function)) {
        verb_goes_on(function);
    } else {
        Py_DECREF(checked(PyObject_CallNoArgs(function)));
    }
}

void do_what_is_urgent(PyObject* urgent) {
    for (Py_ssize_t at = 0; at < PyList_GET_SIZE(urgent); ++at) {
        Ref function = Ref::borrowed(PyList_GET_ITEM(urgent, at));
        call(function.get());
    }
    checked_status(PyList_SetSlice(urgent, 0, PyList_GET_SIZE(urgent), nullptr));
}

PyObject* env_after(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("after", {"delay", "function"}, 2, given, count, names, by_place);
        after(self, as_long(by_place[0]), by_place[1]);
        return Py_NewRef(Py_None);
    });
}

PyObject* env_run_until(PyObject* self, PyObject* end_minute) {
    return guarded([&] {
        const long end = as_long(end_minute);
        Ref agenda = Ref::borrowed(environment.agenda.of(self));
        Ref urgent = Ref::borrowed(environment.urgent.of(self));
        for (long minute = environment.minute.number(self); minute < end; ++minute) {
            Ref key = Ref::taken(PyLong_FromLong(minute));
            PyObject* there = PyDict_GetItemWithError(agenda.get(), key.get());
            if (there == nullptr) {
                if (PyErr_Occurred()) throw PythonError{};
                if (PyList_GET_SIZE(urgent.get()) == 0) continue;
            }
            environment.minute.set(self, key.get());
            if (PyList_GET_SIZE(urgent.get()) > 0) {
                do_what_is_urgent(urgent.get());
                there = PyDict_GetItemWithError(agenda.get(), key.get());
                if (there == nullptr && PyErr_Occurred()) throw PythonError{};
            }
            if (there != nullptr) {
                Ref functions = Ref::borrowed(there);
                // The list grows while it is gone through: what is put off by no minutes comes last.
                for (Py_ssize_t at = 0; at < PyList_GET_SIZE(functions.get()); ++at) {
                    Ref function = Ref::borrowed(PyList_GET_ITEM(functions.get(), at));
                    call(function.get());
                    if (PyList_GET_SIZE(urgent.get()) > 0) do_what_is_urgent(urgent.get());
                }
                checked_status(PyDict_DelItem(agenda.get(), key.get()));
            }
            if (PyDict_GET_SIZE(agenda.get()) == 0) break;
            if ((minute & 1023) == 0) checked_status(PyErr_CheckSignals());
        }
        environment.minute.set_number(self, end);
        return Py_NewRef(Py_None);
    });
}

PyObject* event_happen(PyObject* self, PyObject*) {
    return guarded([&] {
        event_class.happened.set(self, Py_True);
        Ref waiting = Ref::borrowed(event_class.waiting.of(self));
        event_class.waiting.take(self, checked(PyList_New(0)));
        for (Py_ssize_t at = 0; at < PyList_GET_SIZE(waiting.get()); ++at) {
            Ref goes_on = Ref::borrowed(PyList_GET_ITEM(waiting.get(), at));
            call(goes_on.get());
        }
        return Py_NewRef(Py_None);
    });
}

PyMethodDef happen_definition{"happen", event_happen, METH_NOARGS, nullptr};

PyObject* event_succeed(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[1];
        arguments_by_place("succeed", {"delay"}, 0, given, count, names, by_place);
        event_succeeds(self, by_place[0] == nullptr ? 0 : as_long(by_place[0]));
        return Py_NewRef(Py_None);
    });
}

PyObject* process_goes_on_method(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        process_goes_on(self, count > 0 ? given[0] : Py_None);
        return Py_NewRef(Py_None);
    });
}

Twin after_twin{environment, "after", with_names(env_after), METH_FASTCALL | METH_KEYWORDS};
Twin run_until_twin{environment, "run_until", env_run_until, METH_O};
Twin happen_twin{event_class, "happen", event_happen, METH_NOARGS};
Twin succeed_twin{event_class, "succeed", with_names(event_succeed), METH_FASTCALL | METH_KEYWORDS};
Twin goes_on_twin{process_class, "_goes_on", fastcall(process_goes_on_method), METH_FASTCALL};

}  // namespace

long minute_of(PyObject* env) {
    if (environment.is(env)) return environment.minute.number(env);
    return as_long(attribute(env, MINUTE).get());
}

void after(PyObject* env, long delay, PyObject* callable) {
    if (!environment.is(env)) {
        Ref minutes = Ref::taken(PyLong_FromLong(delay));
        PyObject* arguments[] = {env, minutes.get(), callable};
        Py_DECREF(checked(PyObject_VectorcallMethod(AFTER, arguments, 3, nullptr)));
        return;
    }
    PyObject* agenda = environment.agenda.of(env);
    Ref minute = Ref::taken(PyLong_FromLong(environment.minute.number(env) + delay));
    PyObject* functions = PyDict_GetItemWithError(agenda, minute.get());
    if (functions != nullptr) {
        checked_status(PyList_Append(functions, callable));
        return;
    }
    if (PyErr_Occurred()) throw PythonError{};
    Ref first = Ref::taken(PyList_New(1));
    PyList_SET_ITEM(first.get(), 0, Py_NewRef(callable));
    checked_status(PyDict_SetItem(agenda, minute.get(), first.get()));
}

PyObject* bound(PyMethodDef& definition, PyObject* self) {
    return checked(PyCFunction_NewEx(&definition, self, nullptr));
}

void event_succeeds(PyObject* event, long delay) {
    event_class.triggered.set(event, Py_True);
    Ref happen = Ref::taken(bound(happen_definition, event));
    after(event_class.env.of(event), delay, happen.get());
}

void process_goes_on(PyObject* process, PyObject* value) {
    PyObject* send = process_class.send.of(process);
    if (!PyCFunction_Check(send) || PyCFunction_GET_SELF(send) == nullptr) {
        PyErr_SetString(PyExc_TypeError, "a process drives a generator, or a verb of a case");
        throw PythonError{};
    }
    Ref self = Ref::borrowed(process);
    Ref generator = Ref::borrowed(PyCFunction_GET_SELF(send));
    Ref given = Ref::borrowed(value);
    while (true) {
        PyObject* answer = nullptr;
        const PySendResult sent = PyIter_Send(generator.get(), given.get(), &answer);
        if (sent == PYGEN_ERROR) throw PythonError{};
        Ref waits_for = Ref::taken(answer);
        if (sent == PYGEN_RETURN) {
            // It points back at the journey, and the garbage collector is off while a run goes on.
            process_class.wake.clear(process);
            return;
        }
        if (is_verb(answer)) {
            verb_belongs_to(answer, process);
            return;
        }
        if (PyLong_CheckExact(answer)) {
            after(process_class.env.of(process), as_long(answer), process_class.wake.of(process));
            return;
        }
        if (!event_class.is(answer)) {
            // One of SimPy's own events.
            Ref callbacks = attribute(answer, CALLBACKS);
            Ref after_it = attribute(process, AFTER_SIMPY_EVENT);
            PyObject* arguments[] = {callbacks.get(), after_it.get()};
            Py_DECREF(checked(PyObject_VectorcallMethod(APPEND, arguments, 2, nullptr)));
            return;
        }
        if (!event_class.happened.truth(answer)) {
            checked_status(
                PyList_Append(event_class.waiting.of(answer), process_class.wake.of(process)));
            return;
        }
        given = Ref::borrowed(Py_None);
    }
}

}  // namespace cjsim
