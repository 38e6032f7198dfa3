--[[
Mark a chain stale that claims to be live, or under repair, while nobody holds the right to write it: its stream has died.

KEYS    1 meta         hash, epoch, seq and state of the chain
        2 writer       string with time to live: the owner
ARGV    none
RETURNS 1 when marked, 0 when there was nothing to mark
ERRORS  none
COST    O(1)
]]
local meta, writer = KEYS[1], KEYS[2]

local state = redis.call('HGET', meta, 'state')
if redis.call('EXISTS', writer) == 1 or state ~= 'live' and state ~= 'gap' then
  return 0
end
redis.call('HSET', meta, 'state', 'stale')
return 1
