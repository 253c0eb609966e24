// Working days and opening hours: the twin of cjsim/des/working_time.py.
#pragma once
#include "python.hpp"

namespace cjsim {

constexpr long MINUTES_A_DAY = 24 * 60;
constexpr double DAYS_A_MONTH = 365.25 / 12;
constexpr long NEVER = -1;

struct CalendarLayout : Layout {
    CalendarLayout() : Layout("cjsim.des.working_time.Calendar") {}
    Slot working_days{*this, "_working_days"}, working_days_by{*this, "_working_days_by"};
};
struct OpenHoursLayout : Layout {
    OpenHoursLayout() : Layout("cjsim.des.working_time.OpenHours") {}
    Slot opens{*this, "opens"}, length{*this, "length"}, open_days{*this, "open_days"},
        before{*this, "_before"}, is_open{*this, "_is_open"};
};

extern CalendarLayout calendar_class;
extern OpenHoursLayout open_hours;

struct Span {
    long start, end;
};

// The last minute of the n-th working day after the day that a minute falls in.
long end_of_working_day_after(PyObject* calendar, long minute, long working_days);
// When work that is ready at a minute starts and ends; `hours` may be None, which is all day.
Span span_of_work(PyObject* hours, long minute, long minutes);

}  // namespace cjsim
