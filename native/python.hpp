// What every file of the native engine uses of Python: references, errors, numbers, and the slots
// of cjsim's own classes.
//
// The native engine has no state of its own. A case, a pool or a diary is the Python object that it
// always was; C++ reads and writes the slots of its class directly, at the offsets that Python gave
// them. So a fact is declared once, in Python, and both engines see the same world.
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace cjsim {

// Thrown where a Python exception has been set; `guarded` turns it back into a null pointer.
struct PythonError {};

inline PyObject* checked(PyObject* object) {
    if (object == nullptr) throw PythonError{};
    return object;
}

inline void checked_status(int status) {
    if (status < 0) throw PythonError{};
}

// Calls a function of the engine from Python: whatever it throws is a Python exception by then.
template <typename Function>
PyObject* guarded(Function&& function) {
    try {
        return function();
    } catch (const PythonError&) {
        return nullptr;
    }
}

// A reference that is given back when it goes out of scope.
class Ref {
public:
    Ref() = default;
    static Ref taken(PyObject* object) { return Ref{checked(object)}; }
    static Ref borrowed(PyObject* object) { return Ref{Py_NewRef(object)}; }
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Ref& operator=(Ref&& other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    Ref(const Ref&) = delete;
    Ref& operator=(const Ref&) = delete;
    ~Ref() { Py_XDECREF(object_); }
    PyObject* get() const { return object_; }
    PyObject* release() { return std::exchange(object_, nullptr); }
    explicit operator bool() const { return object_ != nullptr; }

private:
    explicit Ref(PyObject* object) : object_(object) {}
    PyObject* object_ = nullptr;
};

// --- numbers -------------------------------------------------------------------------------------

inline long as_long(PyObject* number) {
    // Nearly all of them have one digit.
    if (PyLong_CheckExact(number)) {
#if PY_VERSION_HEX >= 0x030C0000
        const auto* digits = reinterpret_cast<PyLongObject*>(number);
        if (PyUnstable_Long_IsCompact(digits)) return PyUnstable_Long_CompactValue(digits);
#else
        const Py_ssize_t size = Py_SIZE(number);
        const auto* digits = reinterpret_cast<PyLongObject*>(number)->ob_digit;
        if (size == 1) return static_cast<long>(digits[0]);
        if (size == 0) return 0;
        if (size == -1) return -static_cast<long>(digits[0]);
#endif
    }
    const long value = PyLong_AsLong(number);
    if (value == -1 && PyErr_Occurred()) throw PythonError{};
    return value;
}

inline double as_double(PyObject* number) {
    if (PyFloat_CheckExact(number)) return PyFloat_AS_DOUBLE(number);
    const double value = PyFloat_AsDouble(number);
    if (value == -1.0 && PyErr_Occurred()) throw PythonError{};
    return value;
}

inline bool as_bool(PyObject* object) {
    if (object == Py_True) return true;
    if (object == Py_False || object == Py_None) return false;
    const int truth = PyObject_IsTrue(object);
    checked_status(truth);
    return truth != 0;
}

inline PyObject* new_long(long value) { return checked(PyLong_FromLong(value)); }

// Python's round: to the nearest whole number, halves to the even one.
inline long rounded(double value) {
    if (!std::isfinite(value) || std::fabs(value) > 9e15) {
        PyErr_SetString(PyExc_OverflowError, "a number is too large to be a count of minutes");
        throw PythonError{};
    }
    return static_cast<long>(std::nearbyint(value));
}

// Python's floor division by a positive number.
inline long floor_division(long value, long by) {
    return value >= 0 ? value / by : -((-value + by - 1) / by);
}

// --- lists and dictionaries ----------------------------------------------------------------------

// An item of a list, counted from its end if the index is negative; a borrowed reference.
inline PyObject* item(PyObject* list, long index) {
    if (!PyList_CheckExact(list)) {
        PyErr_Format(PyExc_TypeError, "the native engine expected a list, not %R", list);
        throw PythonError{};
    }
    if (index < 0) index += PyList_GET_SIZE(list);
    if (index < 0 || index >= PyList_GET_SIZE(list)) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
        throw PythonError{};
    }
    return PyList_GET_ITEM(list, index);
}

inline void set_item(PyObject* list, long index, PyObject* stolen) {
    item(list, index);
    if (index < 0) index += PyList_GET_SIZE(list);
    PyObject* old = PyList_GET_ITEM(list, index);
    PyList_SET_ITEM(list, index, stolen);
    Py_DECREF(old);
}

// The value of a key; the object may be a dictionary or anything else with keys.
inline Ref value_at(PyObject* mapping, PyObject* key) {
    if (PyDict_CheckExact(mapping)) {
        PyObject* value = PyDict_GetItemWithError(mapping, key);
        if (value == nullptr) {
            if (!PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, key);
            throw PythonError{};
        }
        return Ref::borrowed(value);
    }
    return Ref::taken(PyObject_GetItem(mapping, key));
}

inline Ref attribute(PyObject* object, PyObject* name) {
    return Ref::taken(PyObject_GetAttr(object, name));
}

// --- the slots of a Python class -------------------------------------------------------------------

class Layout;

// One slot of a class: where an attribute lies in each of its objects.
class Slot {
public:
    Slot(Layout& layout, const char* name);
    const char* name;
    Py_ssize_t offset = 0;

    // The value, as a borrowed reference; null if it has none.
    PyObject* peek(PyObject* self) const { return *place(self); }

    // The value, as a borrowed reference.
    PyObject* of(PyObject* self) const {
        PyObject* value = *place(self);
        if (value == nullptr) missing(self);
        return value;
    }

    long number(PyObject* self) const { return as_long(of(self)); }
    double real(PyObject* self) const { return as_double(of(self)); }
    bool truth(PyObject* self) const { return as_bool(of(self)); }

    void take(PyObject* self, PyObject* stolen) const {
        PyObject** at = place(self);
        PyObject* old = std::exchange(*at, stolen);
        Py_XDECREF(old);
    }
    void set(PyObject* self, PyObject* value) const { take(self, Py_NewRef(value)); }
    void set_number(PyObject* self, long value) const { take(self, new_long(value)); }
    void set_real(PyObject* self, double value) const {
        take(self, checked(PyFloat_FromDouble(value)));
    }
    void clear(PyObject* self) const { take(self, nullptr); }

private:
    PyObject** place(PyObject* self) const {
        return reinterpret_cast<PyObject**>(reinterpret_cast<char*>(self) + offset);
    }
    [[noreturn]] void missing(PyObject* self) const;
};

// A Python class whose objects the engine reads: it is found by the name of its module and itself.
class Layout {
public:
    explicit Layout(const char* class_name);
    Layout(const Layout&) = delete;
    Layout& operator=(const Layout&) = delete;

    const char* class_name;  // such as "cjsim.des.environment.Environment"
    PyTypeObject* type = nullptr;
    std::vector<Slot*> slots;

    // Find the slots in a class. Raises TypeError if it has not all of them.
    void bind(PyTypeObject* python_class);
    bool is(PyObject* object) const { return Py_TYPE(object) == type; }

    // The object itself, if it is of this class or of one derived from it.
    PyObject* check(PyObject* object) const {
        if (Py_TYPE(object) != type && !PyObject_TypeCheck(object, type)) refuse(object);
        return object;
    }

    static std::vector<Layout*>& all();

private:
    [[noreturn]] void refuse(PyObject* object) const;
};

// A method of a Python class that is written in C++ as well, and replaces it in the native engine.
struct Twin {
    Twin(Layout& layout, const char* name, PyCFunction function, int flags);
    Layout& layout;
    PyMethodDef definition;
    PyObject* original = nullptr;  // while the native engine is in use
    static std::vector<Twin*>& all();
};

using Arguments = PyObject* const*;
inline PyCFunction fastcall(PyObject* (*function)(PyObject*, Arguments, Py_ssize_t)) {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(function));
}
inline PyCFunction with_names(PyObject* (*function)(PyObject*, Arguments, Py_ssize_t, PyObject*)) {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(function));
}

// The arguments of a call by their place, whether they were given by place or by name; borrowed,
// null where one was left out. Raises TypeError for too many, or for a name that is not there.
void arguments_by_place(const char* function, std::initializer_list<const char*> names, int needed,
                        Arguments given, Py_ssize_t count, PyObject* given_names, PyObject** out);

// A text that Python knows once, so that a dictionary finds it by its address.
PyObject* word(const char* text);

}  // namespace cjsim
