"""All that creates, replaces or deletes a file: nothing else in cjsim does."""
