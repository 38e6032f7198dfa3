-- How a stored contract is read and cut.
--
-- A contract is canonical JSON: identity first, then "v" and "ts", then flat sections in a fixed order. So a member ends at
-- the next comma, a section at the next brace, and whatever a script does not name keeps its bytes. cjson is never used on
-- contracts: it keeps 14 digits, and turns [] into {}.
--
-- A patch is flat members as well, and null takes a member away. Nearly always a section and its patch are whole: all their
-- members, in the order below. Then one pattern takes each apart (`compare_whole`). Anything else, such as a few members,
-- nulls, or members that a foreign writer added, is merged name by name (`merge_by_name`). Both come to the same.
--
-- News is what changed in a section, as the feed has it: `,"quote":{"bid":1.7,"ts":1795449600123}`.

local byte, find, sub, match, gmatch = string.byte, string.find, string.sub, string.match, string.gmatch
local concat = table.concat

local SECTIONS = { 'quote', 'trade', 'day', 'greeks' }
local OPENING = { quote = ',"quote":{', trade = ',"trade":{', day = ',"day":{', greeks = ',"greeks":{' }
local MEMBERS = {
  quote = { 'bid', 'ask', 'mid', 'bid_size', 'ask_size', 'ts' },
  trade = { 'price', 'size', 'exchange', 'ts' },
  day = { 'open', 'high', 'low', 'close', 'volume', 'vwap', 'previous_close', 'change', 'change_percent', 'ts' },
  greeks = { 'iv', 'delta', 'gamma', 'theta', 'vega', 'source', 'absent', 'ts' },
}
local SELDOM = { absent = true } -- no part of a whole section
local TEXTS = { source = '^"%l+"$', absent = '^"[%w _-]+"$' }

-- Whole numbers only, up to 15 digits: Lua 5.1 would print a time in ms as 1.795e+12.
local function whole(number)
  return string.format('%.0f', number)
end

-- Whether one row of digits is the smaller number, at any length.
local function is_less(digits, other)
  if #digits ~= #other then
    return #digits < #other
  end
  return digits < other
end

-- The version and time of a contract as text, where their digits begin, and what comes behind them.
local function find_head(contract)
  local _, last = find(contract, ',"v":', 1, true)
  while last do
    local v, ts, after = match(contract, '^(%d+),"ts":(%d+)()', last + 1)
    if v then
      return v, ts, last + 1, after
    end
    _, last = find(contract, ',"v":', last, true)
  end
  return nil
end

-- Where a section's members begin and the brace behind them, or nil when the contract has no such section.
local function find_section(contract, section, from)
  local _, last = find(contract, OPENING[section], from, true)
  if not last then
    return nil
  end
  return last + 1, find(contract, '}', last, true)
end

-- The digits of a section's time, nil when it has none.
local function section_time(members)
  return match(members, '"ts":(%d+)$') or match(members, '"ts":(%d+)')
end

-- The names under which the orders of a contract's sections are kept.
local function section_fields(ticker)
  local fields = {}
  for at, section in ipairs(SECTIONS) do
    fields[at] = ticker .. '/' .. section
  end
  return fields
end

-- The digits of a sequence that was noted as `time sequence`, when it was noted for that very time.
local function sequence_of(order, time)
  local noted, sequence = match(order or '', '^(%d+) (%d+)$')
  return noted == time and sequence or nil
end

-- The contract with a section put where the order of sections wants it.
local function insert_section(contract, section, members)
  local text, behind = OPENING[section] .. members .. '}', false
  for _, other in ipairs(SECTIONS) do
    local at = behind and find(contract, OPENING[other], 1, true)
    if at then
      return sub(contract, 1, at - 1) .. text .. sub(contract, at)
    end
    behind = behind or other == section
  end
  return sub(contract, 1, -2) .. text .. '}'
end

-- What is wrong with a member's value, nil when nothing is. JSON has no leading zeros, and digits on both sides of a point.
local function fault_of_value(name, value)
  if TEXTS[name] then
    return not find(value, TEXTS[name]) and 'BADTYPE' or nil
  end
  local rest = match(value, '^%-?0(.*)$') or match(value, '^%-?[1-9]%d*(.*)$')
  if rest then
    rest = match(rest, '^%.%d+(.*)$') or rest
    rest = match(rest, '^[eE][+-]?%d+(.*)$') or rest
    if rest == '' then
      return nil
    end
  end
  local first = sub(value, 1, 1)
  if first == '{' or value == '' then
    return 'BADPATCH'
  end
  return (first == '"' or first == '[' or value == 'true' or value == 'false') and 'BADTYPE' or 'BADNUMBER'
end

-- What is wrong with a patch, nil when nothing is: every member known, of its type, once, and the time as it was announced.
local function fault_of_patch(section, time, patch)
  local known, seen = {}, {}
  for _, name in ipairs(MEMBERS[section]) do
    known[name] = true
  end
  for text in gmatch(patch .. ',', '([^,]*),') do
    local name, value = match(text, '^"([^"]*)":(.*)$')
    if not name then
      return 'BADPATCH'
    elseif not known[name] then
      return 'BADFIELD'
    elseif name == 'ts' and value ~= time then
      return 'BADTIME'
    elseif seen[name] then
      return 'BADPATCH'
    end
    local fault = value ~= 'null' and fault_of_value(name, value)
    if fault then
      return fault
    end
    seen[name] = true
  end
  return not seen.ts and 'BADTIME' or nil
end

