--[[
The least that a script can do to cut sections into contracts, with seq and a feed entry.

Nothing is checked or compared: it would let a late writer, an older value and a broken patch in. Version, time and the
vendor's order of a contract stay as they are, and the feed is told of members that have not changed.

KEYS    1 chain        hash, option ticker -> contract JSON
        2 meta         hash, seq
        3 feed         stream
ARGV    1 now_ms       the writer's time
        2 ...          changes, three each: ticker, section with its opening, its members
RETURNS the chain's seq after the batch
ERRORS  what Lua makes of a contract without that section
COST    O(changes); one HMGET, one HSET, one HINCRBY, one XADD
]]
local find, sub = string.find, string.sub
local tickers = {}
for i = 2, #ARGV, 3 do
  tickers[#tickers + 1] = ARGV[i]
end
local contracts, writes, updates = redis.call('HMGET', KEYS[1], unpack(tickers)), {}, {}
for at, ticker in ipairs(tickers) do
  local contract, opening, members = contracts[at], ARGV[at * 3], ARGV[at * 3 + 1]
  local _, last = find(contract, opening, 1, true)
  local brace = find(contract, '}', last, true)
  writes[at * 2 - 1] = ticker
  writes[at * 2] = sub(contract, 1, last) .. members .. sub(contract, brace)
  updates[at] = '"' .. ticker .. '":{' .. sub(opening, 2) .. members .. '}}'
end
redis.call('HSET', KEYS[1], unpack(writes))
local seq = redis.call('HINCRBY', KEYS[2], 'seq', 1)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'seq', seq, 'ts', ARGV[1], 'updates',
  '{' .. table.concat(updates, ',') .. '}')
return seq
