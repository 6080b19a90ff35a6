-- SPDX-License-Identifier: Apache-2.0
-- Round robin: each endpoint in turn. Where the list changes, the turn goes on behind the endpoint
-- that was picked last. As cluster/balancers/round_robin.h.
local RoundRobin = {}
RoundRobin.__index = RoundRobin

function RoundRobin.new()
  return setmetatable({ endpoints = {}, next = 1, last = nil }, RoundRobin)
end

function RoundRobin:advance_to() end

function RoundRobin:set_endpoints(endpoints)
  self.endpoints = endpoints
  self.next = 1
  if not self.last then
    return
  end
  for place, endpoint in ipairs(endpoints) do
    if endpoint > self.last then
      self.next = place
      return
    end
  end
end

function RoundRobin:pick()
  local endpoints = self.endpoints
  if #endpoints == 0 then
    return nil
  end
  self.last = endpoints[self.next]
  self.next = self.next % #endpoints + 1
  return self.last
end

function RoundRobin:release() end

function RoundRobin:forget() end

return RoundRobin
