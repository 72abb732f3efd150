"""What the screens show, as plain Python: live lists, indexes, tables, filters. Nothing here knows of a terminal."""
