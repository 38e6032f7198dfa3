--[[
Mark a chain stale that claims to be live while nobody holds the right to write it: its stream has died.

KEYS    1 meta         hash, epoch, seq and state of the chain
        2 writer       string with time to live: the owner
ARGV    none
RETURNS 1 when marked, 0 when there was nothing to mark
ERRORS  none
COST    O(1)
]]
local meta, writer = KEYS[1], KEYS[2]

if redis.call('EXISTS', writer) == 1 or redis.call('HGET', meta, 'state') ~= 'live' then
  return 0
end
redis.call('HSET', meta, 'state', 'stale')
return 1
