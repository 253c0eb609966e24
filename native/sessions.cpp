// The minutes still free in each session: the twin of `FreeMinutes` in cjsim/listing/sessions.py.
#include <algorithm>

#include "diary.hpp"

namespace cjsim {

FreeMinutesLayout free_minutes;
SessionsLayout sessions_class;

namespace {

PyObject* free_take(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("take", {"index", "minutes"}, 2, given, count, nullptr, by_place);
        PyObject* tree = free_minutes.tree.of(self);
        long node = free_minutes.size.number(self) + as_long(by_place[0]);
        set_item(tree, node, new_long(as_long(item(tree, node)) - as_long(by_place[1])));
        for (node /= 2; node > 0; node /= 2) {
            const long most =
                std::max(as_long(item(tree, 2 * node)), as_long(item(tree, 2 * node + 1)));
            if (as_long(item(tree, node)) == most) break;
            set_item(tree, node, new_long(most));
        }
        return Py_NewRef(Py_None);
    });
}

PyObject* free_first_with(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("first_with", {"minutes", "start"}, 2, given, count, nullptr, by_place);
        return new_long(first_with(self, as_long(by_place[0]), as_long(by_place[1])));
    });
}

Twin take_twin{free_minutes, "take", fastcall(free_take), METH_FASTCALL};
Twin first_with_twin{free_minutes, "first_with", fastcall(free_first_with), METH_FASTCALL};

}  // namespace

long free_in(PyObject* free, long session) {
    free_minutes.check(free);
    return as_long(item(free_minutes.tree.of(free), free_minutes.size.number(free) + session));
}

long first_with(PyObject* free, long minutes, long start) {
    const long size = free_minutes.size.number(free_minutes.check(free));
    PyObject* tree = free_minutes.tree.of(free);
    if (start >= size) return -1;
    long node = size + start;
    while (as_long(item(tree, node)) < minutes) {
        while (node & 1) {
            node /= 2;
            if (node <= 1) return -1;
        }
        ++node;
    }
    while (node < size) {
        node *= 2;
        if (as_long(item(tree, node)) < minutes) ++node;
    }
    return node - size;
}

}  // namespace cjsim
