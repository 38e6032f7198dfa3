--[[
Make staged contracts the chain, or a part of it, in one step; what is already stored and newer stays.

At an equal time, what the stream stored with a sequence stays: the rows do not tell which of the two is newer.

KEYS    1 staging      hash, option ticker -> contract JSON, complete rows of the vendor; gone afterwards
        2 chain        hash, option ticker -> contract JSON
        3 meta         hash, epoch, seq and state of the chain
        4 feed         stream of what changed
        5 full         stream of complete chains
        6 current      hash, symbol -> expiration in force
        7 loading      the load in flight; its run must be the caller's
        8 orders       hash, ticker/section -> time and the vendor's sequence of what is stored
ARGV    1 symbol       as in the entries
        2 expiration   as in the entries
        3 run          the caller's run
        4 mode         replace: what is not staged goes; extend: staged contracts are added, nothing goes
        5 reason       why, as in the entry of a complete chain
        6 now_ms       the loader's time
        7 expire_ms    when chain and meta are forgotten
        8 feed_maxlen  bound of the feed
        9 full_maxlen  bound of the stream of complete chains; 0: no entry is added there
        10 in_force    1: the chain in force of its symbol from now on
        11 first_state state of a chain that was not stored before
        12 call        a name that only this call has: sent again it gets the same answer, and nothing happens
        13 ...         meta fields and values: spot, centre, low, high, source; of a whole load its time and request;
                       of a loss that an audit found the state and the doubt; of a poll its times
RETURNS {epoch, seq, contracts, added, removed, changed}
ERRORS  NOTLOADING     another run has taken the load over, or it took too long
        NOTSTAGED      nothing is staged
        BADMODE        neither replace nor extend
COST    O(staged + stored contracts); about 3 ms for 200 that are stored already, about 8 ms when every section is newer
]]
--- @include contract
--- @include again
local staging, chain, meta, feed, full, current, loading, orders =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local symbol, expiration, run, mode, reason, now_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local expire_ms, feed_maxlen, full_maxlen, in_force, first_state = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local call = ARGV[12]
local META, CHUNK = 13, 1000

if mode ~= 'replace' and mode ~= 'extend' then
  return redis.error_reply('BADMODE ' .. mode)
end
local again = answer_again(redis.call('HGET', meta, 'answer'), call)
if again then
  return again
end
if redis.call('GET', loading) ~= run then
  return redis.error_reply('NOTLOADING run ' .. run .. ' of ' .. symbol .. ' has ended')
end
local staged = redis.call('HGETALL', staging)
if #staged == 0 then
  return redis.error_reply('NOTSTAGED nothing for ' .. symbol .. ' ' .. expiration)
end

local known = redis.call('HMGET', meta, 'epoch', 'seq')
local old = {}
if known[1] then
  local stored = redis.call('HGETALL', chain)
  for i = 1, #stored, 2 do
    old[stored[i]] = stored[i + 1]
  end
end

