// Pools with their queues: the twin of cjsim/des/resources.py.
#pragma once
#include "python.hpp"

namespace cjsim {

struct ResourceLayout : Layout {
    ResourceLayout() : Layout("cjsim.des.resources.Resource") {}
    Slot env{*this, "env"}, capacity{*this, "capacity"}, busy{*this, "busy"},
        queues{*this, "_queues"}, first{*this, "_first"}, waking{*this, "_waking"},
        hours{*this, "hours"}, place{*this, "place"};
};

extern ResourceLayout resource;

// Take a place for a waiter: true if there is one now; otherwise it succeeds when its turn comes.
bool request_for(PyObject* pool, PyObject* waiter, long priority);
void release(PyObject* pool);

}  // namespace cjsim
