#include "resources.hpp"

#include "activities.hpp"
#include "environment.hpp"
#include "victim_contact.hpp"

namespace cjsim {

ResourceLayout resource;

namespace {

PyObject* const SUCCEED = word("succeed");
PyObject* const APPEND = word("append");
PyObject* const POPLEFT = word("popleft");
PyObject* const EVENT = word("event");

PyObject* imported(const char* module, const char* name) {
    Ref found = Ref::taken(PyImport_ImportModule(module));
    return checked(PyObject_GetAttrString(found.get(), name));
}

// Python's own heap and queue: there are few priorities, and few queues.
PyObject* heappush() {
    static PyObject* const function = imported("heapq", "heappush");
    return function;
}
PyObject* heappop() {
    static PyObject* const function = imported("heapq", "heappop");
    return function;
}
PyObject* deque() {
    static PyObject* const type = imported("collections", "deque");
    return type;
}

void waits(PyObject* pool, PyObject* waiter, long priority) {
    Ref key = Ref::taken(PyLong_FromLong(priority));
    PyObject* queues = resource.queues.of(pool);
    PyObject* queue = PyDict_GetItemWithError(queues, key.get());
    if (queue != nullptr) {
        Py_DECREF(checked(PyObject_CallMethodOneArg(queue, APPEND, waiter)));
        return;
    }
    if (PyErr_Occurred()) throw PythonError{};
    Ref alone = Ref::taken(PyTuple_Pack(1, waiter));
    Ref begun = Ref::taken(PyObject_CallOneArg(deque(), alone.get()));
    checked_status(PyDict_SetItem(queues, key.get(), begun.get()));
    PyObject* arguments[] = {resource.first.of(pool), key.get()};
    Py_DECREF(checked(PyObject_Vectorcall(heappush(), arguments, 2, nullptr)));
}

void turn_comes(PyObject* waiter) {
    if (is_verb(waiter)) {
        verb_has_its_turn(waiter);
    } else if (contact_task.is(waiter)) {
        contact_task_has_its_turn(waiter);
    } else if (event_class.is(waiter)) {
        event_succeeds(waiter, 0);
    } else {
        Py_DECREF(checked(PyObject_CallMethodNoArgs(waiter, SUCCEED)));
    }
}

void wake(PyObject* pool) {
    if (resource.waking.truth(pool)) return;
    resource.waking.set(pool, Py_True);
    PyObject* first = resource.first.of(pool);
    while (PyList_GET_SIZE(first) > 0) {
        const long busy = resource.busy.number(pool);
        if (busy >= resource.capacity.number(pool)) break;
        resource.busy.set_number(pool, busy + 1);
        Ref priority = Ref::borrowed(PyList_GET_ITEM(first, 0));
        PyObject* queues = resource.queues.of(pool);
        Ref queue = value_at(queues, priority.get());
        Ref waiter = Ref::taken(PyObject_CallMethodNoArgs(queue.get(), POPLEFT));
        if (PyObject_Size(queue.get()) == 0) {
            Ref lowest = Ref::taken(PyObject_CallOneArg(heappop(), first));
            checked_status(PyDict_DelItem(queues, lowest.get()));
        }
        turn_comes(waiter.get());
    }
    resource.waking.set(pool, Py_False);
}

PyObject* pool_request(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[1];
        arguments_by_place("request", {"priority"}, 0, given, count, names, by_place);
        const long busy = resource.busy.number(self);
        if (busy < resource.capacity.number(self)) {
            resource.busy.set_number(self, busy + 1);
            return Py_NewRef(Py_None);
        }
        Ref turn = Ref::taken(PyObject_CallMethodNoArgs(resource.env.of(self), EVENT));
        waits(self, turn.get(), by_place[0] == nullptr ? 0 : as_long(by_place[0]));
        return turn.release();
    });
}

PyObject* pool_request_for(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("request_for", {"waiter", "priority"}, 1, given, count, names, by_place);
        const long priority = by_place[1] == nullptr ? 0 : as_long(by_place[1]);
        return PyBool_FromLong(request_for(self, by_place[0], priority));
    });
}

PyObject* pool_release(PyObject* self, PyObject*) {
    return guarded([&] {
        release(self);
        return Py_NewRef(Py_None);
    });
}

PyObject* pool_wake(PyObject* self, PyObject*) {
    return guarded([&] {
        wake(self);
        return Py_NewRef(Py_None);
    });
}

Twin request_twin{resource, "request", with_names(pool_request), METH_FASTCALL | METH_KEYWORDS};
Twin request_for_twin{resource, "request_for", with_names(pool_request_for),
                      METH_FASTCALL | METH_KEYWORDS};
Twin release_twin{resource, "release", pool_release, METH_NOARGS};
Twin wake_twin{resource, "_wake", pool_wake, METH_NOARGS};

}  // namespace

bool request_for(PyObject* pool, PyObject* waiter, long priority) {
    resource.check(pool);
    const long busy = resource.busy.number(pool);
    if (busy < resource.capacity.number(pool)) {
        resource.busy.set_number(pool, busy + 1);
        return true;
    }
    waits(pool, waiter, priority);
    return false;
}

void release(PyObject* pool) {
    resource.check(pool);
    resource.busy.set_number(pool, resource.busy.number(pool) - 1);
    if (PyList_GET_SIZE(resource.first.of(pool)) > 0) wake(pool);
}

}  // namespace cjsim
