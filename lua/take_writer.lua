--[[
Take or renew rights for one owner, each with a fencing token: to a connection first, then to write symbols.
A new owner gets a higher token, which shuts the old one out.

KEYS    1 ...          rights, two keys each: string with time to live (the owner), integer (the newest token given out).
                       The first right is the condition of all others: while another holds it, nothing is taken
ARGV    1 owner        a name that no other process has
        2 ttl_ms       how long a right lasts unless renewed
        3 now_ms       the caller's time: tokens are never below it, so that a flushed server gives no old one out again
RETURNS for each right the owner's token, or 0 while another owner holds it
ERRORS  none
COST    O(rights)
]]
local owner, ttl_ms, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local FIRST, STEP = 1, 2

local given = {}
for i = FIRST, #KEYS, STEP do
  local held, token = KEYS[i], KEYS[i + 1]
  local holder = redis.call('GET', held)
  if given[1] == 0 or (holder and holder ~= owner) then
    given[#given + 1] = 0
  else
    redis.call('SET', held, owner, 'PX', ttl_ms)
    local known = tonumber(redis.call('GET', token))
    if not (holder and known) then
      known = math.max((known or 0) + 1, now_ms)
      redis.call('SET', token, string.format('%.0f', known))
    end
    given[#given + 1] = known
  end
end
return given
