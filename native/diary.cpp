#include "diary.hpp"

#include <algorithm>

#include "case.hpp"
#include "working_time.hpp"

namespace cjsim {

ListingPolicyLayout listing_policy;
ListingLayout listing_class;
DiaryLayout diary_class;

namespace {

PyObject* const CAN_COME_ON = word("can_come_on");

// A diary's sessions, its free minutes, and the case for which a date is looked for.
struct Search {
    PyObject *diary, *sessions, *free;
    bool multi_day, priority;
    long size;

    Search(PyObject* diary, bool priority)
        : diary(diary),
          sessions(sessions_class.check(diary_class.sessions.of(diary))),
          free(free_minutes.check(diary_class.free.of(diary))),
          multi_day(diary_class.multi_day.truth(diary)),
          priority(priority),
          size(PyList_GET_SIZE(sessions_class.starts.of(sessions))) {}

    // What must be free in a session; an estimate longer than the session takes all of it.
    long needed(long sitting, long minutes) const {
        const long kept = priority ? 0 : as_long(item(sessions_class.kept.of(sessions), sitting));
        return std::min(minutes + kept, as_long(item(sessions_class.bookable.of(sessions), sitting)));
    }

    long piece_of(long sitting, long minutes) const {
        return std::min(minutes, as_long(item(sessions_class.minutes.of(sessions), sitting)));
    }

    bool has_days(long sitting, long minutes) const {
        for (; minutes > 0 && sitting < size; ++sitting) {
            if (as_long(item(sessions_class.rooms.of(sessions), sitting)) == 0) continue;
            const long piece = piece_of(sitting, minutes);
            if (free_in(free, sitting) < needed(sitting, piece)) return false;
            minutes -= piece;
        }
        return true;
    }

    // Whether a session, and the days after it, have room for an estimate.
    bool fits(long sitting, long estimate) const {
        const long piece = multi_day ? piece_of(sitting, estimate) : estimate;
        return free_in(free, sitting) >= needed(sitting, piece) &&
               (piece == estimate || has_days(sitting + 1, estimate - piece));
    }

    long first_with_room(long first, long estimate) const {
        // No session can do with less than this: the search may pass over all that have not.
        long least = multi_day
                         ? std::min(estimate, diary_class.least_minutes.number(diary))
                         : estimate;
        if (!priority) least += diary_class.least_kept.number(diary);
        least = std::max(1L, std::min(least, diary_class.least_bookable.number(diary)));
        for (long sitting = first_with(free, least, first); sitting >= 0;
             sitting = first_with(free, least, sitting + 1))
            if (fits(sitting, estimate)) return sitting;
        return diary_class.last.number(diary);
    }
};

// Whether a case may use the minutes that the list keeps.
bool has_priority(PyObject* diary, PyObject* matter) {
    PyObject* policy = listing_policy.check(diary_class.policy.of(diary));
    PyObject* reasons = listing_policy.kept_for.of(policy);
    for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(reasons); ++at) {
        Ref answer = Ref::taken(PyObject_CallOneArg(PyTuple_GET_ITEM(reasons, at), matter));
        if (as_bool(answer.get())) return true;
    }
    return false;
}

bool can_come(PyObject* matter, long day, PyObject* chance) {
    Ref number = Ref::taken(PyLong_FromLong(day));
    PyObject* arguments[] = {matter, number.get(), chance};
    return as_bool(
        Ref::taken(PyObject_VectorcallMethod(CAN_COME_ON, arguments, 3, nullptr)).get());
}

// The first session with room on a day on which everybody in the case can come.
long first_that_suits(PyObject* diary, PyObject* matter, long first, long estimate) {
    PyObject* policy = listing_policy.check(diary_class.policy.of(diary));
    PyObject* chance = listing_policy.date_suits.of(policy);
    const bool all_suit = as_double(chance) >= 1.0;
    const Search search{diary, has_priority(diary, matter)};
    const long last = diary_class.last.number(diary);
    long sitting = search.first_with_room(first, estimate);
    while (!all_suit && sitting < last) {
        const long start = as_long(item(sessions_class.starts.of(search.sessions), sitting));
        if (can_come(matter, floor_division(start, MINUTES_A_DAY), chance)) break;
        sitting = search.first_with_room(sitting + 1, estimate);
    }
    return sitting;
}

PyObject* diary_first_that_suits(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[3];
        arguments_by_place("_first_that_suits", {"matter", "first", "estimate"}, 3, given, count,
                           nullptr, by_place);
        return new_long(
            first_that_suits(self, by_place[0], as_long(by_place[1]), as_long(by_place[2])));
    });
}

PyObject* diary_first_with_room(PyObject* self, Arguments given, Py_ssize_t count,
                                PyObject* names) {
    return guarded([&] {
        PyObject* by_place[3];
        arguments_by_place("_first_with_room", {"first", "estimate", "priority"}, 3, given, count,
                           names, by_place);
        const Search search{self, as_bool(by_place[2])};
        return new_long(search.first_with_room(as_long(by_place[0]), as_long(by_place[1])));
    });
}

PyObject* diary_fits(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[3];
        arguments_by_place("_fits", {"sitting", "estimate", "priority"}, 3, given, count, names,
                           by_place);
        const Search search{self, as_bool(by_place[2])};
        return PyBool_FromLong(search.fits(as_long(by_place[0]), as_long(by_place[1])));
    });
}

PyObject* diary_has_priority(PyObject* self, PyObject* matter) {
    return guarded([&] { return PyBool_FromLong(has_priority(self, matter)); });
}

Twin suits_twin{diary_class, "_first_that_suits", fastcall(diary_first_that_suits), METH_FASTCALL};
Twin with_room_twin{diary_class, "_first_with_room", with_names(diary_first_with_room),
                    METH_FASTCALL | METH_KEYWORDS};
Twin fits_twin{diary_class, "_fits", with_names(diary_fits), METH_FASTCALL | METH_KEYWORDS};
Twin priority_twin{diary_class, "_has_priority", diary_has_priority, METH_O};

}  // namespace
}  // namespace cjsim
