--[[
Write what one evaluation of one symbol came to: state, levels and events, and take the ticks that it judged out of the
inbox, in one step. An evaluation that another one has overtaken writes nothing, and what it read is still there.

KEYS    1 state        string, the state between two evaluations
        2 levels       hash, name -> JSON; replaced whole
        3 events       stream of events
        4 ticks        sorted set of the symbol's ticks, slot -> its words
        5 changes      hash of the symbol's counts, and of how far they are judged
ARGV    1 began        SHA-1 of the state with which the evaluation began; empty when there was none
        2 text         the state after it, never the same twice
        3 judged       the slot up to which ticks are judged
        4 maxlen       bound of the stream of events
        5 events       how many events
        6 marked       how many words of what is judged
        7 gone         how many fields of the counts are over
        8 ...          the events as JSON; field, value, field, value of what is judged; the fields that are over; then the
                       levels: name, JSON, name, JSON
RETURNS 1 when written, also when this very call has done it before; 0 when another evaluation has been quicker
ERRORS  none
COST    O(events + levels)
]]
local state, levels, events, ticks, changes = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local began, text, judged, maxlen = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local told, marked, gone = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local FIRST = 8
local MARKS = FIRST + told
local GONE = MARKS + marked
local LEVELS = GONE + gone

-- A key of another type is met here, before anything is written.
redis.call('XLEN', events)
redis.call('ZCARD', ticks)
redis.call('HLEN', changes)
local stored = redis.call('GET', state)
if stored == text then
  return 1
end
if (stored and redis.sha1hex(stored) or '') ~= began then
  return 0
end

redis.call('SET', state, text)
for i = FIRST, MARKS - 1 do
  redis.call('XADD', events, 'MAXLEN', '~', maxlen, '*', 'event', ARGV[i])
end
if marked > 0 then
  redis.call('HSET', changes, unpack(ARGV, MARKS, GONE - 1))
end
if gone > 0 then
  redis.call('HDEL', changes, unpack(ARGV, GONE, LEVELS - 1))
end
redis.call('DEL', levels)
if #ARGV >= LEVELS then
  redis.call('HSET', levels, unpack(ARGV, LEVELS))
end
redis.call('ZREMRANGEBYSCORE', ticks, '-inf', judged)
return 1
