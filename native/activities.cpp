#include "activities.hpp"

#include <algorithm>
#include <cstddef>

#include "attributes.hpp"
#include "diary.hpp"
#include "environment.hpp"
#include "event_log.hpp"
#include "resources.hpp"
#include "simulation.hpp"
#include "working_time.hpp"

namespace cjsim {

ActivitiesLayout activities;

namespace {

PyObject* const EVENT = word("event");

enum class Kind : uint8_t { work, work_before, wait, appear };
enum class State : uint8_t { fresh, in_queue, takes_time, over, told };

struct Verb {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    Kind kind;
    State state;
    bool has_until, has_rest, has_area;
    bool turn_over;  // the queue has been left, with a turn or without one
    bool has_turn;
    bool answer;     // what `work_before` and `wait` return
    PyObject* subject;  // the case
    PyObject* word;     // the stage; to appear, the listing
    PyObject* stage;
    PyObject* pool;
    PyObject* process;
    long area, until, rest;
    long entered, occurrence, minutes, start, end;
};

extern PyTypeObject verb_type;
Verb& verb_of(PyObject* object) { return *reinterpret_cast<Verb*>(object); }

// --- leaving a queue when the time is up ---------------------------------------------------------

struct GivesUp {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject* verb;
};

extern PyTypeObject gives_up_type;

// --- what the verbs do -----------------------------------------------------------------------------

struct Place {
    PyObject *subject, *simulation, *env, *stage;
};

Place place_of(Verb& verb) {
    PyObject* simulation = simulation_of(verb.subject);
    return {verb.subject, simulation, simulation_class.env.of(simulation), verb.stage};
}

void find_stage(Verb& verb) {
    Ref stage = value_at(simulation_class.stages.of(simulation_of(verb.subject)), verb.word);
    stage_class.check(stage.get());
    verb.stage = stage.release();
}

long drawn_minutes(const Verb& verb) {
    return stage_minutes(verb.stage, attributes.area_index.number(verb.subject),
                         attributes.group_index.number(verb.subject),
                         draw(verb.subject, stage_class.point.number(verb.stage)));
}

// The row of what is going on now, as far as it is known: for the end of a run.
void note_doing(const Verb& verb, PyObject* place, long left) {
    Ref occurrence = Ref::taken(PyLong_FromLong(verb.occurrence));
    Ref entered = Ref::taken(PyLong_FromLong(verb.entered));
    Ref until = Ref::taken(PyLong_FromLong(left));
    activities.doing.take(
        verb.subject,
        checked(PyTuple_Pack(6, stage_class.activity.of(verb.stage), occurrence.get(),
                             stage_class.agency.of(verb.stage), place, entered.get(), until.get())));
}

void write(const Verb& verb, long place, long started, long left, double minutes, bool done) {
    PyObject* simulation = simulation_of(verb.subject);
    PyObject* codes = codes_class.check(simulation_class.codes.of(simulation));
    write_row(simulation_class.log.of(simulation),
              Row{attributes.number.number(verb.subject), stage_class.activity.number(verb.stage),
                  verb.occurrence, stage_class.agency.number(verb.stage), place, verb.entered, NEVER,
                  started, left, minutes, 0.0,
                  (done ? codes_class.done : codes_class.limit_reached).number(codes), 0});
}

void finish(Verb& verb, bool answer) {
    verb.answer = answer;
    verb.state = State::over;
}

void write_work(Verb& verb) {
    release(verb.pool);
    activities.doing.set(verb.subject, Py_None);
    write(verb, resource.place.number(verb.pool), verb.start, verb.end,
          static_cast<double>(verb.minutes), true);
    finish(verb, true);
}

void write_no_work(Verb& verb, long now) {
    activities.doing.set(verb.subject, Py_None);
    write(verb, resource.place.number(verb.pool), NEVER, now, 0.0, false);
    finish(verb, false);
}

// There is a place in the pool: take the time that it takes.
void begin_work(Verb& verb) {
    const Place at = place_of(verb);
    const long now = minute_of(at.env);
    const Span span = span_of_work(resource.hours.of(verb.pool), now, verb.minutes);
    verb.start = span.start;
    verb.end = span.end;
    if (verb.kind == Kind::work_before && verb.end > verb.until) {
        release(verb.pool);
        write_no_work(verb, now);
        return;
    }
    activities.started.set_number(verb.subject, verb.start);
    if (verb.end > now) {
        verb.state = State::takes_time;
        after(at.env, verb.end - now, reinterpret_cast<PyObject*>(&verb));
        return;
    }
    write_work(verb);
}

void queue_for_work(Verb& verb) {
    find_stage(verb);
    const Place at = place_of(verb);
    const long area = verb.has_area ? verb.area : attributes.area_index.number(verb.subject);
    verb.pool = Py_NewRef(resource.check(item(stage_class.pools.of(verb.stage), area)));
    verb.entered = minute_of(at.env);
    verb.occurrence = occurrence_of(verb.subject, stage_class.point.number(verb.stage));
    verb.minutes = drawn_minutes(verb);
    note_doing(verb, resource.place.of(verb.pool), NEVER);
    activities.started.set_number(verb.subject, NEVER);
    PyObject* self = reinterpret_cast<PyObject*>(&verb);
    const bool bounded = verb.kind == Kind::work_before;
    const long priority = bounded || attributes.in_custody.truth(verb.subject) ? 0 : 1;
    if (request_for(verb.pool, self, priority)) {
        begin_work(verb);
        return;
    }
    verb.state = State::in_queue;
    if (bounded) {
        GivesUp* gives_up = PyObject_GC_New(GivesUp, &gives_up_type);
        Ref callable = Ref::taken(reinterpret_cast<PyObject*>(gives_up));
        gives_up->vectorcall = nullptr;
        gives_up->verb = Py_NewRef(self);
        gives_up->vectorcall = [](PyObject* called, PyObject* const*, std::size_t,
                                  PyObject*) -> PyObject* {
            return guarded([&] {
                PyObject* waiting = reinterpret_cast<GivesUp*>(called)->verb;
                Verb& one = verb_of(waiting);
                if (!one.turn_over) {
                    one.turn_over = true;
                    after(resource.env.of(one.pool), 0, waiting);
                }
                return Py_NewRef(Py_None);
            });
        };
        PyObject_GC_Track(callable.get());
        after(at.env, std::max(verb.until - verb.entered, 0L), callable.get());
    }
}

// Let time pass that nobody works on.
void pass_time(Verb& verb) {
    find_stage(verb);
    const Place at = place_of(verb);
    verb.entered = minute_of(at.env);
    const long point = stage_class.point.number(verb.stage);
    verb.occurrence = occurrence_of(verb.subject, point);
    long rest = verb.rest;
    if (verb.has_rest)
        next_occurrence(verb.subject, point);
    else
        rest = drawn_minutes(verb);
    verb.end = verb.entered + rest;
    verb.answer = !verb.has_until || verb.end <= verb.until;
    if (!verb.answer) verb.end = std::max(verb.entered, verb.until);
    if (verb.end > verb.entered) {
        Ref nowhere = Ref::taken(PyLong_FromLong(0));
        note_doing(verb, nowhere.get(), verb.end);
        activities.started.set_number(verb.subject, verb.entered);
        verb.state = State::takes_time;
        after(at.env, verb.end - verb.entered, reinterpret_cast<PyObject*>(&verb));
        return;
    }
    write(verb, 0, verb.entered, verb.end, 0.0, verb.answer);
    finish(verb, verb.answer);
}

// Wait for the day of a hearing and its end.
void appear(Verb& verb) {
    PyObject* listing = listing_class.check(verb.word);
    PyObject* env = simulation_class.env.of(simulation_of(verb.subject));
    PyObject* self = reinterpret_cast<PyObject*>(&verb);
    const long left = listing_class.left.number(listing);
    const long now = minute_of(env);
    verb.state = State::takes_time;
    if (!listing_class.called.truth(listing) || left < 0) {
        Ref over = Ref::taken(PyObject_CallMethodNoArgs(env, EVENT));
        listing_class.over.set(listing, over.get());
        event_class.check(over.get());
        checked_status(PyList_Append(event_class.waiting.of(over.get()), self));
    } else if (left > now) {
        after(env, left - now, self);
    } else {
        finish(verb, true);
    }
}

void begin(Verb& verb) {
    if (verb.kind == Kind::appear)
        appear(verb);
    else if (verb.kind == Kind::wait)
        pass_time(verb);
    else
        queue_for_work(verb);
}

void let_go(Verb& verb) {
    // The pool stays: a turn that comes after the queue was left is handed on.
    Py_CLEAR(verb.subject);
    Py_CLEAR(verb.word);
    Py_CLEAR(verb.stage);
    Py_CLEAR(verb.process);
}

// --- a verb as Python sees it ----------------------------------------------------------------------

PySendResult verb_send(PyObject* self, PyObject*, PyObject** answer) {
    Verb& verb = verb_of(self);
    try {
        if (verb.state == State::fresh) begin(verb);
    } catch (const PythonError&) {
        verb.state = State::told;
        *answer = nullptr;
        return PYGEN_ERROR;
    }
    if (verb.state == State::told) {
        // As a generator that is over: it has nothing more to say.
        *answer = Py_NewRef(Py_None);
        return PYGEN_RETURN;
    }
    if (verb.state != State::over) {
        *answer = Py_NewRef(self);
        return PYGEN_NEXT;
    }
    verb.state = State::told;
    *answer = Py_NewRef(verb.kind == Kind::work || verb.kind == Kind::appear ? Py_None
                       : verb.answer                                        ? Py_True
                                                                            : Py_False);
    let_go(verb);
    return PYGEN_RETURN;
}

PyObject* as_iterator(PyObject* self, PyObject* value) {
    PyObject* answer = nullptr;
    switch (verb_send(self, value, &answer)) {
        case PYGEN_NEXT:
            return answer;
        case PYGEN_RETURN: {
            PyObject* stop = PyObject_CallOneArg(PyExc_StopIteration, answer);
            Py_DECREF(answer);
            if (stop != nullptr) {
                PyErr_SetObject(PyExc_StopIteration, stop);
                Py_DECREF(stop);
            }
            return nullptr;
        }
        default:
            return nullptr;
    }
}

PyObject* verb_next(PyObject* self) { return as_iterator(self, Py_None); }

PyObject* verb_close(PyObject* self, PyObject*) {
    verb_of(self).state = State::told;
    let_go(verb_of(self));
    Py_RETURN_NONE;
}

PyObject* verb_throw(PyObject* self, PyObject* const* given, Py_ssize_t count) {
    verb_of(self).state = State::told;
    let_go(verb_of(self));
    if (count == 0) {
        PyErr_SetString(PyExc_TypeError, "throw() needs an exception");
    } else if (PyExceptionInstance_Check(given[0])) {
        PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(given[0])), given[0]);
    } else {
        PyErr_SetObject(given[0], count > 1 ? given[1] : nullptr);
    }
    return nullptr;
}

