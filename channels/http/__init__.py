"""HTTP as the house speaks it to others. No channel by itself."""
