#include "working_time.hpp"

#include <algorithm>

namespace cjsim {

CalendarLayout calendar_class;
OpenHoursLayout open_hours;

namespace {

long worked_by(PyObject* hours, long minute) {
    const long day = floor_division(minute, MINUTES_A_DAY);
    const long offset = minute - day * MINUTES_A_DAY;
    const long before = as_long(item(open_hours.before.of(hours), day));
    if (!as_bool(item(open_hours.is_open.of(hours), day))) return before;
    const long open_so_far = std::max(offset - open_hours.opens.number(hours), 0L);
    return before + std::min(open_so_far, open_hours.length.number(hours));
}

PyObject* calendar_end_of_working_day(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("end_of_working_day_after", {"minute", "working_days"}, 2, given, count,
                           nullptr, by_place);
        return new_long(
            end_of_working_day_after(self, as_long(by_place[0]), as_long(by_place[1])));
    });
}

PyObject* hours_span(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("span", {"minute", "minutes"}, 2, given, count, nullptr, by_place);
        const Span span = span_of_work(self, as_long(by_place[0]), as_long(by_place[1]));
        Ref start = Ref::taken(PyLong_FromLong(span.start));
        Ref end = Ref::taken(PyLong_FromLong(span.end));
        return checked(PyTuple_Pack(2, start.get(), end.get()));
    });
}

Twin end_twin{calendar_class, "end_of_working_day_after", fastcall(calendar_end_of_working_day),
              METH_FASTCALL};
Twin span_twin{open_hours, "span", fastcall(hours_span), METH_FASTCALL};

}  // namespace

long end_of_working_day_after(PyObject* calendar, long minute, long working_days) {
    calendar_class.check(calendar);
    const long today = floor_division(minute, MINUTES_A_DAY);
    const long after = as_long(item(calendar_class.working_days_by.of(calendar), today));
    const long further = working_days > 1 ? working_days - 1 : 0;
    const long day = as_long(item(calendar_class.working_days.of(calendar), after + further));
    return day * MINUTES_A_DAY + MINUTES_A_DAY - 1;
}

Span span_of_work(PyObject* hours, long minute, long minutes) {
    if (hours == Py_None) return {minute, minute + minutes};
    open_hours.check(hours);
    const long opens = open_hours.opens.number(hours), length = open_hours.length.number(hours);
    const long today = floor_division(minute, MINUTES_A_DAY);
    const long done = minute - today * MINUTES_A_DAY - opens;
    if (as_bool(item(open_hours.is_open.of(hours), today)) && done >= 0 && done + minutes <= length)
        return {minute, minute + minutes};
    const long worked = worked_by(hours, minute);
    PyObject* open_days = open_hours.open_days.of(hours);
    long day = floor_division(worked, length), offset = worked - day * length;
    const long start =
        std::max(minute, as_long(item(open_days, day)) * MINUTES_A_DAY + opens + offset);
    if (minutes == 0) return {start, start};
    const long last = worked + minutes - 1;
    day = floor_division(last, length);
    offset = last - day * length;
    return {start, as_long(item(open_days, day)) * MINUTES_A_DAY + opens + offset + 1};
}

}  // namespace cjsim
