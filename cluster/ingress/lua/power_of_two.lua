-- SPDX-License-Identifier: Apache-2.0
-- The power of two choices: of two random endpoints the one with fewer connections (attempts under
-- way included), the first drawn where they are equal. As cluster/balancers/power_of_two.h.
local chance = require("wsfleet.chance")

local PowerOfTwo = {}
PowerOfTwo.__index = PowerOfTwo

function PowerOfTwo.new()
  return setmetatable({ endpoints = {}, connections = {} }, PowerOfTwo)
end

function PowerOfTwo:advance_to() end

function PowerOfTwo:set_endpoints(endpoints)
  self.endpoints = endpoints
  for _, endpoint in ipairs(endpoints) do
    self.connections[endpoint] = self.connections[endpoint] or 0
  end
end

function PowerOfTwo:pick(request)
  local endpoints, connections = self.endpoints, self.connections
  if #endpoints == 0 then
    return nil
  end
  local chosen = endpoints[1]
  if #endpoints > 1 then
    local first, second = chance.random_pair(request, #endpoints)
    local a, b = endpoints[first], endpoints[second]
    chosen = connections[b] < connections[a] and b or a
  end
  connections[chosen] = connections[chosen] + 1
  return chosen
end

function PowerOfTwo:release(endpoint)
  local connections = self.connections
  if (connections[endpoint] or 0) > 0 then
    connections[endpoint] = connections[endpoint] - 1
  end
end

function PowerOfTwo:forget(endpoint)
  if self.connections[endpoint] then
    self.connections[endpoint] = 0
  end
end

return PowerOfTwo
