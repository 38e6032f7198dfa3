--[[
Write what was made of events: messages, marks on the widgets, and the state after them, and acknowledge those events, in one
step. Whoever was overtaken by another writes nothing, and the events still wait.

KEYS    1 events       stream of events
        2 state        string, the state between two times
        3 messages     stream of messages
        4 unusable     list of entries that hold no event, newest first
        5 ...          hash of each symbol's marks: id -> JSON
ARGV    1 began        SHA-1 of the state with which it began; empty when there was none
        2 text         the state after it, never the same twice
        3 group        the consumer group, made where it is not there
        4 consumer     the one consumer that all workers are
        5 count        how many events were dealt with
        6 idle_ms      what others were given and have not acknowledged for so long is acknowledged: it was dealt with
        7 heard        id of the last event that was dealt with
        8 maxlen       bound of the stream of messages
        9 kept         entries that the list of unusable ones holds at most
        10 said        how many messages
        11 bad         how many unusable entries
        12 ...         the messages as JSON; the unusable entries; then for each hash: how many words are put, how many ids
                       are taken; id, JSON, id, JSON; the ids
RETURNS 1 when written, also when this very call has done it before; 0 when another was quicker
ERRORS  none
COST    O(events + messages + marks); one XREADGROUP, one XPENDING, one XACK
]]
--- @include news
local state, messages, unusable = KEYS[2], KEYS[3], KEYS[4]
local began, text, group, consumer = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local count, idle_ms, heard = tonumber(ARGV[5]), ARGV[6], ARGV[7]
local maxlen, kept, said, bad = ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local FIRST_KEY, FIRST = 5, 12
local BAD = FIRST + said
local at = BAD + bad

-- A key of another type is met here, before anything is written.
redis.call('XLEN', stream)
redis.call('XLEN', messages)
redis.call('LLEN', unusable)
for i = FIRST_KEY, #KEYS do
  local marks = KEYS[i]
  redis.call('HLEN', marks)
end
local stored = redis.call('GET', state)
if stored == text then
  return 1
end
if (stored and redis.sha1hex(stored) or '') ~= began then
  return 0
end

-- The state is what tells how far events are heard. The group goes along, so that everybody can see it.
if count > 0 then
  local entries, new = take_news(group, consumer, count, idle_ms)
  if entries.err then
    return entries
  end
  acknowledge(group, entries)
  if new ~= count or entries[new][1] ~= heard then
    redis.call('XGROUP', 'SETID', stream, group, heard)
  end
end

redis.call('SET', state, text)
for i = FIRST, BAD - 1 do
  redis.call('XADD', messages, 'MAXLEN', '~', maxlen, '*', 'message', ARGV[i])
end
for i = BAD, BAD + bad - 1 do
  redis.call('LPUSH', unusable, ARGV[i])
end
if bad > 0 then
  redis.call('LTRIM', unusable, 0, kept - 1)
end
for i = FIRST_KEY, #KEYS do
  local marks, put, taken = KEYS[i], tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  at = at + 2
  if put > 0 then
    redis.call('HSET', marks, unpack(ARGV, at, at + put - 1))
  end
  at = at + put
  if taken > 0 then
    redis.call('HDEL', marks, unpack(ARGV, at, at + taken - 1))
  end
  at = at + taken
end
return 1
