// SPDX-License-Identifier: Apache-2.0
#include "core/seam/fleet_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

TEST(FleetEvent, ComesBackFromItsJson) {
  const FleetEvent event{.time = 1500 * kMillisecond,
                         .kind = "pod_ready",
                         .pod = "websocket-0",
                         .uid = "u-1",
                         .node = "node-2",
                         .detail = "after 2s"};
  const auto read = event_from_json(to_json(event));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(event));
  EXPECT_EQ(read->time, event.time);
  EXPECT_EQ(read->node, "node-2");
}

TEST(FleetEvent, AMissingOrMistypedKeyIsNamed) {
  nlohmann::json object = to_json(FleetEvent{});
  object["uid"] = 7;
  EXPECT_FALSE(event_from_json(object));
  object.erase("uid");
  const auto read = event_from_json(object);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, testing::HasSubstr("uid"));
  EXPECT_FALSE(event_from_json(nlohmann::json::array()));
}

}  // namespace
}  // namespace wsfleet
