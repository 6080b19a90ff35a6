-- SPDX-License-Identifier: Apache-2.0
-- What nginx.conf calls: start() once, then for each request check(), balance() for each try and
-- log() at its end. A try that failed is released when the next one is picked, as in the simulator;
-- the last one at the request's end, with the times that ingress-nginx takes. There is one process,
-- so its state is plain Lua.
local ffi = require("ffi")
local ngx_balancer = require("ngx.balancer")
local Endpoints = require("wsfleet.endpoints")
local RandomStream = require("wsfleet.random_stream")
local balancers = require("wsfleet.balancers")

ffi.cdef("typedef struct { long seconds; long nanoseconds; } wsfleet_time;"
  .. "int clock_gettime(int clock, wsfleet_time *time);")

-- ingress-nginx' proxy-next-upstream-tries
local MOST_TRIES = 3
local CLOCK_MONOTONIC = 1
local NO_ENDPOINT = "no endpoint\n"

local M = {}

local time = ffi.new("wsfleet_time")
local endpoints, chance
local draws = 0 -- each try has one of its own
local begun = 0 -- seconds on the monotonic clock

-- Nanoseconds since start().
function M.now()
  ffi.C.clock_gettime(CLOCK_MONOTONIC, time)
  return (tonumber(time.seconds) - begun) * 1e9 + tonumber(time.nanoseconds)
end

-- `settings`: balancer (its name), affinity_timeout (nanoseconds), seed (unsigned 64 bits).
function M.start(settings)
  ffi.C.clock_gettime(CLOCK_MONOTONIC, time)
  begun = tonumber(time.seconds)
  endpoints = Endpoints.new(balancers[settings.balancer].new(settings))
  chance = RandomStream.new(settings.seed, "cluster.balancer")
end

function M.endpoints()
  return endpoints
end

function M.check()
  if endpoints.listed > 0 then
    return
  end
  ngx.status = ngx.HTTP_SERVICE_UNAVAILABLE
  ngx.header.content_type = "text/plain"
  ngx.header.content_length = #NO_ENDPOINT
  ngx.print(NO_ENDPOINT)
  return ngx.exit(ngx.HTTP_OK)
end

-- The client's IPv4 address as a number.
local function source_address()
  local a, b, c, d = ngx.var.binary_remote_addr:byte(1, 4)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function pick(now)
  local high, low = chance:bits(draws)
  draws = draws + 1
  return endpoints:pick({ high = high, low = low, source = source_address(), now = now })
end

function M.balance()
  local state = ngx.ctx
  local now = M.now()
  local failed = state.pod
  if failed then
    failed.failed = failed.failed + 1
    state.pod = nil
    endpoints:release(failed, now, now - state.picked_at)
  end
  local pod = pick(now)
  if not pod then
    return ngx.exit(ngx.ERROR) -- the last one has left since the failed try
  end
  state.pod, state.picked_at = pod, now
  state.tries = (state.tries or 0) + 1
  if state.tries < MOST_TRIES then
    ngx_balancer.set_more_tries(1)
  end
  local fine, problem = ngx_balancer.set_current_peer(pod.address, pod.port)
  if not fine then
    ngx.log(ngx.ERR, "set_current_peer: ", problem)
  end
end

-- Of "0.001, 0.002": one value for each try, "-" where there is none.
local function last_of(values)
  return values and values:match("([^%s,]+)$")
end

function M.log()
  local pod = ngx.ctx.pod
  if not pod then
    return
  end
  local var = ngx.var
  local status = last_of(var.upstream_status)
  if last_of(var.upstream_header_time) == "-" and (status == "502" or status == "504") then
    pod.failed = pod.failed + 1
  end
  local connect_s = tonumber(last_of(var.upstream_connect_time)) or 0
  local response_s = tonumber(last_of(var.upstream_response_time)) or 0
  endpoints:release(pod, M.now(), (connect_s + response_s) * 1e9)
end

return M
