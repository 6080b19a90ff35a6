-- SPDX-License-Identifier: Apache-2.0
-- EWMA as ingress-nginx does it: of two random endpoints the lower score wins, the first drawn
-- where they are equal. A score is updated when a request ends; an endpoint that joins starts at
-- the mean of the stored scores, one that leaves loses its own. Times are nanoseconds. As
-- cluster/balancers/ewma.h, which has the formulas.
local chance = require("wsfleet.chance")
local changes_between = require("wsfleet.endpoint_changes")
local exp, max = math.exp, math.max

local DECAY_TIME = 10 -- seconds

local Ewma = {}
Ewma.__index = Ewma

function Ewma.new()
  -- room: one more than the largest number that was ever listed; others are not known here
  return setmetatable({ endpoints = {}, entries = {}, now = 0, room = 0 }, Ewma)
end

-- What is left of a score `age` later.
local function decay(age)
  return age > 0 and exp(-(age / 1e9) / DECAY_TIME) or 1
end

function Ewma:advance_to(now)
  self.now = max(self.now, now)
end

function Ewma:set_endpoints(endpoints)
  self.room = max(self.room, (endpoints[#endpoints] or -1) + 1)
  local changes = changes_between(self.endpoints, endpoints)
  self.endpoints = endpoints
  for _, endpoint in ipairs(changes.removed) do
    self.entries[endpoint] = nil
  end
  self:start_slowly(changes.added)
end

-- The mean of the scores as they were stored, not decayed, of those endpoints that have one.
function Ewma:start_slowly(added)
  local sum, count = 0, 0
  for _, endpoint in ipairs(self.endpoints) do
    local entry = self.entries[endpoint]
    if entry then
      sum = sum + entry.stored
      count = count + 1
    end
  end
  if count == 0 then
    return
  end
  for _, endpoint in ipairs(added) do
    self.entries[endpoint] = { stored = sum / count, touched = self.now }
  end
end

-- Seconds, decayed to `now`.
function Ewma:score(endpoint, now)
  local entry = self.entries[endpoint]
  return entry and entry.stored * decay(now - entry.touched) or 0
end

function Ewma:pick(request)
  self:advance_to(request.now)
  local endpoints = self.endpoints
  if #endpoints < 2 then
    return endpoints[1]
  end
  local first, second = chance.random_pair(request, #endpoints)
  local a, b = endpoints[first], endpoints[second]
  return self:score(b, request.now) < self:score(a, request.now) and b or a
end

function Ewma:release(endpoint, now, response_time)
  self:advance_to(now)
  if endpoint >= self.room then
    return
  end
  local entry = self.entries[endpoint]
  if not entry then
    self.entries[endpoint] = { stored = response_time / 1e9, touched = now }
    return
  end
  local kept = decay(now - entry.touched)
  entry.stored = entry.stored * kept + response_time / 1e9 * (1 - kept)
  entry.touched = now
end

function Ewma:forget(endpoint)
  self.entries[endpoint] = nil
end

return Ewma
