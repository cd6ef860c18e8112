"""One use case a module, over the ports."""
