-- SPDX-License-Identifier: Apache-2.0
-- JSON (RFC 8259), strictly: Debian's nginx comes without a JSON library for Lua. decode() gives a
-- value, or nil and what is wrong at which byte; null becomes json.null, an object a table, a list
-- a table for which is_list() holds. encode() writes what the answers are made of: objects (with
-- sorted keys), lists (json.list), strings, numbers, booleans and null.
local char, find, sub = string.char, string.find, string.sub

local M = { null = setmetatable({}, { __tostring = function() return "null" end }) }

local MOST_DEEP = 16
local List = {}
local ESCAPES = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}
local NAMES = { ["true"] = true, ["false"] = false, null = M.null }

-- Marks a table as a list, also when it is empty.
function M.list(items)
  return setmetatable(items, List)
end

function M.is_list(value)
  return getmetatable(value) == List
end

function M.is_object(value)
  return type(value) == "table" and value ~= M.null and not M.is_list(value)
end

local function wrong(at, what)
  error({ message = what .. " at byte " .. at }, 0)
end

local function skip_space(text, at)
  return find(text, "[^ \t\r\n]", at) or #text + 1
end

local function utf8_of(code)
  if code < 0x80 then
    return char(code)
  elseif code < 0x800 then
    return char(0xc0 + math.floor(code / 64), 0x80 + code % 64)
  elseif code < 0x10000 then
    return char(0xe0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  return char(0xf0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
    0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

local function hex4(text, at)
  local digits = text:match("^%x%x%x%x", at) or wrong(at, "four hexadecimal digits are missing")
  return tonumber(digits, 16)
end

-- What follows "\u": the character and where the text goes on.
local function unicode_escape(text, at)
  local code = hex4(text, at)
  at = at + 4
  if code >= 0xdc00 and code <= 0xdfff then
    wrong(at, "half a surrogate pair")
  elseif code >= 0xd800 and code <= 0xdbff then
    if sub(text, at, at + 1) ~= "\\u" then
      wrong(at, "half a surrogate pair")
    end
    local low = hex4(text, at + 2)
    if low < 0xdc00 or low > 0xdfff then
      wrong(at, "half a surrogate pair")
    end
    code = 0x10000 + (code - 0xd800) * 1024 + (low - 0xdc00)
    at = at + 6
  end
  return utf8_of(code), at
end

local function read_string(text, at)
  local parts = {}
  while true do
    local stop = find(text, '[%c"\\]', at) or wrong(#text + 1, "a string does not end")
    parts[#parts + 1] = sub(text, at, stop - 1)
    local what = sub(text, stop, stop)
    if what == '"' then
      return table.concat(parts), stop + 1
    elseif what == "\127" then -- a control character for Lua, not for JSON
      parts[#parts + 1] = what
      at = stop + 1
    elseif what ~= "\\" then
      wrong(stop, "a control character in a string")
    elseif sub(text, stop + 1, stop + 1) == "u" then
      parts[#parts + 1], at = unicode_escape(text, stop + 2)
    else
      local escape = ESCAPES[sub(text, stop + 1, stop + 1)]
      parts[#parts + 1] = escape or wrong(stop, "an unknown escape")
      at = stop + 2
    end
  end
end

local function read_number(text, at)
  local stop = select(2, find(text, "^-?%d+", at)) or wrong(at, "no value")
  if find(text, "^-?0%d", at) then
    wrong(at, "a number with a leading zero")
  end
  stop = select(2, find(text, "^%.%d+", stop + 1)) or stop
  stop = select(2, find(text, "^[eE][+-]?%d+", stop + 1)) or stop
  return tonumber(sub(text, at, stop)), stop + 1
end

local read_value

local function read_list(text, at, depth)
  local items = M.list({})
  at = skip_space(text, at)
  if sub(text, at, at) == "]" then
    return items, at + 1
  end
  while true do
    items[#items + 1], at = read_value(text, at, depth)
    at = skip_space(text, at)
    local what = sub(text, at, at)
    if what == "]" then
      return items, at + 1
    elseif what ~= "," then
      wrong(at, "',' or ']' is missing")
    end
    at = at + 1
  end
end

local function read_object(text, at, depth)
  local object = {}
  at = skip_space(text, at)
  if sub(text, at, at) == "}" then
    return object, at + 1
  end
  while true do
    at = skip_space(text, at)
    if sub(text, at, at) ~= '"' then
      wrong(at, "a key is missing")
    end
    local key, after = read_string(text, at + 1)
    if object[key] ~= nil then
      wrong(at, "the key '" .. key .. "' comes twice")
    end
    at = skip_space(text, after)
    if sub(text, at, at) ~= ":" then
      wrong(at, "':' is missing")
    end
    object[key], at = read_value(text, at + 1, depth)
    at = skip_space(text, at)
    local what = sub(text, at, at)
    if what == "}" then
      return object, at + 1
    elseif what ~= "," then
      wrong(at, "',' or '}' is missing")
    end
    at = at + 1
  end
end

function read_value(text, at, depth)
  if depth == 0 then
    wrong(at, "nested too deep")
  end
  at = skip_space(text, at)
  local what = sub(text, at, at)
  if what == "{" then
    return read_object(text, at + 1, depth - 1)
  elseif what == "[" then
    return read_list(text, at + 1, depth - 1)
  elseif what == '"' then
    return read_string(text, at + 1)
  end
  local name = text:match("^%l+", at)
  if name and NAMES[name] ~= nil then
    return NAMES[name], at + #name
  end
  return read_number(text, at)
end

function M.decode(text)
  local fine, value, after = pcall(read_value, text, 1, MOST_DEEP)
  if not fine then
    if type(value) ~= "table" then
      error(value, 0) -- a mistake in here, not in the text
    end
    return nil, value.message
  end
  if skip_space(text, after) <= #text then
    return nil, "more behind the end at byte " .. after
  end
  return value
end

local function quote(text)
  return '"' .. text:gsub('[%z\1-\31"\\]', function(c)
    return ("\\u%04x"):format(c:byte())
  end) .. '"'
end

function M.encode(value)
  local kind = type(value)
  if kind == "string" then
    return quote(value)
  elseif kind == "number" then
    return ("%.17g"):format(value)
  elseif kind == "boolean" or value == M.null then
    return tostring(value)
  end
  local parts = {}
  if M.is_list(value) then
    for i, item in ipairs(value) do
      parts[i] = M.encode(item)
    end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for key, item in pairs(value) do
    parts[#parts + 1] = quote(key) .. ":" .. M.encode(item)
  end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

return M
