// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/endpoints/fleet_endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json pod(const std::string& name, const std::string& address, bool ready,
         const std::string& phase = "Running") {
  return {{"metadata", {{"name", name}, {"namespace", "chat"}}},
          {"status",
           {{"phase", phase},
            {"podIP", address},
            {"conditions",
             {{{"type", "PodScheduled"}, {"status", "True"}},
              {{"type", "Ready"}, {"status", ready ? "True" : "False"}}}}}}};
}

json going_away(json object) {
  object["metadata"]["deletionTimestamp"] = "2026-03-01T09:30:00Z";
  return object;
}

std::vector<std::string> described(const std::vector<IngressEndpoint>& endpoints) {
  std::vector<std::string> words;
  for (const IngressEndpoint& endpoint : endpoints) {
    words.push_back(std::to_string(endpoint.id) + " " + endpoint.uid + " " + endpoint.address +
                    ":" + std::to_string(endpoint.port));
  }
  return words;
}

TEST(FleetEndpoints, ReadyPodsThatStayTakeConnections) {
  EXPECT_TRUE(takes_connections(pod("websocket-0", "198.18.1.2", true)));
  EXPECT_FALSE(takes_connections(pod("websocket-0", "198.18.1.2", false)));
  EXPECT_FALSE(takes_connections(pod("websocket-0", "", true)));
  EXPECT_FALSE(takes_connections(going_away(pod("websocket-0", "198.18.1.2", true))));
  EXPECT_FALSE(takes_connections(json::object()));
  EXPECT_FALSE(takes_connections({{"status", {{"conditions", "none"}, {"podIP", 7}}}}));
}

TEST(FleetEndpoints, APodKeepsItsNumberUntilItIsGone) {
  EndpointNumbers numbers;
  PodObjects pods = {{"b", pod("websocket-0", "198.18.1.2", true)}};
  EXPECT_THAT(described(numbers.endpoints(pods, 3000)), ElementsAre("0 b 198.18.1.2:3000"));

  pods["a"] = pod("websocket-1", "198.18.1.3", true);
  EXPECT_THAT(described(numbers.endpoints(pods, 3000)),
              ElementsAre("0 b 198.18.1.2:3000", "1 a 198.18.1.3:3000"));

  pods["b"] = going_away(pods["b"]);
  EXPECT_THAT(described(numbers.endpoints(pods, 3000)), ElementsAre("1 a 198.18.1.3:3000"));
  EXPECT_THAT(numbers.take_gone(pods), IsEmpty());

  pods.erase("b");
  EXPECT_THAT(numbers.take_gone(pods), ElementsAre(0U));
  EXPECT_THAT(numbers.take_gone(pods), IsEmpty());

  pods["c"] = pod("websocket-0", "198.18.1.4", true);
  EXPECT_THAT(described(numbers.endpoints(pods, 3000)),
              ElementsAre("0 c 198.18.1.4:3000", "1 a 198.18.1.3:3000"));
}

TEST(FleetEndpoints, AllThatRunIsScraped) {
  const PodObjects pods = {{"a", pod("websocket-0", "198.18.1.2", true)},
                           {"b", pod("websocket-1", "198.18.1.3", false)},
                           {"c", going_away(pod("websocket-2", "198.18.1.4", true))},
                           {"d", pod("websocket-3", "", false, "Pending")},
                           {"e", pod("websocket-4", "198.18.1.6", false, "Failed")}};
  const json targets = json::parse(prometheus_targets(scrape_targets(pods, 3000)));
  ASSERT_EQ(targets.size(), 3U);
  EXPECT_EQ(targets[0], json::parse(R"({"targets": ["198.18.1.2:3000"],
      "labels": {"uid": "a", "pod": "websocket-0", "namespace": "chat"}})"));
  EXPECT_EQ(targets[1]["labels"]["pod"], "websocket-1");
  EXPECT_EQ(targets[2]["labels"]["pod"], "websocket-2");
}

}  // namespace
}  // namespace wsfleet