PyObject* verb_called(PyObject* self, PyObject* const*, std::size_t, PyObject*) {
    return guarded([&] {
        verb_goes_on(self);
        return Py_NewRef(Py_None);
    });
}

PyObject* verb_succeed(PyObject* self, PyObject*) {
    return guarded([&] {
        verb_has_its_turn(self);
        return Py_NewRef(Py_None);
    });
}

int verb_traverse(PyObject* self, visitproc visit, void* arg) {
    Verb& verb = verb_of(self);
    Py_VISIT(verb.subject);
    Py_VISIT(verb.word);
    Py_VISIT(verb.stage);
    Py_VISIT(verb.pool);
    Py_VISIT(verb.process);
    return 0;
}

int verb_clear(PyObject* self) {
    let_go(verb_of(self));
    Py_CLEAR(verb_of(self).pool);
    return 0;
}

void verb_dealloc(PyObject* self) {
    PyObject_GC_UnTrack(self);
    verb_clear(self);
    PyObject_GC_Del(self);
}

PyMethodDef verb_methods[] = {
    {"send", as_iterator, METH_O, "As of a generator."},
    {"throw", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(verb_throw)), METH_FASTCALL,
     "As of a generator."},
    {"close", verb_close, METH_NOARGS, "As of a generator."},
    {"succeed", verb_succeed, METH_NOARGS, "The turn has come."},
    {nullptr, nullptr, 0, nullptr},
};

