#include "simulation.hpp"

#include "random_streams.hpp"

namespace cjsim {

SimulationLayout simulation_class;
BranchLayout branch_class;
MultiwayBranchLayout multiway_branch_class;
StageLayout stage_class;
DutyLayout duty_class;
ChannelLayout channel_class;
PopulationLayout population_class;

namespace {

PyObject* stage_minutes_method(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[3];
        arguments_by_place("minutes", {"area", "group", "deviate"}, 3, given, count, nullptr,
                           by_place);
        return new_long(stage_minutes(self, as_long(by_place[0]), as_long(by_place[1]),
                                      as_double(by_place[2])));
    });
}

Twin minutes_twin{stage_class, "minutes", fastcall(stage_minutes_method), METH_FASTCALL};

}  // namespace

long stage_minutes(PyObject* stage, long area, long group, double deviate) {
    const double length = length_at(item(stage_class.laws.of(stage), area), deviate);
    return rounded(length * as_double(item(stage_class.factors.of(stage), group)));
}

}  // namespace cjsim
