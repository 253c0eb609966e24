#include "event_log.hpp"

#include <cstring>
#include <limits>

namespace cjsim {

LogLayout log_class;
CodesLayout codes_class;

namespace {

PyObject* const ROW = word("row");
PyObject* const FLUSH = word("_flush_events");

#pragma pack(push, 1)
struct Packed {  // struct.Struct("<iiiiiffhhhBBB")
    int32_t case_id, queued_at, due_at, started_at, ended_at;
    float minutes, planned_minutes;
    int16_t occurrence, place, activity;
    uint8_t agency, result, reason;
};
#pragma pack(pop)
static_assert(sizeof(Packed) == 37);

template <typename Number>
Number fitting(long value) {
    if (value < std::numeric_limits<Number>::min() || value > std::numeric_limits<Number>::max()) {
        PyErr_Format(PyExc_OverflowError, "%ld does not fit into its column of the event log",
                     value);
        throw PythonError{};
    }
    return static_cast<Number>(value);
}

void pack(PyObject* log, const Row& row) {
    const Packed packed{
        fitting<int32_t>(row.case_id),    fitting<int32_t>(row.queued_at),
        fitting<int32_t>(row.due_at),     fitting<int32_t>(row.started_at),
        fitting<int32_t>(row.ended_at),   static_cast<float>(row.minutes),
        static_cast<float>(row.planned_minutes), fitting<int16_t>(row.occurrence),
        fitting<int16_t>(row.place),      fitting<int16_t>(row.activity),
        fitting<uint8_t>(row.agency),     fitting<uint8_t>(row.result),
        fitting<uint8_t>(row.reason),
    };
    PyObject* buffer = log_class.buffer.of(log);
    const long at = log_class.at.number(log);
    const long end = at + static_cast<long>(sizeof(Packed));
    if (!PyByteArray_CheckExact(buffer) || at < 0 || end > PyByteArray_GET_SIZE(buffer)) {
        PyErr_SetString(PyExc_IndexError, "the buffer of the event log is full");
        throw PythonError{};
    }
    std::memcpy(PyByteArray_AS_STRING(buffer) + at, &packed, sizeof packed);
    log_class.at.set_number(log, end);
    if (end == log_class.end.number(log))
        Py_DECREF(checked(PyObject_CallMethodNoArgs(log, FLUSH)));
}

PyObject* log_row(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[13];
        arguments_by_place("row",
                           {"case_id", "activity", "occurrence", "agency", "place", "queued_at",
                            "due_at", "started_at", "ended_at", "minutes", "planned_minutes",
                            "result", "reason"},
                           13, given, count, names, by_place);
        const auto number = [&](int place) { return as_long(by_place[place]); };
        pack(self, Row{number(0), number(1), number(2), number(3), number(4), number(5), number(6),
                       number(7), number(8), as_double(by_place[9]), as_double(by_place[10]),
                       number(11), number(12)});
        return Py_NewRef(Py_None);
    });
}

Twin row_twin{log_class, "row", with_names(log_row), METH_FASTCALL | METH_KEYWORDS};

}  // namespace

void write_row(PyObject* log, const Row& row) {
    if (log_class.is(log)) {
        pack(log, row);
        return;
    }
    // Somebody looks on: a log of another class is called as Python would.
    Ref method = attribute(log, ROW);
    Py_DECREF(checked(PyObject_CallFunction(
        method.get(), "lllllllllddll", row.case_id, row.activity, row.occurrence, row.agency,
        row.place, row.queued_at, row.due_at, row.started_at, row.ended_at, row.minutes,
        row.planned_minutes, row.result, row.reason)));
}

}  // namespace cjsim
