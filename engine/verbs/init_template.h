// SPDX-License-Identifier: Apache-2.0
#pragma once
// The scenario that `wsfleet init` writes: every section once, with a comment on what it is for. It
// is a valid scenario, which a test holds. Constant; NAME stands for the scenario's name.

namespace wsfleet {

inline constexpr const char* kInitTemplate =
    R"toml(# A scenario for wsfleet: what clients do, what serves them, who scales it.
# `wsfleet validate` checks it, `wsfleet run` runs it, `wsfleet compare --policies a,b` compares.
# Durations are strings ("90s", "1h30m"), sizes are bytes or "64KiB". Keys left out keep their
# defaults; docs/formats/scenario.md lists them all.
format = 1
name = "NAME"
description = "A quiet quarter of an hour, then a crowd within two minutes."
duration = "40m"
warmup = "2m"            # recorded, not scored
seed = 1
start = "steady"         # "empty": nobody is connected at the beginning

[workload]
source_addresses = 0     # 0: each client has an address of its own
[workload.arrivals]      # new sessions per second
shape = "flash"          # constant, steps, diurnal, flash, spikes, trace
base = 1.0
peak = 10.0
start = "15m"
rise = "2m"
hold = "3m"
decay = "5m"
[workload.session]
length = { distribution = "lognormal", mean = "10m", sigma = 1.0 }
messages_per_second = 0.2
message_bytes = 200
[workload.reconnect]     # what cut or refused clients do: none, fixed, exponential, full_jitter
policy = "full_jitter"
base = "1s"
cap = "30s"
max_attempts = 20
connect_timeout = "10s"

[server]
max_connections = 500    # more are refused with 503
drain = { mode = "paced", over = "30s" }   # how a terminating pod parts with its sockets
termination_grace = "60s"

[cluster]
controller = "statefulset"
nodes = { count = 5, cores = 4, memory = "16GiB" }
pod = { cpu_request = 0.25, cpu_limit = 1.0, memory_limit = "256MiB", image_bytes = "60MiB" }
readiness = { initial_delay = "5s", period = "10s" }
balancer = "least_connections"   # round_robin, power_of_two, ewma, client_ip, random, ...

[metrics]
scrape_interval = "15s"

[objective]              # what the scores and the demand are about
connections_per_pod = 400
time_to_connect = "1s"

[scaler]
min_replicas = 2
max_replicas = 20
initial_replicas = 3
policy = "hpa"           # `wsfleet policies` lists them
[policy.hpa]
target_connections = 250

# Something that goes wrong; as many as you like.
# [[fault]]
# at = "30m"
# kind = "pod_kill"
# count = 1

# What `wsfleet run` must meet; exit status 99 when it is missed.
# [expect]
# refused_share = "< 0.05"
)toml";

}  // namespace wsfleet
