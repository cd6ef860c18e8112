"""The revisions. Each is frozen once released: a change of shape is a new one."""
