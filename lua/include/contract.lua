-- How a stored contract is read and cut.
--
-- A contract is canonical JSON: identity first, then "v" and "ts", then flat sections in a fixed order. So a member is found
-- by its name and ends at the next comma, a section is found by its name and ends at the next brace, and whatever a script
-- does not name keeps its bytes. cjson is never used on contracts: it keeps 14 digits, and turns [] into {}.

local SECTIONS = { 'quote', 'trade', 'day', 'greeks' }
local RANK = { quote = 1, trade = 2, day = 3, greeks = 4 }
local MEMBER = '"([%w_]+)":([^,]+)'
local NAME = '^"[%w_]+":'
local HEAD = '^"v":(%d+),"ts":(%d+)'
local find, sub, match, concat = string.find, string.sub, string.match, table.concat

-- Whole numbers only: Lua 5.1 would print a time in ms as 1.795e+12.
local function whole(number)
  return string.format('%.0f', number)
end

-- First and last byte of a section's members, or nil when the contract has no such section.
local function find_section(contract, name, from)
  local _, brace = find(contract, '"' .. name .. '":{', from, true)
  if not brace then
    return nil
  end
  return brace + 1, find(contract, '}', brace, true) - 1
end

local function section_time(members)
  local at = find(members, '"ts":', 1, true)
  return at and tonumber(match(members, '^%d+', at + 5)) or 0
end

-- The contract with a section put where the order of sections wants it.
local function insert_section(contract, name, members)
  local text = ',"' .. name .. '":{' .. members .. '}'
  for rank = RANK[name] + 1, #SECTIONS do
    local at = find(contract, ',"' .. SECTIONS[rank] .. '":{', 1, true)
    if at then
      return sub(contract, 1, at - 1) .. text .. sub(contract, at)
    end
  end
  return sub(contract, 1, -2) .. text .. '}'
end

local function members_of(text)
  local names, values = {}, {}
  for name, value in string.gmatch(text, MEMBER) do
    names[#names + 1] = name
    values[name] = value
  end
  return names, values
end

local function member(name, value)
  return '"' .. name .. '":' .. value
end

-- Members of `patch` merged into `old` one by one: for sections that hold something the patch does not name, or lack
-- something it does. The order becomes the patch's own as soon as the patch names all there is.
local function merge_one_by_one(old, patch)
  local old_names, old_values = members_of(old)
  local names, values = members_of(patch)
  local kept, news, foreign = {}, {}, {}
  for _, name in ipairs(names) do
    local value = values[name]
    if value ~= 'null' then
      kept[#kept + 1] = member(name, value)
    end
    if (old_values[name] or 'null') ~= value then
      news[#news + 1] = member(name, value)
    end
  end
  for _, name in ipairs(old_names) do
    if not values[name] then
      foreign[#foreign + 1] = member(name, old_values[name])
    end
  end
  if #news == 0 then
    return old, nil
  end
  for _, text in ipairs(foreign) do
    kept[#kept + 1] = text
  end
  return concat(kept, ','), concat(news, ',')
end

-- Merge a patch (flat members; null removes) into a section's members.
-- Returns the new members and the members that are news, nil when there are none.
-- Old and new are walked side by side, member by member as text: nearly always they have the same names in the same order.
local function merge_members(old, patch)
  local news, count, old_from, from = {}, 0, 1, 1
  while true do
    local old_to, to = find(old, ',', old_from, true), find(patch, ',', from, true)
    local was, is = sub(old, old_from, (old_to or 0) - 1), sub(patch, from, (to or 0) - 1)
    if was ~= is then
      local name = match(is, NAME)
      if not name or match(was, NAME) ~= name or sub(is, #name + 1) == 'null' then
        return merge_one_by_one(old, patch)
      end
      count = count + 1
      news[count] = is
    end
    if not old_to or not to then
      break
    end
    old_from, from = old_to + 1, to + 1
  end
  if find(old, ',', old_from, true) or find(patch, ',', from, true) then
    return merge_one_by_one(old, patch)
  end
  if count == 0 then
    return old, nil
  end
  return patch, concat(news, ',')
end

-- Two patches of the same section as one: what the second names stands.
local function overlay(first, second)
  local names, values = members_of(first)
  local later_names, later = members_of(second)
  local members = {}
  for _, name in ipairs(names) do
    if not later[name] then
      members[#members + 1] = member(name, values[name])
    end
  end
  for _, name in ipairs(later_names) do
    members[#members + 1] = member(name, later[name])
  end
  return concat(members, ',')
end

-- The patch that turns `old` into exactly `new`: null for every member that is gone.
local function replacing_patch(old, new)
  local _, values = members_of(new)
  local gone = {}
  for _, name in ipairs((members_of(old))) do
    if not values[name] then
      gone[#gone + 1] = ',' .. member(name, 'null')
    end
  end
  return new .. concat(gone)
end

-- Put one section's patch into a contract, unless the stored section is newer.
-- Returns 'applied', contract, news | 'same' | 'stale'.
local function merge_section(contract, name, time, patch)
  local first, last = find_section(contract, name, 1)
  if not first then
    local _, news = merge_one_by_one('', patch)
    if not news then
      return 'same'
    end
    local members = string.gsub(',' .. patch, ',"[%w_]+":null', '')
    return 'applied', insert_section(contract, name, sub(members, 2)), news
  end
  local old = sub(contract, first, last)
  if time < section_time(old) then
    return 'stale'
  end
  local members, news = merge_members(old, patch)
  if not news then
    return 'same'
  end
  return 'applied', sub(contract, 1, first - 1) .. members .. sub(contract, last + 1), news
end

-- The contract with `v` one higher and `ts` at least `time`, and both as members for the feed.
local function bump(contract, time)
  local first, last, v, ts = find(contract, HEAD, (find(contract, '"v":', 1, true)))
  local head = '"v":' .. whole(v + 1) .. ',"ts":' .. whole(math.max(ts, time))
  return sub(contract, 1, first - 1) .. head .. sub(contract, last + 1), head
end
