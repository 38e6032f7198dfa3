-- How a script takes news of a consumer group: read, sorted by the script that includes this, and acknowledged, all in one
-- step. So nothing is ever on its way: a worker that dies leaves nothing pending, and all of them are one consumer.
--
-- Entries that somebody else was given in our group and never acknowledged are taken over when they are old enough: then
-- they come later than others that are newer.

local stream = KEYS[1]

-- Up to so many new entries, then those that were overdue; each is {id, {field, value, ...}}. A group that is not there is
-- made, and begins with the oldest entry that is left. Returns how many were new as well, or the server's error.
local function take_news(group, consumer, count, idle_ms)
  local answer = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, '>')
  if answer and answer.err and string.find(answer.err, 'NOGROUP', 1, true) then
    redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
    answer = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, '>')
  end
  if answer and answer.err then
    return answer
  end
  local entries = answer and answer[1][2] or {}
  local new = #entries
  for _, overdue in ipairs(redis.call('XPENDING', stream, group, 'IDLE', idle_ms, '-', '+', count)) do
    local found = redis.call('XRANGE', stream, overdue[1], overdue[1])[1]
    if not found then -- trimmed meanwhile
      redis.call('XACK', stream, group, overdue[1])
    end
    entries[#entries + 1] = found
  end
  return entries, new
end

-- They are sorted, and never come again.
local function acknowledge(group, entries)
  local ids = {}
  for i, entry in ipairs(entries) do
    ids[i] = entry[1]
  end
  if #ids > 0 then
    redis.call('XACK', stream, group, unpack(ids))
  end
end

-- The fields of an entry by name.
local function fields_of(entry)
  local fields, list = {}, entry[2]
  for i = 1, #list, 2 do
    fields[list[i]] = list[i + 1]
  end
  return fields
end
