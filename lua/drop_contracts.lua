--[[
Take contracts out of a chain in one step, and tell the feed.

KEYS    1 chain        hash, option ticker -> contract JSON
        2 meta         hash, epoch, seq and window of the chain
        3 feed         stream of what changed
        4 full         stream of complete chains
        5 loading      the load in flight; its run must be the caller's
        6 orders       hash, ticker/section -> time and the vendor's sequence of what is stored
ARGV    1 symbol       as in the entries
        2 expiration   as in the entries
        3 run          the caller's run
        4 reason       why, as in the entry of a complete chain
        5 now_ms       the caller's time
        6 feed_maxlen  bound of the feed
        7 full_maxlen  bound of the stream of complete chains
        8 low          lowest strike that stays
        9 high         highest strike that stays
        10 call        a name that only this call has: sent again it gets the same answer, and nothing happens
        11 ...         tickers to take out
RETURNS {epoch, seq, contracts, removed}
ERRORS  NOTLOADING     another run has taken the load over, or it took too long
        NOCHAIN        no such chain is stored
COST    O(tickers)
]]
--- @include contract
--- @include again
local chain, meta, feed, full, loading, orders = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local symbol, expiration, run, reason, now_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local feed_maxlen, full_maxlen, low, high, call = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local FIRST = 11

local again = answer_again(redis.call('HGET', meta, 'answer'), call)
if again then
  return again
end
if redis.call('GET', loading) ~= run then
  return redis.error_reply('NOTLOADING run ' .. run .. ' of ' .. symbol .. ' has ended')
end
local known = redis.call('HMGET', meta, 'epoch', 'seq')
if not known[1] then
  return redis.error_reply('NOCHAIN ' .. symbol .. ' ' .. expiration .. ' is not stored')
end

local removed = {}
for i = FIRST, #ARGV do
  if redis.call('HDEL', chain, ARGV[i]) == 1 then
    removed[#removed + 1] = '"' .. ARGV[i] .. '"'
    redis.call('HDEL', orders, unpack(section_fields(ARGV[i])))
  end
end
local epoch, seq, size = tonumber(known[1]), tonumber(known[2]), redis.call('HLEN', chain)
if #removed > 0 then
  epoch, seq = whole(epoch + 1), whole(seq + 1)
  redis.call('XADD', feed, 'MAXLEN', '~', feed_maxlen, '*', 'symbol', symbol, 'expiration', expiration, 'epoch', epoch,
    'seq', seq, 'prev_seq', known[2], 'ts', now_ms, 'updates', '{}', 'removed', '[' .. concat(removed, ',') .. ']')
  redis.call('HSET', meta, 'epoch', epoch, 'seq', seq, 'applied_ms', now_ms, 'contracts', size, 'low', low, 'high', high)
  redis.call('HSET', meta, 'answer', answer_kept(call, { epoch, seq, size, #removed }))
  redis.call('XADD', full, 'MAXLEN', '~', full_maxlen, '*', 'symbol', symbol, 'expiration', expiration, 'epoch', epoch,
    'seq', seq, 'ts', now_ms, 'key', chain, 'contracts', size, 'reason', reason)
end
return { tonumber(epoch), tonumber(seq), size, #removed }
