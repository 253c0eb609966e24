#include "python.hpp"

#include <structmember.h>

#include <cstring>

namespace cjsim {

std::vector<Layout*>& Layout::all() {
    static std::vector<Layout*> layouts;
    return layouts;
}

std::vector<Twin*>& Twin::all() {
    static std::vector<Twin*> twins;
    return twins;
}

Slot::Slot(Layout& layout, const char* name) : name(name) { layout.slots.push_back(this); }

void Slot::missing(PyObject* self) const {
    PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute '%s'", Py_TYPE(self)->tp_name,
                 name);
    throw PythonError{};
}

Layout::Layout(const char* class_name) : class_name(class_name) { all().push_back(this); }

void Layout::bind(PyTypeObject* python_class) {
    for (Slot* slot : slots) {
        Ref descriptor =
            Ref::taken(PyObject_GetAttrString(reinterpret_cast<PyObject*>(python_class), slot->name));
        const bool is_member = Py_TYPE(descriptor.get()) == &PyMemberDescr_Type;
        const PyMemberDef* member =
            is_member ? reinterpret_cast<PyMemberDescrObject*>(descriptor.get())->d_member : nullptr;
        if (member == nullptr || member->type != T_OBJECT_EX) {
            PyErr_Format(PyExc_TypeError, "%s.%s is not a slot", class_name, slot->name);
            throw PythonError{};
        }
        slot->offset = member->offset;
    }
    Py_XDECREF(reinterpret_cast<PyObject*>(type));
    type = reinterpret_cast<PyTypeObject*>(Py_NewRef(reinterpret_cast<PyObject*>(python_class)));
}

void Layout::refuse(PyObject* object) const {
    PyErr_Format(PyExc_TypeError, "the native engine expected a %s, not %R", class_name, object);
    throw PythonError{};
}

Twin::Twin(Layout& layout, const char* name, PyCFunction function, int flags)
    : layout(layout), definition{name, function, flags, nullptr} {
    all().push_back(this);
}

void arguments_by_place(const char* function, std::initializer_list<const char*> names, int needed,
                        Arguments given, Py_ssize_t count, PyObject* given_names, PyObject** out) {
    const Py_ssize_t most = static_cast<Py_ssize_t>(names.size());
    if (count > most) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %zd arguments", function, most);
        throw PythonError{};
    }
    for (Py_ssize_t place = 0; place < most; ++place)
        out[place] = place < count ? given[place] : nullptr;
    const Py_ssize_t named = given_names == nullptr ? 0 : PyTuple_GET_SIZE(given_names);
    for (Py_ssize_t at = 0; at < named; ++at) {
        PyObject* name = PyTuple_GET_ITEM(given_names, at);
        Py_ssize_t place = 0;
        for (const char* known : names) {
            if (PyUnicode_CompareWithASCIIString(name, known) == 0) break;
            ++place;
        }
        if (place == most || out[place] != nullptr) {
            PyErr_Format(PyExc_TypeError, "%s() got an unexpected argument %R", function, name);
            throw PythonError{};
        }
        out[place] = given[count + at];
    }
    for (int place = 0; place < needed; ++place)
        if (out[place] == nullptr) {
            PyErr_Format(PyExc_TypeError, "%s() misses the argument '%s'", function,
                         *(names.begin() + place));
            throw PythonError{};
        }
}

PyObject* word(const char* text) { return checked(PyUnicode_InternFromString(text)); }

}  // namespace cjsim
