// The verbs of a case that take no time: the twin of cjsim/case/case.py.
#pragma once
#include "python.hpp"

namespace cjsim {

struct CaseLayout : Layout {
    CaseLayout() : Layout("cjsim.case.case.Case") {}
    Slot contact{*this, "contact"};
};

extern CaseLayout case_class;

}  // namespace cjsim
