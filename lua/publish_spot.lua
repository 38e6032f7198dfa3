--[[
Publish one slot of the spot heartbeat: each symbol at most once a slot, and never an older slot after a newer one.

KEYS    1 heartbeat    hash, counters of the heartbeat, and the last answer
        2 timeseries   stream of spots
        3 ...          spot hash of each symbol, in the order of the readings
ARGV    1 slot         time of the slot, ms, a multiple of 10,000
        2 maxlen       bound of the stream
        3 source       live, sim or replay
        4 call         a name that only this call has: sent again it gets the same answer, and nothing is counted
        5 ...          readings, five each: symbol, spot, as_of (ms, or empty), method, delayed (1, or empty)
RETURNS {published, refused, missed}: missed counts the slots that were skipped since the last one, over all symbols
ERRORS  BADSLOT        a slot that is no multiple of 10,000
        BADSPOT        a spot that is not above 0
COST    O(symbols)
]]
--- @include again
local heartbeat, timeseries = KEYS[1], KEYS[2]
local slot, maxlen, source = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local call = ARGV[4]
local PERIOD, FIRST_KEY, FIRST, STEP = 10000, 3, 5, 5

if not slot or slot <= 0 or slot % PERIOD ~= 0 then
  return redis.error_reply('BADSLOT ' .. tostring(ARGV[1]))
end
for i = FIRST, #ARGV, STEP do
  local spot = tonumber(ARGV[i + 1])
  if not spot or not (spot > 0 and spot < math.huge) then
    return redis.error_reply('BADSPOT ' .. tostring(ARGV[i + 1]) .. ' of ' .. tostring(ARGV[i]))
  end
end

local again = answer_again(redis.call('HGET', heartbeat, 'answer'), call)
if again then
  return again
end

local published, refused, missed = 0, 0, 0
for i = FIRST, #ARGV, STEP do
  local symbol, spot, as_of, method, delayed = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local key = KEYS[FIRST_KEY + (i - FIRST) / STEP]
  local last = tonumber(redis.call('HGET', key, 'ts') or 0)
  if slot <= last then
    refused = refused + 1
  else
    local skipped = last > 0 and (slot - last) / PERIOD - 1 or 0
    missed = missed + skipped
    redis.call('HINCRBY', key, 'missed', skipped)
    local seq = redis.call('HINCRBY', key, 'seq', 1)
    local tick = { 'ts', ARGV[1], 'symbol', symbol, 'spot', spot, 'source', source, 'seq', seq }
    if as_of ~= '' then
      tick[#tick + 1] = 'as_of'
      tick[#tick + 1] = as_of
    else
      redis.call('HDEL', key, 'as_of')
    end
    if delayed ~= '' then
      tick[#tick + 1] = 'delayed'
      tick[#tick + 1] = delayed
    else
      redis.call('HDEL', key, 'delayed')
    end
    redis.call('HSET', key, 'method', method, unpack(tick))
    redis.call('XADD', timeseries, 'MAXLEN', '~', maxlen, '*', unpack(tick))
    published = published + 1
  end
end
if published > 0 then
  redis.call('HSET', heartbeat, 'slot', ARGV[1])
end
redis.call('HINCRBY', heartbeat, 'published', published)
redis.call('HINCRBY', heartbeat, 'refused', refused)
redis.call('HINCRBY', heartbeat, 'missed', missed)
local answer = { published, refused, missed }
redis.call('HSET', heartbeat, 'answer', answer_kept(call, answer))
return answer
