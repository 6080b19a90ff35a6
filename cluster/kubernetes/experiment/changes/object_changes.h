// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an experiment changes of an object, as small as can be, and how it is undone without undoing
// what others have done to the same object meanwhile. A change is noted as a list of parts:
// {"pointer", "before", "after"} with either value absent where there was or will be nothing,
// "where" (names that list elements on the way must have), "moves". Pure.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace wsfleet {

struct WantedPart {
  std::string pointer;  // "/spec/replicas"
  nlohmann::json value;
  bool moves = false;  // the run itself goes on changing it: any value of it is the run's
};

/// The JSON patch that sets the parts of `object`, and that fails (409) when it has changed.
nlohmann::json forward_patch(const nlohmann::json& object, const std::vector<WantedPart>& wanted);

/// The parts in which the object differs before and after: `wanted` and what is inside them.
nlohmann::json changed_parts(const nlohmann::json& before, const nlohmann::json& after,
                             const std::vector<WantedPart>& wanted);

/// Whether any of the parts is as the change has made it.
bool has_landed(const nlohmann::json& object, const nlohmann::json& parts);

struct Undo {
  nlohmann::json patch = nlohmann::json::array();  // empty: nothing is left to be undone
  std::vector<std::string> others;  // pointers of parts that somebody else has changed
};
/// A part that is as before is undone already; one that is as the change has made it is put back;
/// one that is neither was changed by somebody else, and stays.
Undo undo_of(const nlohmann::json& object, const nlohmann::json& parts);

/// The undoing as a command for people: `kubectl -n chat patch statefulsets/websocket ...`.
std::string undo_by_hand(const std::string& path, const nlohmann::json& parts);

}  // namespace wsfleet
