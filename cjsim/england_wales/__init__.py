"""The jurisdiction of England and Wales: its vocabulary, its choices and its journey."""
