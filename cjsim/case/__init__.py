"""A case: its attributes, activities, custody, attendance at court and contact with the victim."""
