// The module cjsim._native: finds the slots of cjsim's classes, and puts the twins in their place.
#include <string>

#include "activities.hpp"
#include "python.hpp"
#include "random_streams.hpp"

namespace cjsim {
namespace {

bool in_use = false;

// Bind every layout to its class in a dictionary of classes by their full name.
PyObject* native_bind(PyObject*, PyObject* classes) {
    return guarded([&] {
        for (Layout* layout : Layout::all()) {
            Ref name = Ref::taken(PyUnicode_FromString(layout->class_name));
            Ref there = value_at(classes, name.get());
            if (!PyType_Check(there.get())) {
                PyErr_Format(PyExc_TypeError, "%s is not a class", layout->class_name);
                throw PythonError{};
            }
            layout->bind(reinterpret_cast<PyTypeObject*>(there.get()));
        }
        return Py_NewRef(Py_None);
    });
}

// Put the twins into their classes, or the methods that they replace back.
PyObject* native_use(PyObject*, PyObject* wanted) {
    return guarded([&] {
        const bool native = as_bool(wanted);
        if (native == in_use) return Py_NewRef(Py_None);
        for (Twin* twin : Twin::all()) {
            PyTypeObject* type = twin->layout.type;
            if (type == nullptr) {
                PyErr_SetString(PyExc_RuntimeError, "the classes have to be bound first");
                throw PythonError{};
            }
            PyObject* python_class = reinterpret_cast<PyObject*>(type);
            if (native) {
                Ref name = Ref::taken(PyUnicode_FromString(twin->definition.ml_name));
                Ref method = value_at(type->tp_dict, name.get());
                Ref descriptor = Ref::taken(PyDescr_NewMethod(type, &twin->definition));
                checked_status(PyObject_SetAttr(python_class, name.get(), descriptor.get()));
                Py_XSETREF(twin->original, method.release());
            } else {
                checked_status(PyObject_SetAttrString(python_class, twin->definition.ml_name,
                                                      twin->original));
                Py_CLEAR(twin->original);
            }
        }
        in_use = native;
        return Py_NewRef(Py_None);
    });
}

PyObject* native_is_used(PyObject*, PyObject*) { return PyBool_FromLong(in_use); }

PyObject* native_classes(PyObject*, PyObject*) {
    return guarded([&] {
        Ref names = Ref::taken(PyList_New(0));
        for (const Layout* layout : Layout::all()) {
            Ref name = Ref::taken(PyUnicode_FromString(layout->class_name));
            checked_status(PyList_Append(names.get(), name.get()));
        }
        return names.release();
    });
}

PyObject* native_twins(PyObject*, PyObject*) {
    return guarded([&] {
        Ref names = Ref::taken(PyList_New(0));
        for (const Twin* twin : Twin::all()) {
            Ref pair = Ref::taken(
                Py_BuildValue("(ss)", twin->layout.class_name, twin->definition.ml_name));
            checked_status(PyList_Append(names.get(), pair.get()));
        }
        return names.release();
    });
}

PyMethodDef functions[] = {
    {"bind", native_bind, METH_O, "Find the slots of the classes, given by their full names."},
    {"use", native_use, METH_O, "Put the twins into the classes (True) or take them out (False)."},
    {"is_used", native_is_used, METH_NOARGS, "Whether the twins are in the classes."},
    {"classes", native_classes, METH_NOARGS, "The full names of the classes that are read."},
    {"twins", native_twins, METH_NOARGS, "The class and the name of each method with a twin."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "cjsim._native",
    .m_doc = "The native engine: cjsim's most frequent methods, written in C++.",
    .m_size = -1,
    .m_methods = functions,
};

}  // namespace
}  // namespace cjsim

PyMODINIT_FUNC PyInit__native() {
    return cjsim::guarded([] {
        cjsim::Ref module = cjsim::Ref::taken(PyModule_Create(&cjsim::definition));
        cjsim::make_column_type(module.get());
        cjsim::make_verb_type(module.get());
        cjsim::checked_status(
            PyModule_AddStringConstant(module.get(), "SOURCES", CJSIM_SOURCES));
        return module.release();
    });
}
