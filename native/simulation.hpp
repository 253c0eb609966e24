// What a running case can reach: the slots of cjsim/simulation and of its compiled parameters.
#pragma once
#include "python.hpp"

namespace cjsim {

struct SimulationLayout : Layout {
    SimulationLayout() : Layout("cjsim.simulation.simulation.Simulation") {}
    Slot env{*this, "env"}, log{*this, "log"}, codes{*this, "codes"}, stages{*this, "stages"},
        branches{*this, "branches"}, multiway_branches{*this, "multiway_branches"},
        duties{*this, "duties"}, engagement{*this, "engagement"}, limits{*this, "limits"},
        calendar{*this, "calendar"}, population{*this, "population"}, points{*this, "points"},
        random_streams{*this, "random_streams"}, date_suits{*this, "date_suits"},
        vocabulary{*this, "vocabulary"}, hearings{*this, "hearings"},
        case_tracker{*this, "case_tracker"};
};
struct BranchLayout : Layout {
    BranchLayout() : Layout("cjsim.simulation.parameters.CompiledBranch") {}
    Slot factors{*this, "factors"}, odds{*this, "odds"}, point{*this, "point"};
};
struct MultiwayBranchLayout : Layout {
    MultiwayBranchLayout() : Layout("cjsim.simulation.parameters.CompiledMultiwayBranch") {}
    Slot bounds{*this, "bounds"}, options{*this, "options"}, point{*this, "point"};
};
struct StageLayout : Layout {
    StageLayout() : Layout("cjsim.simulation.parameters.CompiledStage") {}
    Slot activity{*this, "activity"}, agency{*this, "agency"}, factors{*this, "factors"},
        laws{*this, "laws"}, point{*this, "point"}, pools{*this, "pools"};
};
struct DutyLayout : Layout {
    DutyLayout() : Layout("cjsim.simulation.parameters.CompiledDuty") {}
    Slot activity{*this, "activity"}, agency{*this, "agency"},
        answered_first{*this, "answered_first"}, before_trial{*this, "before_trial"},
        channels{*this, "channels"}, days{*this, "days"}, enhanced_days{*this, "enhanced_days"},
        give_up_days{*this, "give_up_days"}, laws{*this, "laws"},
        owed_to_witnesses{*this, "owed_to_witnesses"}, point{*this, "point"},
        pools{*this, "pools"}, self_service{*this, "self_service"},
        turnaround{*this, "turnaround"}, turnaround_point{*this, "turnaround_point"};
};
struct ChannelLayout : Layout {
    ChannelLayout() : Layout("cjsim.simulation.contact_channels.CompiledChannel") {}
    Slot arranged{*this, "arranged"}, arranged_point{*this, "arranged_point"},
        contact_length{*this, "contact_length"}, delivered{*this, "delivered"},
        delivered_point{*this, "delivered_point"};
};
struct PopulationLayout : Layout {
    PopulationLayout() : Layout("cjsim.simulation.population.Population") {}
    Slot contacts{*this, "contacts"};
};

extern SimulationLayout simulation_class;
extern BranchLayout branch_class;
extern MultiwayBranchLayout multiway_branch_class;
extern StageLayout stage_class;
extern DutyLayout duty_class;
extern ChannelLayout channel_class;
extern PopulationLayout population_class;

// How long a stage takes in a division and for an offence group, at a standard normal deviate.
long stage_minutes(PyObject* stage, long area, long group, double deviate);

}  // namespace cjsim
