--[[
Put the ticks that are new to the group into the inboxes of their symbols, and acknowledge them, in one step. A slot is in an
inbox once, and inboxes are in the order of time, in whatever order entries come. Ticks of other symbols are left out.

KEYS    1 stream       stream of ticks
        2 ...          sorted set of each symbol's ticks: slot -> its words
ARGV    1 group        the consumer group
        2 consumer     the one consumer that all workers are
        3 count        up to how many entries at once
        4 idle_ms      what others were given and have not acknowledged for so long is taken over
        5 kept         ticks that an inbox holds at most, the newest
        6 latest       the last slot that there can be; one beyond it would make all before it late
        7 ...          symbols, in the order of their keys
RETURNS {sorted, unusable, more}: ticks put into inboxes; those whose slot or spot cannot be; 1 when there may be more
ERRORS  none
COST    O(count); one XREADGROUP, one XPENDING, one XACK, two commands for each tick; 256 entries take about 1.5 ms
]]
--- @include news
local group, consumer, count, idle_ms, kept = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local latest = tonumber(ARGV[6])
local FIRST_KEY, FIRST = 2, 7

local place = {}
for i = FIRST, #ARGV do
  place[ARGV[i]] = FIRST_KEY + i - FIRST
end

local entries, new = take_news(group, consumer, count, idle_ms)
if entries.err then
  return entries
end

local function is_tick(ts, spot)
  return string.find(ts, '^[1-9]%d*$') and tonumber(ts) <= latest and spot and spot > 0 and spot < math.huge
end

local touched, sorted, unusable = {}, 0, 0
for _, entry in ipairs(entries) do
  local tick = fields_of(entry)
  local at, ts = place[tick.symbol or ''], tick.ts or ''
  if not at or not is_tick(ts, tonumber(tick.spot)) then
    unusable = unusable + (at and 1 or 0)
  else
    local ticks = KEYS[at]
    if redis.call('ZCOUNT', ticks, ts, ts) == 0 then
      local words = ts .. ' ' .. tick.spot .. ' ' .. (tick.seq or '0') .. (tick.delayed and ' delayed' or '')
      redis.call('ZADD', ticks, ts, words)
      touched[at], sorted = true, sorted + 1
    end
  end
end
for at in pairs(touched) do
  local ticks = KEYS[at]
  redis.call('ZREMRANGEBYRANK', ticks, 0, -1 - kept)
end
acknowledge(group, entries)
return { sorted, unusable, new >= tonumber(count) and 1 or 0 }
