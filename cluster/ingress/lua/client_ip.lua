-- SPDX-License-Identifier: Apache-2.0
-- A Service's sessionAffinity: ClientIP. The first connection of a source address goes to a random
-- endpoint; later ones go there too as long as the last one is no older than the timeout and the
-- endpoint has not left in between. Times are nanoseconds. As cluster/balancers/client_ip.h;
-- sources that hold no more are dropped whenever the table has doubled.
local chance = require("wsfleet.chance")
local changes_between = require("wsfleet.endpoint_changes")

local SMALLEST_TABLE = 1024

local ClientIp = {}
ClientIp.__index = ClientIp

function ClientIp.new(settings)
  local self = {
    timeout = settings.affinity_timeout,
    endpoints = {},
    stays = {}, -- by endpoint: odd while it is in the list, even while not
    affinities = {}, -- by source: endpoint, stay (of that endpoint in the list), last
    used = 0,
    room = SMALLEST_TABLE,
  }
  return setmetatable(self, ClientIp)
end

function ClientIp:advance_to() end

function ClientIp:set_endpoints(endpoints)
  local changes = changes_between(self.endpoints, endpoints)
  for _, endpoint in ipairs(changes.removed) do
    self.stays[endpoint] = self.stays[endpoint] + 1
  end
  for _, endpoint in ipairs(changes.added) do
    self.stays[endpoint] = (self.stays[endpoint] or 0) + 1
  end
  self.endpoints = endpoints
end

function ClientIp:pick(request)
  local endpoints = self.endpoints
  if #endpoints == 0 then
    return nil
  end
  local affinity = self.affinities[request.source]
  if not affinity then
    affinity = self:add(request)
  end
  if not self:holds(affinity, request.now) then
    affinity.endpoint = endpoints[chance.random_index(request, #endpoints)]
    affinity.stay = self.stays[affinity.endpoint]
  end
  affinity.last = request.now
  return affinity.endpoint
end

function ClientIp:holds(affinity, now)
  return affinity.stay and affinity.stay == self.stays[affinity.endpoint]
    and now - affinity.last <= self.timeout
end

function ClientIp:add(request)
  if self.used == self.room then
    self:drop_what_holds_no_more(request.now)
  end
  local affinity = {}
  self.affinities[request.source] = affinity
  self.used = self.used + 1
  return affinity
end

function ClientIp:drop_what_holds_no_more(now)
  local held, used = {}, 0
  for source, affinity in pairs(self.affinities) do
    if self:holds(affinity, now) then
      held[source] = affinity
      used = used + 1
    end
  end
  self.affinities, self.used = held, used
  self.room = math.max(SMALLEST_TABLE, 2 * used)
end

function ClientIp:release() end

function ClientIp:forget() end

return ClientIp
