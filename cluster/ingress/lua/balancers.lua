-- SPDX-License-Identifier: Apache-2.0
-- The table of balancers, as in cluster/balancers/balancers.cpp. Each is pure and has the methods
-- of cluster/balancers/balancer.h: advance_to(now), set_endpoints(sorted list), pick(request),
-- release(endpoint, now, response_time), forget(endpoint). A request is a table of `high` and `low`
-- (its draw of chance, 32 bits each), `source` (a number) and `now`. Times are nanoseconds: doubles
-- count them exactly for 104 days.
local M = {
  client_ip = require("wsfleet.client_ip"),
  consistent_hash = require("wsfleet.consistent_hash"),
  ewma = require("wsfleet.ewma"),
  least_connections = require("wsfleet.least_connections"),
  power_of_two = require("wsfleet.power_of_two"),
  random = require("wsfleet.random"),
  round_robin = require("wsfleet.round_robin"),
}

return M
