--[[
Put the next chain of a symbol in force in one step: pointer, the old chain's state, and the entry that tells readers.

KEYS    1 current      hash, symbol -> expiration in force
        2 old_meta     hash, epoch, seq and state of the chain that was in force
        3 chain        hash, option ticker -> contract JSON, of the chain that will be
        4 meta         hash, epoch, seq and state of the same
        5 full         stream of complete chains
        6 loading      the load in flight; its run must be the caller's
ARGV    1 symbol       as in pointer and entry
        2 from         the expiration that must be in force
        3 to           the expiration that will be
        4 run          the caller's run
        5 now_ms       the caller's time
        6 full_maxlen  bound of the stream of complete chains
        7 later        expirations that are held beside the new one, for its meta
        8 call         a name that only this call has: sent again it gets the same answer, and nothing happens
RETURNS 1 when switched, 0 when another expiration is in force or the next chain is not stored
ERRORS  NOTLOADING     another run has taken the load over, or it took too long
COST    O(1)
]]
--- @include again
local current, old_meta, chain, meta, full, loading = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local symbol, from, to, run = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local now_ms, full_maxlen, later, call = ARGV[5], ARGV[6], ARGV[7], ARGV[8]

local again = answer_again(redis.call('HGET', meta, 'answer'), call)
if again then
  return again[1]
end
if redis.call('GET', loading) ~= run then
  return redis.error_reply('NOTLOADING run ' .. run .. ' of ' .. symbol .. ' has ended')
end
local known = redis.call('HMGET', meta, 'epoch', 'seq')
if redis.call('HGET', current, symbol) ~= from or not known[1] then
  return 0
end

redis.call('HSET', current, symbol, to)
redis.call('HSET', meta, 'later', later, 'answer', answer_kept(call, { 1 }))
if redis.call('EXISTS', old_meta) == 1 then
  redis.call('HSET', old_meta, 'state', 'closed')
end
redis.call('XADD', full, 'MAXLEN', '~', full_maxlen, '*', 'symbol', symbol, 'expiration', to, 'epoch', known[1],
  'seq', known[2], 'ts', now_ms, 'key', chain, 'contracts', redis.call('HLEN', chain), 'reason', 'roll')
return 1
