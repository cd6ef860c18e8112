"""The HTTP side: the API, health and metrics."""
