"""The papers, and every text a person reads, in English and French."""
