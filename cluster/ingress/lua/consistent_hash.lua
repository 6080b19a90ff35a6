-- SPDX-License-Identifier: Apache-2.0
-- Consistent hashing of the source address: a ring on which each endpoint has 100 points; a source
-- belongs to the next point behind its hash. As cluster/balancers/consistent_hash.h: the same seed
-- gives the same ring and the same hashes. A hash is two numbers of 32 bits.
local RandomStream = require("wsfleet.random_stream")
local changes_between = require("wsfleet.endpoint_changes")
local floor = math.floor

local POINTS_PER_ENDPOINT = 100

local ConsistentHash = {}
ConsistentHash.__index = ConsistentHash

function ConsistentHash.new(settings)
  local self = {
    points = RandomStream.new(settings.seed, "cluster.balancer.points"),
    sources = RandomStream.new(settings.seed, "cluster.balancer.sources"),
    endpoints = {},
    lives = {}, -- by endpoint: a number's next pod has points of its own
    room = 0, -- one more than the largest number that was ever listed
    ring = {}, -- sorted
  }
  return setmetatable(self, ConsistentHash)
end

local function is_before(a, b)
  if a.high ~= b.high then
    return a.high < b.high
  end
  if a.low ~= b.low then
    return a.low < b.low
  end
  return a.endpoint < b.endpoint
end

function ConsistentHash:advance_to() end

function ConsistentHash:set_endpoints(endpoints)
  self.room = math.max(self.room, (endpoints[#endpoints] or -1) + 1)
  local changes = changes_between(self.endpoints, endpoints)
  self.endpoints = endpoints
  local removed = {}
  for _, endpoint in ipairs(changes.removed) do
    removed[endpoint] = true
  end
  local ring = {}
  for _, point in ipairs(self.ring) do
    if not removed[point.endpoint] then
      ring[#ring + 1] = point
    end
  end
  for _, endpoint in ipairs(changes.added) do
    local key = RandomStream.key(self.lives[endpoint] or 0, endpoint)
    for i = 0, POINTS_PER_ENDPOINT - 1 do
      local high, low = self.points:bits(key, i)
      ring[#ring + 1] = { high = high, low = low, endpoint = endpoint }
    end
  end
  table.sort(ring, is_before)
  self.ring = ring
end

function ConsistentHash:pick(request)
  local ring = self.ring
  if #ring == 0 then
    return nil
  end
  local high, low = self.sources:bits(request.source)
  -- The first point that is not before the hash.
  local from, to = 1, #ring + 1
  while from < to do
    local middle = floor((from + to) / 2)
    local point = ring[middle]
    if point.high < high or (point.high == high and point.low < low) then
      from = middle + 1
    else
      to = middle
    end
  end
  return ring[from <= #ring and from or 1].endpoint
end

function ConsistentHash:release() end

function ConsistentHash:forget(endpoint)
  if endpoint < self.room then
    self.lives[endpoint] = (self.lives[endpoint] or 0) + 1
  end
end

return ConsistentHash
