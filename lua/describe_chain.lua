--[[
Write what a load knows of a stored chain beside its contracts: its window, and which chains are held with it.

KEYS    1 meta         hash, epoch, seq and window of the chain
        2 loading      the load in flight; its run must be the caller's
ARGV    1 symbol       as in the error
        2 run          the caller's run
        3 ...          meta fields and values
RETURNS 1 when written, 0 when no such chain is stored
ERRORS  NOTLOADING     another run has taken the load over, or it took too long
COST    O(fields)
]]
local meta, loading = KEYS[1], KEYS[2]
local symbol, run = ARGV[1], ARGV[2]
local FIRST = 3

if redis.call('GET', loading) ~= run then
  return redis.error_reply('NOTLOADING run ' .. run .. ' of ' .. symbol .. ' has ended')
end
if redis.call('HEXISTS', meta, 'epoch') == 0 then
  return 0
end
redis.call('HSET', meta, unpack(ARGV, FIRST))
return 1
