"""What a file may say, what is measured and what the commands do, told from the code itself."""
