-- SPDX-License-Identifier: Apache-2.0
-- The body of PUT /endpoints: {"endpoints": [{"id", "uid", "address", "port"}, ...]}. Pure. Gives
-- the list, or nil and a reason; every field is needed and no other is allowed.
local json = require("wsfleet.json")

-- Far more numbers than pods on one machine; they are dense.
local LARGEST_ID = 1000000

local function is_whole(value, least, most)
  return type(value) == "number" and value % 1 == 0 and value >= least and value <= most
end

local function is_ipv4(text)
  if type(text) ~= "string" then
    return false
  end
  local parts = { text:match("^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$") }
  for _, part in ipairs(parts) do
    if tonumber(part) > 255 then
      return false
    end
  end
  return #parts == 4
end

local CHECKS = {
  id = {
    function(value) return is_whole(value, 0, LARGEST_ID) end,
    "a whole number of 0 to " .. LARGEST_ID,
  },
  uid = {
    function(value)
      return type(value) == "string" and #value <= 253 and value:find("^[%w._-]+$")
    end,
    "1 to 253 letters, digits, '.', '_' and '-'",
  },
  address = { is_ipv4, "an IPv4 address" },
  port = { function(value) return is_whole(value, 1, 65535) end, "a whole number of 1 to 65535" },
}

local function problem_of(endpoint)
  if not json.is_object(endpoint) then
    return "is no object"
  end
  for key in pairs(endpoint) do
    if not CHECKS[key] then
      return "has an unknown key '" .. key .. "'"
    end
  end
  for _, key in ipairs({ "id", "uid", "address", "port" }) do
    local is_right, what = CHECKS[key][1], CHECKS[key][2]
    if not is_right(endpoint[key]) then
      return "needs '" .. key .. "': " .. what
    end
  end
end

return function(text)
  local body, problem = json.decode(text)
  if problem then
    return nil, "no JSON: " .. problem
  end
  if not json.is_object(body) or not json.is_list(body.endpoints) or next(body, next(body)) then
    return nil, "not of the form {\"endpoints\": [...]}"
  end
  local seen = {}
  for place, endpoint in ipairs(body.endpoints) do
    problem = problem_of(endpoint)
    if not problem and seen[endpoint.id] then
      problem = "has the id " .. endpoint.id .. " of another one"
    end
    if problem then
      return nil, "endpoint " .. place .. " " .. problem
    end
    seen[endpoint.id] = true
  end
  return body.endpoints
end
