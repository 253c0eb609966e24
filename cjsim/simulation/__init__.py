"""What a running simulation holds: parameters, resources, arrivals, open cases."""
