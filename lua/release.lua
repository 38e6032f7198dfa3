--[[
Give a held key back (the right to write a symbol, the load of one), if it is still the caller's.

KEYS    1 held         string with time to live: who holds it
ARGV    1 holder       the caller
RETURNS 1 when given back, 0 when it was not the caller's any more
ERRORS  none
COST    O(1)
]]
local held = KEYS[1]
local holder = ARGV[1]

if redis.call('GET', held) ~= holder then
  return 0
end
return redis.call('DEL', held)
