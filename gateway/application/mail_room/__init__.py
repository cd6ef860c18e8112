"""The mail room: what is gathered for carriers, closed into manifests, handed over."""
