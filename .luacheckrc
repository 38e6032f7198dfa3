std = "lua51"
read_globals = { "redis", "cjson", "KEYS", "ARGV" }
max_line_length = 125
-- Fragments are joined into scripts: their locals are used there.
files["lua/include"] = { unused = false }
-- What a script includes cannot be seen here; tests/house holds the joined scripts against the same rules.
files["lua/*.lua"] = { globals = {}, read_globals = { "SECTIONS", "OPENING", "find", "sub", "match", "concat", "whole", "is_less", "find_head", "find_section", "section_time",
  "section_fields", "sequence_of", "insert_section", "fault_of_patch", "compare_whole", "merge_by_name", "add_news",
  "replacing_patch", "answer_again", "answer_kept", "take_news", "acknowledge", "fields_of", "stream" } }
