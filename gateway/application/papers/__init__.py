"""The papers of each delivery, as they are drawn, sealed and put into an envelope."""
