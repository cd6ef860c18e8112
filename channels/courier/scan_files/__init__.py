"""Files of scans: our mail room's list, a carrier's list, and Canada Post's tracking detail. One module a form, each
strict: a file with a fault in one place is refused whole, with the place."""
