// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cluster/simulated/control/simgrid_world.h"
#include "cluster/simulated/simulated.h"
#include "cluster/simulated/simulation.h"
#include "core/live/stop.h"

namespace wsfleet {

Result<void> simulate(const RunDescription& settings, Recorder& recorder, const WorldBody& body) {
  try {
    SimgridWorld world(settings.cluster);
    install_stop_handlers();  // SimGrid has put its own in their place
    return run_simulation(settings, world.executor(), world.shares(), world.pulls(), recorder,
                          body);
  } catch (const std::exception& exception) {
    return fail(fmt::format("SimGrid: {}", exception.what()));
  }
}

}  // namespace wsfleet
