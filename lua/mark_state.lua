--[[
Write what the symbol's writer knows of the state of a chain: live, stale, gap, closed or loading.

KEYS    1 meta         hash, epoch, seq and state of the chain
        2 token        newest fencing token of the symbol's writers
ARGV    1 fence        the writer's own fencing token
        2 state        the new state
        3 epoch        the chain that the writer knows; a live mark on another one would be a guess
        4 ...          meta fields and values: how quotes come, whether what comes is delayed
RETURNS 1 when written, 0 when there is no such chain or it has changed
ERRORS  FENCED         another writer has taken the symbol over
COST    O(1)
]]
local meta, token = KEYS[1], KEYS[2]
local fence, state, epoch = ARGV[1], ARGV[2], ARGV[3]
local META = 4

if redis.call('GET', token) ~= fence then
  return redis.error_reply('FENCED a newer writer exists')
end
if redis.call('HGET', meta, 'epoch') ~= epoch then
  return 0
end
redis.call('HSET', meta, 'state', state, unpack(ARGV, META))
return 1
