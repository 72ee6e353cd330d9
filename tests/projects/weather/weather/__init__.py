"""Tomorrow's temperature at every station, from a few days of readings."""
