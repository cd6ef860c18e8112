"""`/exchange`: where recipients collect what was left for them. Plain HTML; nothing needs a script."""
