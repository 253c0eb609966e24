// Dates in a court's diary: the twin of the search in cjsim/listing/diary.py.
#pragma once
#include "python.hpp"

namespace cjsim {

struct FreeMinutesLayout : Layout {
    FreeMinutesLayout() : Layout("cjsim.listing.sessions.FreeMinutes") {}
    Slot size{*this, "size"}, tree{*this, "_tree"};
};
struct SessionsLayout : Layout {
    SessionsLayout() : Layout("cjsim.listing.sessions.Sessions") {}
    Slot starts{*this, "starts"}, rooms{*this, "rooms"}, minutes{*this, "minutes"},
        bookable{*this, "bookable"}, kept{*this, "kept"};
};
struct ListingPolicyLayout : Layout {
    ListingPolicyLayout() : Layout("cjsim.listing.hearing_slot.ListingPolicy") {}
    Slot date_suits{*this, "date_suits"}, kept_for{*this, "kept_for"};
};
struct ListingLayout : Layout {
    ListingLayout() : Layout("cjsim.listing.hearing_slot.Listing") {}
    Slot called{*this, "called"}, left{*this, "left"}, over{*this, "over"};
};
struct DiaryLayout : Layout {
    DiaryLayout() : Layout("cjsim.listing.diary.Diary") {}
    Slot env{*this, "env"}, free{*this, "free"}, last{*this, "_last"},
        least_bookable{*this, "_least_bookable"}, least_kept{*this, "_least_kept"},
        least_minutes{*this, "_least_minutes"}, multi_day{*this, "multi_day"},
        policy{*this, "policy"}, sessions{*this, "sessions"};
};

extern FreeMinutesLayout free_minutes;
extern SessionsLayout sessions_class;
extern ListingPolicyLayout listing_policy;
extern ListingLayout listing_class;
extern DiaryLayout diary_class;

// The minutes still free in a session, and the first session from `start` on with so many, or -1.
long free_in(PyObject* free, long session);
long first_with(PyObject* free, long minutes, long start);

}  // namespace cjsim
