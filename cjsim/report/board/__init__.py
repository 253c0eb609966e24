"""The Board page: its headlines, tables and sentences, and the HTML around the charts."""
