"""Programs that a measurement starts as processes of their own. Each is told what to do by lines of JSON."""
