--[[
Keep a held key alive, if it is still the caller's.

KEYS    1 held         string with time to live: who holds it
ARGV    1 holder       the caller
        2 ttl_ms       how long it lives on from now
RETURNS 1 when renewed, 0 when it is not the caller's any more
ERRORS  none
COST    O(1)
]]
local held = KEYS[1]
local holder, ttl_ms = ARGV[1], ARGV[2]

if redis.call('GET', held) ~= holder then
  return 0
end
return redis.call('PEXPIRE', held, ttl_ms)
