std = "lua51"
read_globals = { "redis", "cjson", "KEYS", "ARGV" }
max_line_length = 125
-- Fragments are joined into scripts: their locals are used there.
files["lua/include"] = { unused = false }
-- What a script includes cannot be seen here; tests/house holds the joined scripts against the same rules.
files["lua/*.lua"] = { globals = {}, read_globals = { "RANK", "SECTIONS", "find_section", "section_time", "merge_section", "replacing_patch", "overlay", "bump", "whole" } }
