// SPDX-License-Identifier: Apache-2.0
#include "results/compare/recommendation.h"

#include <algorithm>
#include <cmath>

#include "results/text_table.h"

namespace wsfleet {
namespace {

/// A thousandth of the scored time, of the attempts, of the sessions: less decides nothing.
constexpr double kMaterialShare = 0.001;
/// With fewer pairs no test can tell anything: plain means decide, and the sentence says so.
constexpr int kFewestPairs = 3;

constexpr const char* kServiceScores[] = {"violation_s", "refused_share",
                                          "connections_cut_by_scaling"};

struct Dropped {
  std::size_t policy;
  std::size_t better;  // than it, in `score`
  std::string score;
};

class Chooser {
 public:
  explicit Chooser(const ScenarioComparison& comparison) : comparison_(comparison) {}
  Recommendation choose();

 private:
  double mean(std::size_t policy, std::string_view score) const;
  Difference difference(std::size_t first, std::size_t second, const std::string& score) const;
  bool worse(std::size_t policy, std::size_t than, const std::string& score) const;
  double material(std::size_t policy, std::string_view score) const;
  std::size_t lowest(std::string_view score) const;
  void drop_by(const std::string& score);
  std::string amount(std::size_t policy, std::string_view score) const;
  std::string name(std::size_t policy) const { return comparison_.policies[policy].policy; }
  bool few_seeds() const;
  std::string because(std::size_t winner, const std::vector<std::size_t>& level) const;
  std::string reservations(std::size_t winner) const;

