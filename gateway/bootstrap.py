"""The composition root: the only place that joins the parts."""