PyAsyncMethods verb_as_async = {nullptr, nullptr, nullptr, verb_send};

PyTypeObject verb_type = {
    .ob_base = PyVarObject_HEAD_INIT(nullptr, 0) .tp_name = "cjsim._native.Verb",
    .tp_basicsize = sizeof(Verb),
    .tp_dealloc = verb_dealloc,
    .tp_vectorcall_offset = offsetof(Verb, vectorcall),
    .tp_as_async = &verb_as_async,
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "A verb of a case on its way; whoever drives it sees a generator.",
    .tp_traverse = verb_traverse,
    .tp_clear = verb_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = verb_next,
    .tp_methods = verb_methods,
};

int gives_up_traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(reinterpret_cast<GivesUp*>(self)->verb);
    return 0;
}

int gives_up_clear(PyObject* self) {
    Py_CLEAR(reinterpret_cast<GivesUp*>(self)->verb);
    return 0;
}

void gives_up_dealloc(PyObject* self) {
    PyObject_GC_UnTrack(self);
    gives_up_clear(self);
    PyObject_GC_Del(self);
}

PyTypeObject gives_up_type = {
    .ob_base = PyVarObject_HEAD_INIT(nullptr, 0) .tp_name = "cjsim._native.GivesUp",
    .tp_basicsize = sizeof(GivesUp),
    .tp_dealloc = gives_up_dealloc,
    .tp_vectorcall_offset = offsetof(GivesUp, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "Leaves the queue of a pool when the time is up.",
    .tp_traverse = gives_up_traverse,
    .tp_clear = gives_up_clear,
};

// --- the methods of a case -------------------------------------------------------------------------

Ref new_verb(Kind kind, PyObject* subject, PyObject* stage_word) {
    Verb* verb = PyObject_GC_New(Verb, &verb_type);
    Ref made = Ref::taken(reinterpret_cast<PyObject*>(verb));
    verb->vectorcall = verb_called;
    verb->kind = kind;
    verb->state = State::fresh;
    verb->has_until = verb->has_rest = verb->has_area = false;
    verb->turn_over = verb->has_turn = verb->answer = false;
    verb->subject = Py_NewRef(subject);
    verb->word = Py_NewRef(stage_word);
    verb->stage = verb->pool = verb->process = nullptr;
    verb->area = verb->until = verb->rest = 0;
    verb->entered = verb->occurrence = verb->minutes = verb->start = verb->end = 0;
    PyObject_GC_Track(made.get());
    return made;
}

// An argument that may be None, or not given: whether there is a number, and which.
void read_number(PyObject* given, bool& there, long& number) {
    there = given != nullptr && given != Py_None;
    if (there) number = as_long(given);
}

PyObject* activities_work(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[2];
        arguments_by_place("work", {"word", "area"}, 1, given, count, names, by_place);
        Ref made = new_verb(Kind::work, self, by_place[0]);
        Verb& verb = verb_of(made.get());
        read_number(by_place[1], verb.has_area, verb.area);
        return made.release();
    });
}

