#include "victim_contact.hpp"

#include <algorithm>

#include "attributes.hpp"
#include "case.hpp"
#include "environment.hpp"
#include "event_log.hpp"
#include "random_streams.hpp"
#include "resources.hpp"
#include "simulation.hpp"
#include "working_time.hpp"

namespace cjsim {

ContactLayout contact_class;
ContactTaskLayout contact_task;

namespace {

constexpr long AT_ONCE = 0, FIRST = 1, LAST = 2;

PyObject* const IN_TIME = word("in_time");
PyObject* const LATE = word("late");
PyObject* const MISSED = word("missed");
PyObject* const LAPSED = word("lapsed");
PyObject* const CONTACT_IN_TIME = word("contact_in_time");
PyObject* const CONTACT_LATE = word("contact_late");
PyObject* const CONTACT_MISSED = word("contact_missed");
PyObject* const CHASING_CALL = word("chasing_call");
PyObject* const SUPPORT_GIVEN = word("support_given");
PyObject* const PER_MONTH = word("per_month");
PyObject* const TRIAL_IS_OVER = word("trial_is_over");

// --- how far the victim is with the prosecution ----------------------------------------------------

double move_for(PyObject* simulation, PyObject* move) {
    return as_double(value_at(simulation_class.engagement.of(simulation), move).get());
}

double unbounded(PyObject* contact, PyObject* subject, PyObject* simulation) {
    const long minutes = minute_of(simulation_class.env.of(simulation)) -
                         attributes.arrived.number(subject);
    const double months = static_cast<double>(minutes) / (DAYS_A_MONTH * MINUTES_A_DAY);
    return contact_class.level.real(contact) + move_for(simulation, PER_MONTH) * months;
}

double from_0_to_1(double value) { return value < 0.0 ? 0.0 : value > 1.0 ? 1.0 : value; }

void move(PyObject* contact, double by) {
    PyObject* subject = attributes.check(contact_class.subject.of(contact));
    const double before = unbounded(contact, subject, simulation_of(subject));
    const double then = from_0_to_1(before) + by;
    const double change = from_0_to_1(then) - before;
    contact_class.level.set_real(contact, contact_class.level.real(contact) + change);
}

bool is_word(PyObject* text, PyObject* known) {
    return text == known || PyUnicode_Compare(text, known) == 0;
}

bool contains(PyObject* set, PyObject* value) {
    const int there = PySet_Contains(set, value);
    checked_status(there);
    return there != 0;
}

void was_made(PyObject* contact, PyObject* activity, PyObject* result) {
    PyObject* simulation = simulation_of(attributes.check(contact_class.subject.of(contact)));
    const bool missed = is_word(result, MISSED);
    if (!missed)
        contact_class.last.set_number(contact, minute_of(simulation_class.env.of(simulation)));
    PyObject* codes = codes_class.check(simulation_class.codes.of(simulation));
    PyObject* by = missed                        ? CONTACT_MISSED
                   : is_word(result, IN_TIME)    ? CONTACT_IN_TIME
                                                 : CONTACT_LATE;
    if (contains(codes_class.chasing.of(codes), activity))
        by = CHASING_CALL;
    else if (!missed && contains(codes_class.support.of(codes), activity))
        by = SUPPORT_GIVEN;
    move(contact, move_for(simulation, by));
}

// --- a victim who hears nothing ---------------------------------------------------------------------

PyObject* const SILENCE = word("silence_before_chasing_days");
PyObject* const RINGS_IN = word("rings_in_when_not_told");
PyObject* const CHASING_DUTY = word("chasing_duty");
PyObject* const TELL = word("tell");

// Minutes without any news after which a victim thinks of ringing in.
long silence(PyObject* simulation) {
    const double days = as_double(value_at(simulation_class.limits.of(simulation), SILENCE).get());
    return rounded(days * MINUTES_A_DAY);
}

PyObject* contact_listen(PyObject* self, PyObject*);
PyMethodDef listen_definition{"_listen", contact_listen, METH_NOARGS, nullptr};

void wait_for_news(PyObject* contact, PyObject* simulation) {
    PyObject* env = simulation_class.env.of(simulation);
    const long until = contact_class.last.number(contact) + silence(simulation);
    Ref method = Ref::taken(bound(listen_definition, contact));
    after(env, std::max(until - minute_of(env), 0L), method.get());
}

PyObject* contact_wait_for_news(PyObject* self, PyObject*) {
    return guarded([&] {
        wait_for_news(self, simulation_of(attributes.check(contact_class.subject.of(self))));
        return Py_NewRef(Py_None);
    });
}

PyObject* contact_listen(PyObject* self, PyObject*) {
    return guarded([&] {
        PyObject* subject = attributes.check(contact_class.subject.of(self));
        if (attributes.ended_at.number(subject) >= 0) return Py_NewRef(Py_None);
        PyObject* simulation = simulation_of(subject);
        const long now = minute_of(simulation_class.env.of(simulation));
        if (now - contact_class.last.number(self) >= silence(simulation)) {
            if (decide(subject, RINGS_IN)) {
                Ref duty = Ref::taken(PyObject_CallMethodNoArgs(subject, CHASING_DUTY));
                Py_DECREF(checked(PyObject_CallMethodOneArg(subject, TELL, duty.get())));
            }
            contact_class.last.set_number(self, now);
        }
        wait_for_news(self, simulation);
        return Py_NewRef(Py_None);
    });
}

// --- a contact that is owed ------------------------------------------------------------------------

struct Owed {
    PyObject *subject, *simulation, *env, *duty, *pool;
};

Owed owed(PyObject* task) {
    PyObject* subject = attributes.check(contact_task.subject.of(task));
    PyObject* simulation = simulation_of(subject);
    return {subject, simulation, simulation_class.env.of(simulation),
            duty_class.check(contact_task.duty.of(task)),
            resource.check(contact_task.pool.of(task))};
}

void heard(PyObject* task, PyObject* result) {
    const Owed about = owed(task);
    if (attributes.ended_at.number(about.subject) >= 0) return;
    PyObject* contact = contact_class.check(case_class.contact.of(about.subject));
    was_made(contact, duty_class.activity.of(about.duty), result);
}

PyObject* task_heard(PyObject* self, PyObject* result) {
    return guarded([&] {
        heard(self, result);
        return Py_NewRef(Py_None);
    });
}
PyMethodDef heard_definition{"_heard", task_heard, METH_O, nullptr};

// It was sent; the victim hears of it some time after.
void deliver(PyObject* task, PyObject* channel, PyObject* result) {
    static PyObject* const partial = [] {
        Ref module = Ref::taken(PyImport_ImportModule("functools"));
        return checked(PyObject_GetAttrString(module.get(), "partial"));
    }();
    const Owed about = owed(task);
    PyObject* law = item(channel_class.delivered.of(channel),
                         attributes.area_index.number(about.subject));
    const double delay =
        length_at(law, draw(about.subject, channel_class.delivered_point.number(channel)));
    Ref method = Ref::taken(bound(heard_definition, task));
    PyObject* arguments[] = {method.get(), result};
    Ref then = Ref::taken(PyObject_Vectorcall(partial, arguments, 2, nullptr));
    after(about.env, rounded(delay), then.get());
}

void close(PyObject* task, PyObject* result, long left) {
    const Owed about = owed(task);
    PyObject* population = population_class.check(simulation_class.population.of(about.simulation));
    checked_status(PyDict_DelItem(population_class.contacts.of(population), task));
    PyObject* codes = codes_class.check(simulation_class.codes.of(about.simulation));
    const long started = contact_task.started.number(task);
    const double minutes =
        started >= 0 ? static_cast<double>(contact_task.minutes.number(task)) : 0.0;
    write_row(simulation_class.log.of(about.simulation),
              Row{attributes.number.number(about.subject), duty_class.activity.number(about.duty),
                  contact_task.occurrence.number(task), duty_class.agency.number(about.duty),
                  resource.place.number(about.pool), contact_task.entered.number(task),
                  contact_task.due.number(task), started, left, minutes, 0.0,
                  as_long(value_at(codes_class.result.of(codes), result).get()), 0});
    if (is_word(result, LAPSED)) return;
    const bool missed = is_word(result, MISSED);
    PyObject* channel = channel_class.check(contact_task.channel.of(task));
    if (!missed && PyObject_Size(channel_class.delivered.of(channel)) > 0)
        deliver(task, channel, result);
    else
        heard(task, result);
    PyObject* then = contact_task.then.of(task);
    if (then != Py_None && !missed) Py_DECREF(checked(PyObject_CallOneArg(then, about.subject)));
}

void done(PyObject* task) {
    const Owed about = owed(task);
    release(about.pool);
    const long now = minute_of(about.env);
    close(task, now <= contact_task.due.number(task) ? IN_TIME : LATE, now);
}

PyObject* task_done(PyObject* self, PyObject*) {
    return guarded([&] {
        done(self);
        return Py_NewRef(Py_None);
    });
}
PyMethodDef done_definition{"_done", task_done, METH_NOARGS, nullptr};

// Why a contact is not made any more; null if it is.
PyObject* given_up(PyObject* task, const Owed& about, long now) {
    const long due = contact_task.due.number(task);
    if (duty_class.before_trial.truth(about.duty)) {
        bool over = attributes.ended_at.number(about.subject) >= 0;
        if (!over)
            over = as_bool(
                Ref::taken(PyObject_CallMethodNoArgs(about.subject, TRIAL_IS_OVER)).get());
        if (over) return now > due ? MISSED : LAPSED;
    }
    if (now <= due) return nullptr;
    const long last =
        end_of_working_day_after(simulation_class.calendar.of(about.simulation), due,
                                 duty_class.give_up_days.number(about.duty));
    return now > last ? MISSED : nullptr;
}

void turn_to(PyObject* task) {
    const Owed about = owed(task);
    const long priority = duty_class.answered_first.truth(about.duty) ? AT_ONCE
                          : owed_enhanced_service(about.subject)      ? FIRST
                                                                      : LAST;
    if (request_for(about.pool, task, priority)) contact_task_has_its_turn(task);
}

PyObject* task_turn_to(PyObject* self, PyObject*) {
    return guarded([&] {
        turn_to(self);
        return Py_NewRef(Py_None);
    });
}
PyMethodDef turn_to_definition{"_turn_to", task_turn_to, METH_NOARGS, nullptr};

// What a new contact is about; `since` is the minute from which it has been owed.
void begin(PyObject* task, PyObject* subject, PyObject* duty, PyObject* since, PyObject* then) {
    attributes.check(subject);
    duty_class.check(duty);
    PyObject* simulation = simulation_of(subject);
    PyObject* env = simulation_class.env.of(simulation);
    const long area = attributes.area_index.number(subject);
    contact_task.subject.set(task, subject);
    contact_task.duty.set(task, duty);
    contact_task.pool.set(task, item(duty_class.pools.of(duty), area));
    const long now = minute_of(env);
    const long entered = since == nullptr || since == Py_None ? now : as_long(since);
    contact_task.entered.set_number(task, entered);
    const long point = duty_class.point.number(duty);
    contact_task.occurrence.set_number(task, occurrence_of(subject, point));
    contact_task.then.set(task, then == nullptr ? Py_None : then);
    Ref channel_there =
        value_at(duty_class.channels.of(duty), attributes.contact_channel.of(subject));
    PyObject* channel = channel_class.check(channel_there.get());
    contact_task.channel.set(task, channel);
    const double length = length_at(item(duty_class.laws.of(duty), area), draw(subject, point));
    contact_task.minutes.set_number(task,
                                    rounded(length * channel_class.contact_length.real(channel)));
    contact_task.started.set_number(task, NEVER);
    const Slot& days = owed_enhanced_service(subject) ? duty_class.enhanced_days : duty_class.days;
    contact_task.due.set_number(
        task, end_of_working_day_after(simulation_class.calendar.of(simulation), entered,
                                       days.number(duty)));
    PyObject* population = population_class.check(simulation_class.population.of(simulation));
    checked_status(PyDict_SetItem(population_class.contacts.of(population), task, Py_None));
    long turnaround =
        rounded(length_at(item(duty_class.turnaround.of(duty), area),
                          draw(subject, duty_class.turnaround_point.number(duty))));
    PyObject* arranged = channel_class.arranged.of(channel);
    if (PyObject_Size(arranged) > 0 && !duty_class.answered_first.truth(duty))
        turnaround += rounded(length_at(
            item(arranged, area), draw(subject, channel_class.arranged_point.number(channel))));
    turnaround -= now - entered;
    if (turnaround > 0) {
        Ref method = Ref::taken(bound(turn_to_definition, task));
        after(env, turnaround, method.get());
    } else {
        turn_to(task);
    }
}

// --- the methods ------------------------------------------------------------------------------------

PyObject* contact_move(PyObject* self, PyObject* by) {
    return guarded([&] {
        move(self, as_double(by));
        return Py_NewRef(Py_None);
    });
}

PyObject* contact_engagement(PyObject* self, PyObject*) {
    return guarded([&] {
        PyObject* subject = attributes.check(contact_class.subject.of(self));
        return checked(
            PyFloat_FromDouble(from_0_to_1(unbounded(self, subject, simulation_of(subject)))));
    });
}

PyObject* contact_was_made(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("was_made", {"activity", "result"}, 2, given, count, nullptr, by_place);
        was_made(self, by_place[0], by_place[1]);
        return Py_NewRef(Py_None);
    });
}

