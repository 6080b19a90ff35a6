// SPDX-License-Identifier: Apache-2.0
// tests/vectors/*.json: for each balancer steps with the endpoints that must be picked. The Lua of
// the live nginx is held to the same files (tests/live/ingress/lua_vectors_test.cpp), and so is
// a naive reading of the rules in Python (tests/vectors/oracle.py). The format is described in
// docs/formats/balancer-vectors.md.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "build_paths/source_dir.h"
#include "cluster/balancers/chance.h"
#include "cluster/balancers/ewma.h"
#include "cluster/balancers/testing/balancer_picks.h"

namespace wsfleet {
namespace {

using Json = nlohmann::json;

class Vectors : public testing::TestWithParam<std::pair<const char*, BalancerKind>> {
 protected:
  void SetUp() override {
    std::ifstream file(std::string(WSFLEET_SOURCE_DIR "/tests/vectors/") + GetParam().first +
                       ".json");
    ASSERT_TRUE(file) << "every balancer has its vectors";
    vectors_ = Json::parse(file);
    ASSERT_EQ(vectors_["balancer"], GetParam().first);
    seed_ = vectors_["seed"].get<std::uint64_t>();
    ClusterSettings settings;
    settings.balancer = GetParam().second;
    if (vectors_.contains("affinity_timeout_s")) {
      settings.affinity_timeout = from_seconds(vectors_["affinity_timeout_s"].get<double>());
    }
    balancer_ = make_balancer(settings, RandomStreams(seed_));
  }

  Json picked(const Json& step, std::uint64_t i) {
    const auto session = step["session"].get<std::uint64_t>();
    const PickRequest request{
        .session = session + i,
        .attempt = 0,
        .source = step.value("source", session) + i * step.value("source_step", std::uint64_t{1}),
        .now = from_seconds(step.value("at_s", 0.0) +
                            static_cast<double>(i) * step.value("every_s", 0.0))};
    const auto endpoint = balancer_->pick(request);
    return endpoint ? Json(*endpoint) : Json();
  }

  void take(const Json& step) {
    const std::string what = step["do"];
    const TimeNs at = from_seconds(step.value("at_s", 0.0));
    if (what == "endpoints") {
      listed_ = step["endpoints"].size();
      balancer_->advance_to(at);
      balancer_->set_endpoints(step["endpoints"].get<std::vector<EndpointId>>());
    } else if (what == "pick") {
      expect_draws(step);
      EXPECT_EQ(picked(step, 0), step["endpoint"]) << step;
    } else if (what == "picks") {
      const auto count = step["count"].get<std::uint64_t>();
      ASSERT_EQ(step["endpoints"].size(), count);
      Json endpoints = Json::array();
      for (std::uint64_t i = 0; i < count; ++i) endpoints.push_back(picked(step, i));
      EXPECT_EQ(endpoints, step["endpoints"]) << step;
    } else if (what == "end") {
      balancer_->release(step["endpoint"], at, from_seconds(step["time_s"].get<double>()));
    } else if (what == "forget") {
      balancer_->forget(step["endpoint"]);
    } else {
      EXPECT_EQ(what, "score");
    }
    if (step.contains("score_s")) expect_score(step, at);
  }

 private:
  /// "draws" are what ingress-nginx' shuffle would have drawn of 1..n and 2..n.
  void expect_draws(const Json& step) {
    if (!step.contains("draws")) return;
    const RandomStream chance = RandomStreams(seed_).stream(kBalancerStream);
    const std::uint64_t bits = chance.bits(step["session"].get<std::uint64_t>(), 0);
    std::vector<std::size_t> peers(listed_);
    for (std::size_t i = 0; i < listed_; ++i) peers[i] = i;
    std::swap(peers[0], peers[step["draws"][0].get<std::size_t>() - 1]);
    std::swap(peers[1], peers[step["draws"][1].get<std::size_t>() - 1]);
    EXPECT_EQ(random_pair(bits, listed_), std::make_pair(peers[0], peers[1])) << step;
  }

  void expect_score(const Json& step, TimeNs at) {
    const auto* ewma = dynamic_cast<const Ewma*>(balancer_.get());
    ASSERT_NE(ewma, nullptr) << step;
    EXPECT_NEAR(ewma->score(step["endpoint"], at), step["score_s"].get<double>(), 2e-9) << step;
  }

 protected:
  Json vectors_;

 private:
  std::uint64_t seed_ = 0;
  std::unique_ptr<Balancer> balancer_;
  std::size_t listed_ = 0;
};

TEST_P(Vectors, AreFollowed) {
  ASSERT_GT(vectors_["steps"].size(), 10U);
  for (const Json& step : vectors_["steps"]) take(step);
}

INSTANTIATE_TEST_SUITE_P(Table, Vectors, testing::ValuesIn(balancer_names()),
                         [](const auto& param) { return std::string(param.param.first); });

}  // namespace
}  // namespace wsfleet
