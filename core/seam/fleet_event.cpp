// SPDX-License-Identifier: Apache-2.0
#include "core/seam/fleet_event.h"

#include <nlohmann/json.hpp>

namespace wsfleet {

using nlohmann::json;

json to_json(const FleetEvent& event) {
  return {{"time_s", to_seconds(event.time)},
          {"kind", event.kind},
          {"pod", event.pod},
          {"uid", event.uid},
          {"node", event.node},
          {"detail", event.detail}};
}

Result<FleetEvent> event_from_json(const json& object) {
  FleetEvent event;
  try {
    event.time = from_seconds(object.at("time_s").get<double>());
    for (const auto& [key, text] : {std::pair{"kind", &event.kind}, std::pair{"pod", &event.pod},
                                    std::pair{"uid", &event.uid}, std::pair{"node", &event.node},
                                    std::pair{"detail", &event.detail}}) {
      *text = object.at(key).get<std::string>();
    }
  } catch (const json::exception& exception) {
    return fail(std::string("event: ") + exception.what());
  }
  return event;
}

}  // namespace wsfleet
