"""Testing claims: can one size of the levers, or any setting in their ranges, give what was said?"""
