--[[
Apply a batch of changes to the contracts of one chain and tell the feed of exactly what changed, in one step.

KEYS    1 chain        hash, option ticker -> contract JSON
        2 meta         hash, epoch, seq and state of the chain
        3 feed         stream of what changed
        4 token        newest fencing token of the symbol's writers
ARGV    1 symbol       as in the feed entry
        2 expiration   as in the feed entry
        3 epoch        the set of contracts that the writer knows
        4 fence        the writer's own fencing token
        5 now_ms       the writer's time
        6 maxlen       bound of the feed
        7 ...          changes, four each: ticker, section, time of the section in ms, patch (flat members, null removes)
RETURNS {seq, applied, same, stale, unlisted}: the chain's seq after the batch, and how many changes went which way
ERRORS  FENCED         another writer has taken the symbol over
        NOCHAIN        no such chain is stored
        EPOCH          the set of contracts has changed
        BADSECTION     a section that contracts do not have
        BADTIME        a section's time that is no number
        BADPATCH       a patch that is not flat members
COST    O(changes); one HMGET, at most one HSET for the contracts, one for the meta, one XADD; at most 100 contracts a call
]]
--- @include contract
local chain, meta, feed, token = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local symbol, expiration, epoch, fence = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local now_ms, maxlen = ARGV[5], ARGV[6]
local FIRST, STEP = 7, 4

if redis.call('GET', token) ~= fence then
  return redis.error_reply('FENCED a newer writer holds ' .. symbol)
end
local stored = redis.call('HMGET', meta, 'epoch', 'seq')
if not stored[1] then
  return redis.error_reply('NOCHAIN ' .. symbol .. ' ' .. expiration .. ' is not stored')
end
if stored[1] ~= epoch then
  return redis.error_reply('EPOCH the chain is at ' .. stored[1] .. ', the writer at ' .. epoch)
end

local tickers, position = {}, {}
for i = FIRST, #ARGV, STEP do
  local ticker, section, time, patch = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if not RANK[section] then
    return redis.error_reply('BADSECTION ' .. tostring(section) .. ' of ' .. ticker)
  end
  if not time or not string.find(time, '^%d+$') then
    return redis.error_reply('BADTIME ' .. tostring(time) .. ' of ' .. ticker)
  end
  if not patch or not string.find(patch, '^"[%w_]+":[^{}]+$') then
    return redis.error_reply('BADPATCH ' .. tostring(patch) .. ' of ' .. ticker)
  end
  if not position[ticker] then
    tickers[#tickers + 1] = ticker
    position[ticker] = #tickers
  end
end
if #tickers == 0 then
  return { tonumber(stored[2]), 0, 0, 0, 0 }
end

local contracts = redis.call('HMGET', chain, unpack(tickers))
local count = { applied = 0, same = 0, stale = 0, unlisted = 0 }
local news, newest = {}, {}
for i = FIRST, #ARGV, STEP do
  local at, section, time = position[ARGV[i]], ARGV[i + 1], tonumber(ARGV[i + 2])
  local outcome, contract, changed = 'unlisted', nil, nil
  if contracts[at] then
    outcome, contract, changed = merge_section(contracts[at], section, time, ARGV[i + 3])
  end
  count[outcome] = count[outcome] + 1
  if contract then
    contracts[at] = contract
    news[at] = news[at] or {}
    news[at][section] = news[at][section] and overlay(news[at][section], changed) or changed
    newest[at] = math.max(newest[at] or 0, time)
  end
end

local seq = tonumber(stored[2])
if count.applied == 0 then
  return { seq, 0, count.same, count.stale, count.unlisted }
end
local writes, updates = {}, {}
for at, changed in pairs(news) do
  local contract, update = bump(contracts[at], newest[at])
  for section, members in pairs(changed) do
    update = update .. ',"' .. section .. '":{' .. members .. '}'
  end
  writes[#writes + 1] = tickers[at]
  writes[#writes + 1] = contract
  updates[#updates + 1] = '"' .. tickers[at] .. '":{' .. update .. '}'
end
redis.call('HSET', chain, unpack(writes))
redis.call('HSET', meta, 'seq', whole(seq + 1), 'applied_ms', now_ms)
redis.call('XADD', feed, 'MAXLEN', '~', maxlen, '*', 'symbol', symbol, 'expiration', expiration, 'epoch', epoch,
  'seq', whole(seq + 1), 'prev_seq', whole(seq), 'ts', now_ms, 'updates', '{' .. table.concat(updates, ',') .. '}')
return { seq + 1, count.applied, count.same, count.stale, count.unlisted }
