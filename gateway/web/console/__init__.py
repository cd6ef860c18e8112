"""The staff's console: a folder for each page, with its routes and templates; its tests stand in tests/web/console."""
