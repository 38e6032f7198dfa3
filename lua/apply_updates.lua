--[[
Apply a batch of changes to the contracts of one chain and tell the feed of exactly what changed, in one step.

A change that cannot be used is counted and left out; all others of its batch are applied. A section is ordered by its time,
within the same ms by the vendor's sequence: what is older is left out, and so is a value without a sequence where one with a
sequence stands.

KEYS    1 chain        hash, option ticker -> contract JSON
        2 meta         hash, epoch, seq and state of the chain
        3 feed         stream of what changed
        4 token        newest fencing token of the symbol's writers
        5 orders       hash, ticker/section -> time and the vendor's sequence of what is stored
ARGV    1 symbol       as in the feed entry
        2 expiration   as in the feed entry
        3 epoch        the set of contracts that the writer knows
        4 fence        the writer's own fencing token
        5 now_ms       the writer's time
        6 maxlen       bound of the feed
        7 ...          changes, four each: ticker, section, order (time in ms; a blank and the sequence if there is one),
                       patch (flat members, the time among them; null removes)
RETURNS {seq, applied, same, stale, unlisted, word, count, first, ...}: the chain's seq after the batch, how many changes
        went which way; then, for each reason why changes were no use, its word, how many, and the place of the first one:
        BADSECTION  a section that contracts do not have
        BADTIME     an order that is none, or a patch whose time is missing or another one
        BADFIELD    a member that the section does not have
        BADTYPE     something else where a number, or a word, belongs
        BADNUMBER   text that is no JSON number
        BADPATCH    a patch that is not flat members, each once
        BADSTORED   a stored contract that cannot be cut
ERRORS  FENCED         another writer has taken the symbol over
        NOCHAIN        no such chain is stored
        EPOCH          the set of contracts has changed
        BADCOUNT       changes that do not come in fours
COST    O(changes); one HMGET, at most one HSET for the contracts, one for the orders, one for the meta, one XADD; one HGET
        for each change whose time is the stored one; about 60 changes a call
]]
--- @include contract
local chain, meta, feed, token, orders = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local symbol, expiration, epoch, fence = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local now_ms, maxlen = ARGV[5], ARGV[6]
local FIRST, STEP = 7, 4
local ORDER = '^([1-9]%d*) ?(%d*)$'
-- A field of the hash of orders. One value of more than 64 bytes makes the server keep a hash as a table; otherwise it
-- would be a list until it has hundreds of fields, and each change would search all of it.
local ABOUT = 'ticker/section -> time in ms of what is stored there, and the vendor\'s sequence'

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
if (#ARGV - FIRST + 1) % STEP ~= 0 then
  return redis.error_reply('BADCOUNT ' .. #ARGV - FIRST + 1 .. ' words are not changes of ' .. STEP)
end
local seq = tonumber(stored[2])
if #ARGV < FIRST then
  return { seq, 0, 0, 0, 0 }
end

local tickers, place = {}, {}
for i = FIRST, #ARGV, STEP do
  local ticker = ARGV[i]
  if not place[ticker] then
    tickers[#tickers + 1] = ticker
    place[ticker] = #tickers
  end
end
local contracts = redis.call('HMGET', chain, unpack(tickers))

-- Orders to be stored: field, value, field, value; and the places of the contracts that they are of.
local noted, noted_at = {}, {}
local function note(at, field, order)
  noted[#noted + 1] = field
  noted[#noted + 1] = order
  noted_at[at] = true
end

-- The vendor's sequence of what is stored at that time, nil when it came without one.
local function known_sequence(at, field, time)
  for i = noted_at[at] and #noted - 1 or 0, 1, -2 do
    if noted[i] == field then
      return sequence_of(noted[i + 1], time)
    end
  end
  return sequence_of(redis.call('HGET', orders, field), time)
end

-- Put one change into its contract. Returns applied, same, stale, unlisted, or the word for what is wrong with it.
local versions, times, news = {}, {}, {}
local function apply(at, ticker, section, order, patch)
  local time, sequence = match(order, ORDER)
  if not OPENING[section] then
    return 'BADSECTION'
  elseif not time then
    return 'BADTIME'
  end
  local contract = contracts[at]
  if not contract then
    return 'unlisted'
  end
  local v, ts, head, after = find_head(contract)
  if not v then
    return 'BADSTORED'
  end

  local first, brace = find_section(contract, section, after)
  if first and not brace then
    return 'BADSTORED'
  end
  local members, was, changed = patch, nil, nil
  if first then
    was, changed = compare_whole(section, contract, first, brace, patch, time)
  end
  if not was then
    local fault = fault_of_patch(section, time, patch)
    if fault then
      return fault
    end
    local old = first and sub(contract, first, brace - 1) or ''
    was = section_time(old)
    members, changed = merge_by_name(section, old, patch)
  end

  if was == time then
    local known = known_sequence(at, ticker .. '/' .. section, time)
    if known and (sequence == '' and changed or sequence ~= '' and is_less(sequence, known)) then
      return 'stale'
    end
  elseif was and is_less(time, was) then
    return 'stale'
  end
  if sequence ~= '' then
    note(at, ticker .. '/' .. section, order)
  end
  if not changed then
    return 'same'
  end

  local version = versions[at] or v + 1 .. ''
  ts = is_less(ts, time) and time or ts
  versions[at], times[at] = version, ts
  news[at] = news[at] and add_news(news[at], section, changed) or changed
  if first then
    contracts[at] = sub(contract, 1, head - 1) .. version .. ',"ts":' .. ts .. sub(contract, after, first - 1) .. members
      .. sub(contract, brace)
  else
    contract = sub(contract, 1, head - 1) .. version .. ',"ts":' .. ts .. sub(contract, after)
    contracts[at] = insert_section(contract, section, members)
  end
  return 'applied'
end

local count, refused = { applied = 0, same = 0, stale = 0, unlisted = 0 }, {}
for i = FIRST, #ARGV, STEP do
  local ticker = ARGV[i]
  local outcome = apply(place[ticker], ticker, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
  local before = count[outcome]
  if not before then
    refused[#refused + 1] = outcome
    refused[outcome] = (i - FIRST) / STEP + 1
  end
  count[outcome] = (before or 0) + 1
end

if count.applied > 0 then
  local writes, updates = {}, {}
  for at, changed in pairs(news) do
    local ticker = tickers[at]
    writes[#writes + 1] = ticker
    writes[#writes + 1] = contracts[at]
    updates[#updates + 1] = '"' .. ticker .. '":{"v":' .. versions[at] .. ',"ts":' .. times[at] .. changed .. '}'
  end
  redis.call('HSET', chain, unpack(writes))
  redis.call('HSET', meta, 'seq', whole(seq + 1), 'applied_ms', now_ms)
  redis.call('XADD', feed, 'MAXLEN', '~', maxlen, '*', 'symbol', symbol, 'expiration', expiration, 'epoch', epoch,
    'seq', whole(seq + 1), 'prev_seq', whole(seq), 'ts', now_ms, 'updates', '{' .. concat(updates, ',') .. '}')
  seq = seq + 1
end
-- New fields may mean a new hash: it lives as long as its chain.
if #noted > 0 and redis.call('HSET', orders, unpack(noted)) > 0 then
  redis.call('HSET', orders, 'about', ABOUT)
  local left_ms = redis.call('PTTL', meta)
  if left_ms > 0 then
    redis.call('PEXPIRE', orders, left_ms)
  end
end

local answer = { seq, count.applied, count.same, count.stale, count.unlisted }
for _, word in ipairs(refused) do
  answer[#answer + 1] = word
  answer[#answer + 1] = count[word]
  answer[#answer + 1] = refused[word]
end
return answer
