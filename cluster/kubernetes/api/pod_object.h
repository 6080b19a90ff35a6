// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one reader of a pod's object, whoever wants to know what of it: the scaler's pods, the
// endpoints, the load generator's pods, the experiment's log. Values only, as the API server wrote
// them; missing and odd parts read as "not yet". Pure.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace wsfleet {

/// A string somewhere in an object, "" where there is none: text_at(pod, "/status/podIP").
std::string text_at(const nlohmann::json& object, const char* pointer);
/// The same for whole numbers, with 0.
int number_at(const nlohmann::json& object, const char* pointer);

struct PodObject {
  struct Owner {
    std::string kind;
    std::string uid;
    bool is_controller = false;
  };
  /// Why something is not as it should be.
  struct Cause {
    std::string reason;  // one word: "OOMKilled"
    std::string message;
    std::optional<int> exit_status = {};  // of a container's end

    /// "reason: message", or the one that there is.
    std::string text() const;
  };
  struct Container {  // by its status
    std::string name;
    int restarts = 0;
    bool running = false;
    std::string started;  // RFC 3339; "" unless it runs
    std::optional<Cause> waiting;
    std::optional<Cause> ended;
    std::optional<Cause> ended_before;  // its last run
  };
  struct Port {
    std::string container;
    std::string name;
    std::uint16_t number = 0;
  };

  std::string name;
  std::string name_space;
  std::string uid;
  std::string created;  // RFC 3339, which sorts by time
  std::string node;     // "" while it is not bound
  std::string phase;    // "Pending", "Running", "Succeeded", "Failed", "Unknown"
  std::string address;  // "" while it has none
  bool ready = false;
  bool terminating = false;
  Cause cause;                           // of its phase: "Evicted"
  std::optional<Cause> unscheduled;      // why it has no node
  std::vector<std::string> annotations;  // their names
  std::vector<Owner> owners;
  std::vector<Container> containers;
  std::vector<Port> ports;

  /// nullptr while it has no status.
  const Container* container(const std::string& name) const;
  bool has_annotation(const std::string& name) const;
};

PodObject read_pod(const nlohmann::json& pod);

}  // namespace wsfleet
