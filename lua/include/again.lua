-- How a script knows a call that it has done already: a client that lost the answer sends the same call once more. The
-- answer is kept in one field, the call's name before its numbers.

-- The answer that is kept for this call; nil when it is another's.
local function answer_again(kept, call)
  if not kept or string.sub(kept, 1, #call + 1) ~= call .. ' ' then
    return nil
  end
  local answer = {}
  for number in string.gmatch(string.sub(kept, #call + 2), '%d+') do
    answer[#answer + 1] = tonumber(number)
  end
  return answer
end

-- The field's value for an answer of whole numbers.
local function answer_kept(call, answer)
  local words = { call }
  for _, number in ipairs(answer) do
    words[#words + 1] = string.format('%.0f', number)
  end
  return table.concat(words, ' ')
end
