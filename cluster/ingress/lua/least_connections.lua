-- SPDX-License-Identifier: Apache-2.0
-- Least connections: the endpoint with the fewest connections, attempts under way included; among
-- equals the one that has had that count for longest. One queue of endpoints for each count, so
-- pick() and release() are O(1). As cluster/balancers/least_connections.h.
local changes_between = require("wsfleet.endpoint_changes")

local LeastConnections = {}
LeastConnections.__index = LeastConnections

function LeastConnections.new()
  local self = {
    endpoints = {},
    entries = {}, -- by endpoint: connections, active, previous, next
    queues = {}, -- by count, of active endpoints: head, tail
    fewest = 0, -- the first queue that is not empty, where there is an endpoint
  }
  return setmetatable(self, LeastConnections)
end

function LeastConnections:advance_to() end

function LeastConnections:set_endpoints(endpoints)
  local changes = changes_between(self.endpoints, endpoints)
  for _, endpoint in ipairs(changes.removed) do
    self:unlink(endpoint)
  end
  for _, endpoint in ipairs(changes.added) do
    self.entries[endpoint] = self.entries[endpoint] or { connections = 0 }
    self:append(endpoint)
  end
  self.endpoints = endpoints
  self:find_fewest()
end

function LeastConnections:pick()
  if #self.endpoints == 0 then
    return nil
  end
  local chosen = self.queues[self.fewest].head
  self:change(chosen, self.entries[chosen].connections + 1)
  return chosen
end

function LeastConnections:release(endpoint)
  local entry = self.entries[endpoint]
  if entry and entry.connections > 0 then
    self:change(endpoint, entry.connections - 1)
  end
end

function LeastConnections:forget(endpoint)
  if self.entries[endpoint] then
    self:change(endpoint, 0)
    self:find_fewest()
  end
end

function LeastConnections:change(endpoint, connections)
  local entry = self.entries[endpoint]
  if not entry.active then
    entry.connections = connections
    return
  end
  local left = entry.connections
  self:unlink(endpoint)
  entry.connections = connections
  self:append(endpoint)
  if connections < self.fewest then
    self.fewest = connections
  elseif left == self.fewest and not self.queues[left].head then
    -- by one: the endpoint that emptied the queue is in the next one now
    self.fewest = self.fewest + 1
  end
end

-- To the queue of its count.
function LeastConnections:append(endpoint)
  local entry = self.entries[endpoint]
  local queue = self.queues[entry.connections]
  if not queue then
    queue = {}
    self.queues[entry.connections] = queue
  end
  entry.active, entry.previous, entry.next = true, queue.tail, nil
  if queue.tail then
    self.entries[queue.tail].next = endpoint
  else
    queue.head = endpoint
  end
  queue.tail = endpoint
end

function LeastConnections:unlink(endpoint)
  local entry = self.entries[endpoint]
  local queue = self.queues[entry.connections]
  if entry.previous then
    self.entries[entry.previous].next = entry.next
  else
    queue.head = entry.next
  end
  if entry.next then
    self.entries[entry.next].previous = entry.previous
  else
    queue.tail = entry.previous
  end
  entry.active = false
end

function LeastConnections:find_fewest()
  self.fewest = 0
  if #self.endpoints == 0 then
    return
  end
  while not (self.queues[self.fewest] and self.queues[self.fewest].head) do
    self.fewest = self.fewest + 1
  end
end

return LeastConnections