PyObject* task_init(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[4];
        arguments_by_place("ContactTask", {"case", "duty", "since", "then"}, 2, given, count, names,
                           by_place);
        begin(self, by_place[0], by_place[1], by_place[2], by_place[3]);
        return Py_NewRef(Py_None);
    });
}

PyObject* task_succeed(PyObject* self, PyObject*) {
    return guarded([&] {
        contact_task_has_its_turn(self);
        return Py_NewRef(Py_None);
    });
}

PyObject* task_close(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("_close", {"result", "left"}, 2, given, count, nullptr, by_place);
        close(self, by_place[0], as_long(by_place[1]));
        return Py_NewRef(Py_None);
    });
}

Twin move_twin{contact_class, "move", contact_move, METH_O};
Twin engagement_twin{contact_class, "engagement", contact_engagement, METH_NOARGS};
Twin was_made_twin{contact_class, "was_made", fastcall(contact_was_made), METH_FASTCALL};
Twin wait_for_news_twin{contact_class, "_wait_for_news", contact_wait_for_news, METH_NOARGS};
Twin listen_twin{contact_class, "_listen", contact_listen, METH_NOARGS};
Twin init_twin{contact_task, "__init__", with_names(task_init), METH_FASTCALL | METH_KEYWORDS};
Twin turn_to_twin{contact_task, "_turn_to", task_turn_to, METH_NOARGS};
Twin succeed_twin{contact_task, "succeed", task_succeed, METH_NOARGS};
Twin done_twin{contact_task, "_done", task_done, METH_NOARGS};
Twin close_twin{contact_task, "_close", fastcall(task_close), METH_FASTCALL};
Twin heard_twin{contact_task, "_heard", task_heard, METH_O};

}  // namespace

void contact_task_has_its_turn(PyObject* task) {
    const Owed about = owed(task);
    const long now = minute_of(about.env);
    PyObject* why_not = given_up(task, about, now);
    if (why_not != nullptr) {
        release(about.pool);
        close(task, why_not, now);
        return;
    }
    const Span span =
        span_of_work(resource.hours.of(about.pool), now, contact_task.minutes.number(task));
    contact_task.started.set_number(task, span.start);
    Ref method = Ref::taken(bound(done_definition, task));
    after(about.env, span.end - now, method.get());
}

void owe_contact(PyObject* subject, PyObject* duty, PyObject* then) {
    Ref task = Ref::taken(contact_task.type->tp_alloc(contact_task.type, 0));
    begin(task.get(), subject, duty, nullptr, then);
}

}  // namespace cjsim