PyObject* activities_work_before(PyObject* self, Arguments given, Py_ssize_t count,
                                 PyObject* names) {
    return guarded([&] {
        PyObject* by_place[3];
        arguments_by_place("work_before", {"word", "until", "area"}, 2, given, count, names,
                           by_place);
        Ref made = new_verb(Kind::work_before, self, by_place[0]);
        Verb& verb = verb_of(made.get());
        verb.has_until = true;
        verb.until = as_long(by_place[1]);
        read_number(by_place[2], verb.has_area, verb.area);
        return made.release();
    });
}

PyObject* activities_wait(PyObject* self, Arguments given, Py_ssize_t count, PyObject* names) {
    return guarded([&] {
        PyObject* by_place[3];
        arguments_by_place("wait", {"word", "until", "rest"}, 1, given, count, names, by_place);
        Ref made = new_verb(Kind::wait, self, by_place[0]);
        Verb& verb = verb_of(made.get());
        read_number(by_place[1], verb.has_until, verb.until);
        read_number(by_place[2], verb.has_rest, verb.rest);
        return made.release();
    });
}

Twin work_twin{activities, "work", with_names(activities_work), METH_FASTCALL | METH_KEYWORDS};
Twin work_before_twin{activities, "work_before", with_names(activities_work_before),
                      METH_FASTCALL | METH_KEYWORDS};
Twin wait_twin{activities, "wait", with_names(activities_wait), METH_FASTCALL | METH_KEYWORDS};

}  // namespace

bool is_verb(PyObject* object) { return Py_TYPE(object) == &verb_type; }

void verb_goes_on(PyObject* object) {
    Verb& verb = verb_of(object);
    Ref self = Ref::borrowed(object);
    if (verb.state == State::in_queue) {
        if (verb.has_turn)
            begin_work(verb);
        else
            write_no_work(verb, minute_of(resource.env.of(verb.pool)));
    } else if (verb.state == State::takes_time) {
        if (verb.kind == Kind::appear) {
            finish(verb, true);
        } else if (verb.kind == Kind::wait) {
            activities.doing.set(verb.subject, Py_None);
            write(verb, 0, verb.entered, verb.end, 0.0, verb.answer);
            finish(verb, verb.answer);
        } else {
            write_work(verb);
        }
    }
    if (verb.state != State::over) return;
    if (verb.process == nullptr) {
        PyErr_SetString(PyExc_RuntimeError, "a verb of a case has to be driven by a process");
        throw PythonError{};
    }
    Ref process = Ref::taken(std::exchange(verb.process, nullptr));
    process_goes_on(process.get(), Py_None);
}

void verb_has_its_turn(PyObject* object) {
    Verb& verb = verb_of(object);
    if (verb.turn_over) {
        // Whoever has left the queue hands the turn on.
        release(verb.pool);
        return;
    }
    verb.turn_over = verb.has_turn = true;
    after(resource.env.of(verb.pool), 0, object);
}

PyObject* verb_that_appears(PyObject* subject, PyObject* listing) {
    return new_verb(Kind::appear, subject, listing_class.check(listing)).release();
}

void verb_belongs_to(PyObject* object, PyObject* process) {
    Verb& verb = verb_of(object);
    Py_XSETREF(verb.process, Py_NewRef(process));
}

void make_verb_type(PyObject*) {
    checked_status(PyType_Ready(&verb_type));
    checked_status(PyType_Ready(&gives_up_type));
}

}  // namespace cjsim
