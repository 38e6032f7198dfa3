--[[
Count the changes of chains that are new to the group, chain by chain, and acknowledge them, in one step. What was changed is
read from the chain itself: here stands how much, and whether the feed is whole. Counts only grow, so that whoever knows an
earlier count knows what came since.

KEYS    1 stream       stream of changes
        2 ...          hash of each symbol's counts: expiration -> epoch, seq, entries, contracts, added, removed, gaps, ts
ARGV    1 group        the consumer group
        2 consumer     the one consumer that all workers are
        3 count        up to how many entries at once
        4 idle_ms      what others were given and have not acknowledged for so long is taken over
        5 ...          symbols, in the order of their keys
RETURNS {sorted, unusable, more}: entries counted; those without a seq or a day; 1 when there may be more
ERRORS  none
COST    O(bytes); one XREADGROUP, one XPENDING, one XACK, one HGET and one HSET for each chain; 50 entries of 15 kB take
        about 1.5 ms
]]
--- @include news
local group, consumer, count, idle_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local FIRST_KEY, FIRST = 2, 5
local NAMES = { 'epoch', 'seq', 'entries', 'contracts', 'added', 'removed', 'gaps', 'ts' }

local place = {}
for i = FIRST, #ARGV do
  place[ARGV[i]] = FIRST_KEY + i - FIRST
end

-- How many contracts a text names, and how many of them it has whole: those say their ticker once more, behind a colon.
local function contracts_in(text)
  local named, whole, first = 0, 0, string.find(text, 'O:', 1, true)
  while first do
    if string.byte(text, first - 2) == 58 then
      whole = whole + 1
    else
      named = named + 1
    end
    first = string.find(text, 'O:', first + 1, true)
  end
  return named, whole
end

-- The counts of a chain, begun with zeros.
local function counts_of(text)
  local counts, words = {}, string.gmatch(text or '', '%d+')
  for _, name in ipairs(NAMES) do
    counts[name] = tonumber(words() or '0')
  end
  counts.is_new = not text
  return counts
end

local entries, new = take_news(group, consumer, count, idle_ms)
if entries.err then
  return entries
end

local known, sorted, unusable = {}, 0, 0
for _, entry in ipairs(entries) do
  local change = fields_of(entry)
  local at, day = place[change.symbol or ''], change.expiration
  local seq, prev_seq = tonumber(change.seq), tonumber(change.prev_seq)
  if not at or not (seq and prev_seq and string.find(day or '', '^%d%d%d%d%-%d%d%-%d%d$')) then
    unusable = unusable + (at and 1 or 0)
  else
    local changes = KEYS[at]
    known[at] = known[at] or {}
    local counts = known[at][day] or counts_of(redis.call('HGET', changes, day))
    known[at][day] = counts

    -- A chain that begins anew has nothing before it; what comes later than newer entries was missed by them already.
    if not counts.is_new and prev_seq > 0 and prev_seq > counts.seq then
      counts.gaps = counts.gaps + 1
    end
    if prev_seq == 0 or seq > counts.seq then
      counts.epoch, counts.seq, counts.ts = tonumber(change.epoch) or 0, seq, tonumber(change.ts) or 0
    end
    counts.is_new = false
    local contracts, added = contracts_in(change.updates or '')
    counts.entries = counts.entries + 1
    counts.contracts = counts.contracts + contracts
    counts.added = counts.added + added
    counts.removed = counts.removed + contracts_in(change.removed or '')
    sorted = sorted + 1
  end
end

for at, days in pairs(known) do
  local changes, written = KEYS[at], {}
  for day, counts in pairs(days) do
    local words = {}
    for i, name in ipairs(NAMES) do
      words[i] = string.format('%.0f', counts[name])
    end
    written[#written + 1] = day
    written[#written + 1] = table.concat(words, ' ')
  end
  redis.call('HSET', changes, unpack(written))
end
acknowledge(group, entries)
return { sorted, unusable, new >= tonumber(count) and 1 or 0 }
