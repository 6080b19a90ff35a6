-- SPDX-License-Identifier: Apache-2.0
-- The endpoints of this nginx and what became of them: which are listed, and for each pod its open
-- connections, picks and failures. Puts the balancer in the picture and takes its picks; pure, as
-- the balancer. A pod that left is kept until it is forgotten and its last connection has ended.
local Endpoints = {}
Endpoints.__index = Endpoints

function Endpoints.new(balancer)
  local self = {
    balancer = balancer,
    pods = {}, -- by number: those that the balancer knows
    forgotten = {}, -- set of those that still have connections
    listed = 0,
  }
  return setmetatable(self, Endpoints)
end

local function sorted_numbers(by_number)
  local numbers = {}
  for number in pairs(by_number) do
    numbers[#numbers + 1] = number
  end
  table.sort(numbers)
  return numbers
end

-- `list`: tables with id, uid, address and port, checked. A number that has become another pod's
-- leaves first and is forgotten.
function Endpoints:replace(list, now)
  local wanted, staying = {}, {}
  for _, endpoint in ipairs(list) do
    local pod = self.pods[endpoint.id]
    wanted[endpoint.id] = endpoint
    if not pod or pod.uid == endpoint.uid then
      staying[endpoint.id] = endpoint
    end
  end
  self.balancer:advance_to(now)
  if #list > #sorted_numbers(staying) then
    self:list_only(staying)
    for number in pairs(wanted) do
      if not staying[number] then
        self:forget(number)
      end
    end
  end
  self:list_only(wanted)
end

function Endpoints:list_only(wanted)
  for number, pod in pairs(self.pods) do
    pod.listed = wanted[number] ~= nil
  end
  for number, endpoint in pairs(wanted) do
    local pod = self.pods[number]
    if not pod then
      pod = { id = number, uid = endpoint.uid, open = 0, picked = 0, failed = 0 }
      self.pods[number] = pod
    end
    pod.listed, pod.address, pod.port = true, endpoint.address, endpoint.port
  end
  local numbers = sorted_numbers(wanted)
  self.listed = #numbers
  self.balancer:set_endpoints(numbers)
end

-- False when the number is in the list.
function Endpoints:forget(number)
  local pod = self.pods[number]
  if pod and pod.listed then
    return false
  end
  self.balancer:forget(number)
  if pod then
    pod.forgotten = true
    self.pods[number] = nil
    self.forgotten[pod] = pod.open > 0 or nil
  end
  return true
end

-- The pod for a request; nothing only when none is listed.
function Endpoints:pick(request)
  local number = self.balancer:pick(request)
  local pod = self.pods[number or -1]
  if pod then
    pod.picked = pod.picked + 1
    pod.open = pod.open + 1
  end
  return pod
end

-- A connection of the pod, or an attempt at one, has ended.
function Endpoints:release(pod, now, response_time)
  pod.open = pod.open - 1
  if not pod.forgotten then
    self.balancer:release(pod.id, now, response_time)
  elseif pod.open == 0 then
    self.forgotten[pod] = nil
  end
end

-- All that are kept, by number; of those with the same number the listed one last.
function Endpoints:all()
  local pods = {}
  for pod in pairs(self.forgotten) do
    pods[#pods + 1] = pod
  end
  for _, pod in pairs(self.pods) do
    pods[#pods + 1] = pod
  end
  table.sort(pods, function(a, b)
    if a.id ~= b.id then
      return a.id < b.id
    end
    if a.forgotten ~= b.forgotten then
      return a.forgotten == true
    end
    return a.uid < b.uid
  end)
  return pods
end

return Endpoints
