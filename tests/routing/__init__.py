"""Random packages through the planner under the Board's rules: what makes them, what must hold, and `make fuzz`."""