  const ScenarioComparison& comparison_;
  std::vector<std::size_t> candidates_;
  std::vector<Dropped> dropped_;
};

bool is_oracle(const std::string& policy) {
  return policy == "oracle" || policy.starts_with("oracle:");
}

double Chooser::mean(std::size_t policy, std::string_view score) const {
  const ScoreCell* cell = comparison_.cell(policy, score);
  return cell == nullptr ? std::nan("") : cell->estimate.mean;
}

Difference Chooser::difference(std::size_t first, std::size_t second,
                               const std::string& score) const {
  const auto found = std::ranges::find(comparison_.scores, score);
  if (found == comparison_.scores.end()) return {};  // a store of an older version
  const auto at = static_cast<std::size_t>(found - comparison_.scores.begin());
  return compare_policies(comparison_, first, second)[at];
}

double Chooser::material(std::size_t policy, std::string_view score) const {
  if (score == "violation_s") return kMaterialShare * mean(policy, "scored_s");
  if (score == "connections_cut_by_scaling") return kMaterialShare * mean(policy, "sessions");
  return kMaterialShare;
}

bool Chooser::worse(std::size_t policy, std::size_t than, const std::string& score) const {
  const Difference of = difference(than, policy, score);
  if (!(of.mean > material(policy, score))) return false;
  return of.significant || of.pairs < kFewestPairs;
}

std::size_t Chooser::lowest(std::string_view score) const {
  return *std::ranges::min_element(
      candidates_, [&](std::size_t a, std::size_t b) { return mean(a, score) < mean(b, score); });
}

void Chooser::drop_by(const std::string& score) {
  const std::size_t best = lowest(score);
  std::erase_if(candidates_, [&](std::size_t policy) {
    if (policy == best || !worse(policy, best, score)) return false;
    dropped_.push_back({policy, best, score});
    return true;
  });
}

std::string Chooser::amount(std::size_t policy, std::string_view score) const {
  const double value = mean(policy, score);
  if (score == "violation_s") return format_value(value) + " s beyond the objective";
  if (score == "refused_share") return format_value(100 * value) + " % of attempts refused";
  if (score == "connections_cut_by_scaling") {
    return format_value(value) + " connections cut by scaling";
  }
  return format_value(value) + " pod-hours";
}

bool Chooser::few_seeds() const {
  return std::ranges::any_of(comparison_.policies, [](const PolicyResult& policy) {
    return policy.seeds.size() < static_cast<std::size_t>(kFewestPairs);
  });
}

// What put the others behind.
std::string Chooser::because(std::size_t winner, const std::vector<std::size_t>& level) const {
  std::string text;
  for (const Dropped& out : dropped_) {
    text += "; " + name(out.policy) + " has " + amount(out.policy, out.score);
    // Who is better need not be the winner: it may have dropped out later itself.
    if (out.better != winner)
      text += " (" + name(out.better) + " " +
              format_value((out.score == "refused_share" ? 100 : 1) * mean(out.better, out.score)) +
              ")";
  }
  for (const std::size_t policy : candidates_) {
    if (policy == winner || std::ranges::find(level, policy) != level.end()) continue;
    text += "; " + name(policy) + " serves about as well and takes " + amount(policy, "pod_hours");
  }
  return text;
}

// Where the winner does worse than one that it beat, or just is not good.
std::string Chooser::reservations(std::size_t winner) const {
  std::string text;
  for (const char* score : kServiceScores) {
    for (const Dropped& out : dropped_) {
      if (out.score == score || !worse(winner, out.policy, score)) continue;
      text += "; mind that " + name(out.policy) + " has only " + amount(out.policy, score);
    }
  }
  const double share = mean(winner, "violation_s") / mean(winner, "scored_s");
  if (share > 0.01) {
    text += "; even so the objective is missed for " + format_value(100 * share) + " % of the time";
  }
  for (std::size_t i = 0; i < comparison_.policies.size(); ++i) {
    if (is_oracle(name(i))) {
      text += "; the oracle, which knows the future, needs " + amount(i, "pod_hours");
    }
  }
  return text;
}

Recommendation Chooser::choose() {
  for (std::size_t i = 0; i < comparison_.policies.size(); ++i) {
    if (!is_oracle(name(i)) && !std::isnan(mean(i, "pod_hours"))) candidates_.push_back(i);
  }
  if (candidates_.empty()) {
    return {std::nullopt, false,
            "Nothing to recommend: the oracle is a bound, not a policy to use, and no other "
            "policy was scored."};
  }
  const std::size_t compared = candidates_.size();
  for (const char* score : kServiceScores) drop_by(score);
  const std::size_t winner = lowest("pod_hours");
  std::vector<std::size_t> level;  // no dearer than the winner, as far as the data say
  for (const std::size_t policy : candidates_) {
    if (policy == winner || few_seeds()) continue;
    const Difference of = difference(winner, policy, "pod_hours");
    if (!(of.significant && of.direction() > 0)) level.push_back(policy);
  }
  std::string figures = amount(winner, "violation_s") + ", " + amount(winner, "refused_share") +
                        ", " + amount(winner, "connections_cut_by_scaling") + ", " +
                        amount(winner, "pod_hours");
  Recommendation result;
  result.policy = name(winner);
  result.separated = level.empty() && compared > 1 && !few_seeds();
  const std::size_t seeds = comparison_.policies[winner].seeds.size();
  const std::string over = std::to_string(seeds) + (seeds == 1 ? " seed" : " seeds");
  if (compared == 1) {
    result.sentence = "Only " + name(winner) +
                      " was compared, so there is nothing to choose from: " + figures + " over " +
                      over;
  } else if (few_seeds()) {
    result.sentence = "By plain numbers, which " + over + " can't make significant, use " +
                      name(winner) + ": " + figures;
  } else if (!level.empty()) {
    std::string others;
    std::string costs;
    for (const std::size_t policy : level) {
      others += (others.empty() ? "" : " and ") + name(policy);
      costs += "; " + name(policy) + " takes " + amount(policy, "pod_hours");
    }
    result.sentence = "Nothing separates " + name(winner) + " from " + others + " in " + over +
                      ", so use whichever is simpler to run: " + name(winner) + " has " + figures +
                      costs;
  } else {
    result.sentence = "Use " + name(winner) + ": " + figures + " over " + over;
  }
  result.sentence += because(winner, level) + reservations(winner) + ".";
  return result;
}

}  // namespace

Recommendation recommend(const ScenarioComparison& comparison) {
  return Chooser(comparison).choose();
}

std::string recommendation(const Comparison& comparison) {
  std::string text;
  for (const ScenarioComparison& scenario : comparison.scenarios) {
    if (comparison.scenarios.size() > 1) text += scenario.scenario + ": ";
    text += recommend(scenario).sentence + "\n";
  }
  return text;
}

}  // namespace wsfleet
