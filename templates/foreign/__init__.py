"""PDF files that others made. All of this runs in the confined process alone (`templates.confined`)."""
