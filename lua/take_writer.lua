--[[
Take or renew the right to write a symbol's chains. A new owner gets a higher fencing token, which shuts the old one out.

KEYS    1 writer       string with time to live: the owner
        2 token        integer: the newest token given out
ARGV    1 owner        a name that no other process has
        2 ttl_ms       how long the right lasts unless renewed
        3 now_ms       the caller's time: tokens are never below it, so that a flushed server gives no old one out again
RETURNS the owner's token, or 0 while another owner holds the right
ERRORS  none
COST    O(1)
]]
local writer, token = KEYS[1], KEYS[2]
local owner, ttl_ms, now_ms = ARGV[1], ARGV[2], ARGV[3]

local holder = redis.call('GET', writer)
if holder and holder ~= owner then
  return 0
end
redis.call('SET', writer, owner, 'PX', ttl_ms)
local known = tonumber(redis.call('GET', token))
if holder and known then
  return known
end
local given = math.max((known or 0) + 1, tonumber(now_ms))
redis.call('SET', token, string.format('%.0f', given))
return given
