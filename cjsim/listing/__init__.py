"""Court listing: diaries, court days, hearing slots, sitting calendars, sessions, advocates."""
