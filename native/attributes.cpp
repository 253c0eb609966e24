#include "attributes.hpp"

#include "random_streams.hpp"
#include "simulation.hpp"

namespace cjsim {

AttributesLayout attributes;

namespace {

// Python's power of a positive number, to which C's is equal where it is finite.
double power(PyObject* base, PyObject* exponent) {
    if (PyFloat_CheckExact(base) && PyFloat_CheckExact(exponent)) {
        const double value = PyFloat_AS_DOUBLE(base);
        if (value > 0.0 && std::isfinite(value)) {
            const double result = std::pow(value, PyFloat_AS_DOUBLE(exponent));
            if (std::isfinite(result)) return result;
        }
    }
    return as_double(Ref::taken(PyNumber_Power(base, exponent, Py_None)).get());
}

double draw_at(PyObject* subject, long point, long occurrence) {
    return draw_from(attributes.columns.of(subject), point, occurrence,
                     attributes.number.number(subject), attributes.slot.of(subject));
}

PyObject* attributes_draw(PyObject* self, PyObject* point) {
    return guarded([&] { return checked(PyFloat_FromDouble(draw(self, as_long(point)))); });
}

PyObject* attributes_count(PyObject* self, PyObject* activity) {
    return guarded([&] { return new_long(count_activity(self, as_long(activity))); });
}

PyObject* attributes_decide(PyObject* self, PyObject* branch) {
    return guarded([&] { return PyBool_FromLong(decide(self, branch)); });
}

PyObject* attributes_lasts(PyObject* self, PyObject* stage_word) {
    return guarded([&] {
        Ref stage = value_at(simulation_class.stages.of(simulation_of(self)), stage_word);
        stage_class.check(stage.get());
        const double deviate = draw(self, stage_class.point.number(stage.get()));
        return new_long(stage_minutes(stage.get(), attributes.area_index.number(self),
                                      attributes.group_index.number(self), deviate));
    });
}

PyObject* attributes_choose(PyObject* self, PyObject* choice) {
    return guarded([&] {
        Ref branch = value_at(simulation_class.multiway_branches.of(simulation_of(self)), choice);
        multiway_branch_class.check(branch.get());
        const double u = draw(self, multiway_branch_class.point.number(branch.get()));
        PyObject* bounds = item(item(multiway_branch_class.bounds.of(branch.get()),
                                     attributes.area_index.number(self)),
                                attributes.group_index.number(self));
        // As `bisect_right` finds it: the first option whose upper bound is beyond the draw.
        long low = 0, high = PyList_GET_SIZE(bounds);
        while (low < high) {
            const long middle = (low + high) / 2;
            if (u < as_double(PyList_GET_ITEM(bounds, middle)))
                high = middle;
            else
                low = middle + 1;
        }
        return checked(PySequence_GetItem(multiway_branch_class.options.of(branch.get()), low));
    });
}

Twin draw_twin{attributes, "draw", attributes_draw, METH_O};
Twin count_twin{attributes, "count", attributes_count, METH_O};
Twin decide_twin{attributes, "decide", attributes_decide, METH_O};
Twin lasts_twin{attributes, "lasts", attributes_lasts, METH_O};
Twin choose_twin{attributes, "choose", attributes_choose, METH_O};

}  // namespace

PyObject* simulation_of(PyObject* subject) {
    return simulation_class.check(attributes.simulation.of(subject));
}

long occurrence_of(PyObject* subject, long point) {
    return as_long(item(attributes.times.of(subject), point));
}

long next_occurrence(PyObject* subject, long point) {
    PyObject* times = attributes.times.of(subject);
    const long occurrence = as_long(item(times, point));
    set_item(times, point, new_long(occurrence + 1));
    return occurrence;
}

double draw(PyObject* subject, long point) {
    const long occurrence = next_occurrence(subject, point);
    return draw_at(subject, point, occurrence);
}

long count_activity(PyObject* subject, long activity) {
    return next_occurrence(subject,
                           simulation_class.points.number(simulation_of(subject)) + activity);
}

bool decide(PyObject* subject, PyObject* branch_word) {
    Ref branch = value_at(simulation_class.branches.of(simulation_of(subject)), branch_word);
    branch_class.check(branch.get());
    const long area = attributes.area_index.number(subject);
    const long group = attributes.group_index.number(subject);
    const long point = branch_class.point.number(branch.get());
    const double odds_of_group = as_double(item(item(branch_class.odds.of(branch.get()), area), group));
    const long occurrence = next_occurrence(subject, point);
    if (odds_of_group == 0.0) return false;
    double odds = odds_of_group;
    PyObject* by_victim = item(branch_class.factors.of(branch.get()), area);
    Ref factors = Ref::taken(
        PySequence_GetItem(by_victim, attributes.has_victim.truth(subject) ? 1 : 0));
    for (long at = 0; at < PyList_GET_SIZE(factors.get()); ++at) {
        PyObject* factor = item(factors.get(), at);  // a fact, its factor, its reference, numeric
        if (!PyTuple_CheckExact(factor) || PyTuple_GET_SIZE(factor) != 4) {
            PyErr_SetString(PyExc_TypeError, "a factor of a branch has four parts");
            throw PythonError{};
        }
        Ref value = attribute(subject, PyTuple_GET_ITEM(factor, 0));
        PyObject* by = PyTuple_GET_ITEM(factor, 1);
        if (as_bool(PyTuple_GET_ITEM(factor, 3))) {
            Ref beyond = Ref::taken(PyNumber_Subtract(value.get(), PyTuple_GET_ITEM(factor, 2)));
            odds *= power(by, beyond.get());
        } else if (as_bool(value.get())) {
            odds *= as_double(by);
        }
    }
    return draw_at(subject, point, occurrence) * (1.0 + odds) < odds;
}

bool owed_enhanced_service(PyObject* subject) {
    return attributes.vulnerable_victim.truth(subject) ||
           attributes.persistently_targeted.truth(subject);
}

}  // namespace cjsim
