-- SPDX-License-Identifier: Apache-2.0
-- Random: each endpoint with the same probability. As cluster/balancers/random.h.
local chance = require("wsfleet.chance")

local RandomChoice = {}
RandomChoice.__index = RandomChoice

function RandomChoice.new()
  return setmetatable({ endpoints = {} }, RandomChoice)
end

function RandomChoice:advance_to() end

function RandomChoice:set_endpoints(endpoints)
  self.endpoints = endpoints
end

function RandomChoice:pick(request)
  local endpoints = self.endpoints
  if #endpoints == 0 then
    return nil
  end
  return endpoints[chance.random_index(request, #endpoints)]
end

function RandomChoice:release() end

function RandomChoice:forget() end

return RandomChoice