-- What stands before "v" is identity and open interest: only the latter can differ.
local function merge_head(contract, row)
  local head, v_at = string.match(row, '^(.-),()"v":')
  local old_head = string.match(contract, '^(.-),"v":')
  if not v_at or head == old_head then
    return contract, nil
  end
  local interest = string.match(head, '"open_interest":[^,]+') or '"open_interest":null'
  return head .. string.sub(contract, #old_head + 1), interest
end

-- What only a row has: bars know no close of the day before. A row's day is of the midnight before it.
local DAY_MS = 86400000
local function missing_close(section, present, members, was, time)
  local close = section == 'day' and string.match(members, '"previous_close":[^,]+')
  if not close or find(present, '"previous_close":', 1, true) or tonumber(was) - tonumber(time) >= DAY_MS then
    return nil
  end
  return close
end

-- A section of the row put into the contract, unless what is stored stays. Returns the contract, and the news (nil: none).
local function merge_section(contract, ticker, section, members)
  local first, brace = find_section(contract, section, 1)
  if not first then
    return insert_section(contract, section, members), OPENING[section] .. members .. '}'
  end
  local present = sub(contract, first, brace - 1)
  local was, time = section_time(present) or '0', section_time(members) or '0'
  if present == members then
    return contract, nil
  elseif is_less(time, was) then
    local close = missing_close(section, present, members, was, time)
    if not close then
      return contract, nil
    end
    local merged, changed = merge_by_name(section, present, close)
    return sub(contract, 1, first - 1) .. merged .. sub(contract, brace), changed
  end
  local merged, _, changed = members, compare_whole(section, contract, first, brace, members, time)
  if not changed then
    merged, changed = merge_by_name(section, present, replacing_patch(present, members))
  end
  if time == was and sequence_of(redis.call('HGET', orders, ticker .. '/' .. section), time) then
    return contract, nil
  end
  return changed and sub(contract, 1, first - 1) .. merged .. sub(contract, brace) or contract, changed
end

local function merge_row(ticker, contract, row)
  local news, time = {}, '0'
  contract, news[1] = merge_head(contract, row)
  for _, section in ipairs(SECTIONS) do
    local first, brace = find_section(row, section, 1)
    if first then
      local members = sub(row, first, brace - 1)
      local changed
      contract, changed = merge_section(contract, ticker, section, members)
      if changed then
        local at = section_time(members) or '0'
        time = is_less(time, at) and at or time
        news[#news + 1] = sub(changed, 2)
      end
    end
  end
  local v, ts, head, after = find_head(contract)
  if #news == 0 or not v then
    return contract, nil
  end
  local bumped = whole(v + 1) .. ',"ts":' .. (is_less(ts, time) and time or ts)
  return sub(contract, 1, head - 1) .. bumped .. sub(contract, after), '{"v":' .. bumped .. ',' .. concat(news, ',') .. '}'
end

-- A hash gives its fields in another order each time: by ticker, so that the same load makes the same entry.
local rows, tickers = {}, {}
for i = 1, #staged, 2 do
  rows[staged[i]] = staged[i + 1]
  tickers[#tickers + 1] = staged[i]
end
table.sort(tickers)

local writes, updates, removed, gone, size = {}, {}, {}, {}, 0
local added, changed = 0, 0
local function write(ticker, contract, update)
  writes[#writes + 1] = ticker
  writes[#writes + 1] = contract
  updates[#updates + 1] = '"' .. ticker .. '":' .. update
end
for _, ticker in ipairs(tickers) do
  local row, stored = rows[ticker], old[ticker]
  size = size + 1
  if not stored then
    added = added + 1
    write(ticker, row, row)
  else
    local contract, update = merge_row(ticker, stored, row)
    if update then
      changed = changed + 1
      write(ticker, contract, update)
    end
    old[ticker] = nil
  end
end
for ticker in pairs(old) do
  if mode == 'replace' then
    gone[#gone + 1] = ticker
  else
    size = size + 1
  end
end

table.sort(gone)
for i, ticker in ipairs(gone) do
  removed[i] = '"' .. ticker .. '"'
end

-- A chain that is new starts its epochs at the time: after a flush, no reader can take the new chain for the old one.
local epoch, seq = tonumber(known[1] or now_ms), tonumber(known[2] or 0)
if not known[1] then
  redis.call('DEL', chain)
  redis.call('DEL', orders)
  redis.call('HSET', meta, 'state', first_state, 'applied_ms', now_ms)
elseif added > 0 or #gone > 0 then
  epoch = epoch + 1
end
for from = 1, #writes, CHUNK do
  redis.call('HSET', chain, unpack(writes, from, math.min(from + CHUNK - 1, #writes)))
end
for from = 1, #gone, CHUNK do
  redis.call('HDEL', chain, unpack(gone, from, math.min(from + CHUNK - 1, #gone)))
end
for _, ticker in ipairs(gone) do
  redis.call('HDEL', orders, unpack(section_fields(ticker)))
end
if #writes > 0 or #gone > 0 then
  local entry = { 'symbol', symbol, 'expiration', expiration, 'epoch', whole(epoch), 'seq', whole(seq + 1),
    'prev_seq', whole(seq), 'ts', now_ms, 'updates', '{' .. table.concat(updates, ',') .. '}' }
  if #gone > 0 then
    entry[#entry + 1] = 'removed'
    entry[#entry + 1] = '[' .. table.concat(removed, ',') .. ']'
  end
  seq = seq + 1
  redis.call('XADD', feed, 'MAXLEN', '~', feed_maxlen, '*', unpack(entry))
  redis.call('HSET', meta, 'applied_ms', now_ms)
end
local answer = { epoch, seq, size, added, #gone, changed }
redis.call('HSET', meta, 'epoch', whole(epoch), 'seq', whole(seq), 'contracts', size, unpack(ARGV, META))
redis.call('HSET', meta, 'answer', answer_kept(call, answer))
redis.call('PEXPIREAT', chain, expire_ms)
redis.call('PEXPIREAT', meta, expire_ms)
redis.call('PEXPIREAT', orders, expire_ms)
if in_force == '1' then
  redis.call('HSET', current, symbol, expiration)
end
if full_maxlen ~= '0' then
  redis.call('XADD', full, 'MAXLEN', '~', full_maxlen, '*', 'symbol', symbol, 'expiration', expiration,
    'epoch', whole(epoch), 'seq', whole(seq), 'ts', now_ms, 'key', chain, 'contracts', size, 'reason', reason)
end
redis.call('DEL', staging)
return answer
