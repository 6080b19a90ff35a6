-- SPDX-License-Identifier: Apache-2.0
-- Runs a file of tests/vectors/ through the balancers of the live ingress and answers with what
-- each step gave: {"results": [...]}, a number, null or a list for picks, a score where one is
-- asked for, false for steps that give nothing. Tests only.
local RandomStream = require("wsfleet.random_stream")
local balancers = require("wsfleet.balancers")
local json = require("wsfleet.json")

local function nanoseconds(seconds)
  return math.floor(seconds * 1e9 + 0.5)
end

local function pick(balancer, chance, step, i)
  local high, low = chance:bits(step.session + i)
  return balancer:pick({
    high = high, low = low,
    source = (step.source or step.session) + i * (step.source_step or 1),
    now = nanoseconds((step.at_s or 0) + i * (step.every_s or 0)),
  }) or json.null
end

local function result_of(balancer, chance, step)
  local at = nanoseconds(step.at_s or 0)
  if step["do"] == "endpoints" then
    balancer:advance_to(at)
    balancer:set_endpoints(step.endpoints)
  elseif step["do"] == "pick" then
    return pick(balancer, chance, step, 0)
  elseif step["do"] == "picks" then
    local picks = json.list({})
    for i = 1, step.count do
      picks[i] = pick(balancer, chance, step, i - 1)
    end
    return picks
  elseif step["do"] == "end" then
    balancer:release(step.endpoint, at, nanoseconds(step.time_s))
  elseif step["do"] == "forget" then
    balancer:forget(step.endpoint)
  end
  return step.score_s and balancer:score(step.endpoint, at) or false
end

ngx.req.read_body()
local vectors, problem = json.decode(ngx.req.get_body_data())
if problem then
  error(problem)
end
local chance = RandomStream.new(vectors.seed, "cluster.balancer")
local balancer = balancers[vectors.balancer].new({
  seed = vectors.seed,
  affinity_timeout = nanoseconds(vectors.affinity_timeout_s or 10800),
})
local results = json.list({})
for i, step in ipairs(vectors.steps) do
  results[i] = result_of(balancer, chance, step)
end
local text = json.encode({ results = results, jit = jit.status() })
ngx.header.content_length = #text
ngx.print(text)
