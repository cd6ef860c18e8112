"""The API and what operators ask, in process over a real home, and the server as a process."""