-- Patterns of a whole section, which capture each value. In a stored one anything that is no null may be a value, and where
-- they end is captured, too; in a patch what looks like a number, or a word. A value can match in one way only: a pattern
-- that could cut the same digits here or there would try all combinations of them when a later member is missing.
local NUMBER, WORD = '(%-?%d+%f[^%d]%.?%d*)', '("%l+")'
local STORED, PATCHED, SIZE, GAPS = {}, {}, {}, {} -- a gap: what stands between two values, and one place more
local function whole_patterns(section)
  local stored, patched, gaps = {}, {}, {}
  for _, name in ipairs(MEMBERS[section]) do
    if not SELDOM[name] then
      stored[#stored + 1] = '"' .. name .. '":([^,}n]+)'
      patched[#patched + 1] = '"' .. name .. '":' .. (TEXTS[name] and WORD or NUMBER)
      gaps[#gaps + 1] = #name + #'"":,'
    end
  end
  STORED[section] = '^' .. concat(stored, ',') .. '()'
  PATCHED[section] = '^' .. concat(patched, ',') .. '$'
  SIZE[section], GAPS[section] = #stored, gaps
  return #stored
end

-- Whether every number that such a pattern found is one of JSON: none has a 0 before other digits, or ends with its point.
local function has_fair_numbers(patch)
  return not find(patch, '.,', 1, true)
    and not (find(patch, ':0', 1, true) and find(patch, ':0%d'))
    and not (find(patch, ':-0', 1, true) and find(patch, ':%-0%d'))
end

-- A whole patch beside the whole section whose members stand from `first` until before `brace`: one match of each gives all
-- values, then they are compared one by one. Returns the section's time, and the news (nil: none).
-- Returns nil when one of them is not whole, or the patch is not right: then they are to be taken name by name.
local given, stood, runs = {}, {}, {}
local function keep(list, a, b, c, d, e, f, g, h, i, j, k) -- up to ten members and an end; cheaper than a new list each time
  list[1], list[2], list[3], list[4], list[5], list[6], list[7], list[8], list[9], list[10], list[11] =
    a, b, c, d, e, f, g, h, i, j, k
end
local function compare_whole(section, contract, first, brace, patch, time)
  local size = SIZE[section] or whole_patterns(section)
  keep(given, match(patch, PATCHED[section]))
  if given[size] ~= time then
    return nil
  end
  keep(stood, match(contract, STORED[section], first))
  if stood[size + 1] ~= brace or not has_fair_numbers(patch) then
    return nil
  end
  local gaps, from, count, run = GAPS[section], 1, 0, nil
  for at = 1, size do
    local value = given[at]
    if value ~= stood[at] then
      run = run or from
    elseif run then
      count = count + 1
      runs[count], run = sub(patch, run, from - 2), nil
    end
    from = from + gaps[at] + #value
  end
  if run then
    count = count + 1
    runs[count] = run > 1 and sub(patch, run) or patch
  end
  local was = match(stood[size], '^%d+')
  if count == 0 then
    return was, nil
  end
  return was, OPENING[section] .. (count > 1 and concat(runs, ',', 1, count) or runs[1]) .. '}'
end

local function split(members)
  local names, values = {}, {}
  for name, value in gmatch(members, '"([^"]*)":([^,]+)') do
    names[#names + 1] = name
    values[name] = value
  end
  return names, values
end

local function joined(names, values)
  local members = {}
  for at, name in ipairs(names) do
    members[at] = '"' .. name .. '":' .. values[name]
  end
  return concat(members, ',')
end

-- Where a new member goes: before the first one that comes later in the order of the section.
local function place_of(name, section, names)
  local later, passed = {}, false
  for _, other in ipairs(MEMBERS[section]) do
    later[other] = passed
    passed = passed or other == name
  end
  for at, other in ipairs(names) do
    if later[other] then
      return at
    end
  end
  return #names + 1
end

-- Any patch merged into any members: what it names is replaced in its place or put where it belongs, null takes away.
-- Returns the members, and the news (nil: none).
local function merge_by_name(section, old, patch)
  local names, values = split(old)
  local patched, wanted = split(patch)
  local changed, kept = {}, {}
  for _, name in ipairs(patched) do
    local value, was = wanted[name], values[name]
    if value == 'null' and was or value ~= 'null' and value ~= was then
      changed[#changed + 1] = name
    end
    if value ~= 'null' and not was then
      table.insert(names, place_of(name, section, names), name)
    end
    values[name] = value
  end
  if #changed == 0 then
    return old, nil
  end
  for _, name in ipairs(names) do
    if wanted[name] ~= 'null' then
      kept[#kept + 1] = name
    end
  end
  return joined(kept, values), OPENING[section] .. joined(changed, wanted) .. '}'
end

-- The news of a contract with those of one more change.
local function add_news(all, section, more)
  local first, brace = find_section(all, section, 1)
  if not first then
    return all .. more
  end
  local names, values = split(sub(all, first, brace - 1)) -- the same section twice in one batch: what came second stands
  local later_names, later = split(sub(more, #OPENING[section] + 1, -2))
  for _, name in ipairs(later_names) do
    if not values[name] then
      names[#names + 1] = name
    end
    values[name] = later[name]
  end
  return sub(all, 1, first - 1) .. joined(names, values) .. sub(all, brace)
end

-- The patch that turns `old` into exactly `new`: null for every member that is gone.
local function replacing_patch(old, new)
  local _, values = split(new)
  local gone = {}
  for _, name in ipairs((split(old))) do
    if not values[name] then
      gone[#gone + 1] = ',"' .. name .. '":null'
    end
  end
  return new .. concat(gone)
end
