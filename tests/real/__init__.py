"""Real programs that the tests start on free loopback ports, and servers that misbehave on demand."""
