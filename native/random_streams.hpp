// Common random numbers and distributions: the twin of cjsim/des/random_streams.py.
#pragma once
#include "python.hpp"

namespace cjsim {

struct RandomStreamsLayout : Layout {
    RandomStreamsLayout() : Layout("cjsim.des.random_streams.RandomStreams") {}
    Slot key{*this, "_key"}, points{*this, "_points"}, own_key{*this, "own_key"};
};
struct DrawBlockLayout : Layout {
    DrawBlockLayout() : Layout("cjsim.des.random_streams.DrawBlock") {}
    Slot block{*this, "_block"}, kept{*this, "_kept"}, random_streams{*this, "_random_streams"},
        first{*this, "first"}, later{*this, "later"};
};
struct OwnDrawsLayout : Layout {
    OwnDrawsLayout() : Layout("cjsim.des.random_streams.OwnDraws") {}
    Slot key{*this, "_key"}, random_streams{*this, "_random_streams"};
};
struct DistributionLayout : Layout {
    DistributionLayout() : Layout("cjsim.des.random_streams.Distribution") {}
    Slot lognormal{*this, "_lognormal"}, at_once{*this, "at_once"}, cap{*this, "cap"},
        fixed{*this, "fixed"}, mean{*this, "mean"}, mu{*this, "mu"}, sigma{*this, "sigma"};
};

extern RandomStreamsLayout random_streams;
extern DrawBlockLayout draw_block;
extern OwnDrawsLayout own_draws;
extern DistributionLayout distribution;

// The draw of a case at a point: `columns` is its block, or its own draws.
double draw_from(PyObject* columns, long point, long occurrence, long number, PyObject* slot);
// A uniform draw for a case and a day.
double draw_of_day(PyObject* streams, long point, long number, long day);
// The length in minutes at a standard normal deviate.
double length_at(PyObject* law, double deviate);

void make_column_type(PyObject* module);

}  // namespace cjsim
