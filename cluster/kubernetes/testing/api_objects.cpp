// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/testing/api_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace wsfleet {
namespace {

using nlohmann::json;

ScriptedAnswer status(int code, const std::string& message) {
  return {code, json{{"kind", "Status"}, {"code", code}, {"message", message}}.dump()};
}

ScriptedAnswer troubled(WriteTrouble::Kind kind) {
  switch (kind) {
    case WriteTrouble::Kind::refused:
      return status(403, "forbidden from now on");
    case WriteTrouble::Kind::broken:
      return status(503, "the server is shutting down");
    case WriteTrouble::Kind::dropped:
      return {.delivery = ScriptedAnswer::Delivery::dropped};
    case WriteTrouble::Kind::hanging:
      break;
  }
  return {.delivery = ScriptedAnswer::Delivery::never};
}

std::string decoded(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 2 >= text.size()) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return plain;
}

/// The value of a query's key, decoded; "" for none.
std::string query_value(const std::string& query, const std::string& key) {
  std::istringstream parts(query);
  for (std::string part; std::getline(parts, part, '&');) {
    if (part.starts_with(key + "=")) return decoded(part.substr(key.size() + 1));
  }
  return "";
}

/// "a=b,c=d" of labels, or "metadata.name=x".
bool selected(const json& object, const std::string& query) {
  const json metadata = object.value("metadata", json::object());
  const json labels = metadata.value("labels", json::object());
  std::istringstream wishes(query_value(query, "labelSelector"));
  for (std::string wish; std::getline(wishes, wish, ',');) {
    const std::size_t equals = wish.find('=');
    if (labels.value(wish.substr(0, equals), "") != wish.substr(equals + 1)) return false;
  }
  const std::string field = query_value(query, "fieldSelector");
  return field.empty() || field == "metadata.name=" + metadata.value("name", "");
}

/// How many words follow ".../namespaces/NAME": 1 for a collection, 2 for an object.
int depth_of(const std::string& path) {
  const std::size_t begin = path.find("/namespaces/");
  if (begin == std::string::npos) return 0;
  return static_cast<int>(
      std::count(path.begin() + static_cast<std::ptrdiff_t>(begin) + 12, path.end(), '/'));
}

std::string collection_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string version_of(const json& object) {
  return object["metadata"].value("resourceVersion", "");
}

json without_versions(json object) {
  object["metadata"].erase("resourceVersion");
  object["metadata"].erase("generation");
  return object;
}

}  // namespace

ScriptedAnswer ApiObjects::operator()(const ScriptedRequest& request) {
  const std::size_t mark = request.target.find('?');
  const std::string path = request.target.substr(0, mark);
  const std::string query = mark == std::string::npos ? "" : request.target.substr(mark + 1);
  std::unique_lock lock(mutex_);
  if (away_) return troubled(trouble_.kind);
  if (first_) {
    const auto handler = first_;
    lock.unlock();
    auto answer = handler(request);
    if (answer.status != 0) return answer;
    lock.lock();
  }
  const bool dry_run = query.find("dryRun=All") != std::string::npos;
  if (request.method == "GET") return read(path, query);
  if (dry_run) return write(request, path, true);
  const bool fails = ++writes_ == trouble_.at;
  if (!fails) return write(request, path, false);
  away_ = trouble_.lasts;
  if (trouble_.is_done) write(request, path, false);
  return troubled(trouble_.kind);
}

ScriptedAnswer ApiObjects::read(const std::string& path, const std::string& query) {
  if (path == "/version") return {200, R"({"major": "1", "minor": "28"})"};
  if (query.find("watch=true") != std::string::npos) return watch(path, query);
  if (depth_of(path) == 2) {
    const auto found = objects_.find(path);
    return found == objects_.end() ? status(404, path + " not found")
                                   : ScriptedAnswer{200, found->second.dump()};
  }
  if (depth_of(path) != 1) return status(404, "no such thing: " + path);
  json items = json::array();
  for (const auto& [at, object] : objects_) {
    if (collection_of(at) == path && selected(object, query)) items.push_back(object);
  }
  return {200, json{{"kind", "List"},
                    {"metadata", {{"resourceVersion", std::to_string(version_)}}},
                    {"items", items}}
                   .dump()};
}

ScriptedAnswer ApiObjects::watch(const std::string& path, const std::string& query) {
  const auto more =
      [this, path, query,
       seen = std::stoi("0" + query_value(query, "resourceVersion"))](std::string& piece) mutable {
        const std::lock_guard lock(mutex_);
        if (away_) return false;
        for (const Event& event : events_) {
          if (event.version <= seen || collection_of(event.path) != path) continue;
          if (!selected(event.object, query)) continue;
          piece += json{{"type", event.type}, {"object", event.object}}.dump() + "\n";
        }
        seen = version_;
        return true;
      };
  return {.body = "", .more = more};
}

ScriptedAnswer ApiObjects::write(const ScriptedRequest& request, const std::string& path,
                                 bool dry_run) {
  if (request.method == "DELETE") return removed(path, request.body);
  const json body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (request.method == "POST") {
    const std::string own = path + "/" + body["metadata"].value("name", "");
    if (objects_.contains(own)) return status(409, own + " already exists");
    return {201, stored(own, body, "ADDED").dump()};
  }
  const auto found = objects_.find(path);
  if (found == objects_.end()) return status(404, path + " not found");
  const json before = found->second;
  if (request.method == "PUT") return changed(path, before, body, dry_run);
  json after = before;
  if (request.content_type.starts_with("application/json-patch")) {
    try {
      after = before.patch(body);
    } catch (const json::exception& error) {
      return status(422, error.what());
    }
  } else {
    after.merge_patch(body);
  }
  return changed(path, before, after, dry_run);
}

ScriptedAnswer ApiObjects::changed(const std::string& path, const json& before, json after,
                                   bool dry_run) {
  if (!version_of(after).empty() && version_of(after) != version_of(before)) {
    return status(409, "the object has been modified; please apply your changes to the latest");
  }
  if (dry_run) {
    if (settle_) settle_(path, after);
    return {200, after.dump()};
  }
  // Writing what is there is no change: the version stays.
  if (after == before) return {200, before.dump()};
  if (after.value("spec", json()) != before.value("spec", json())) {
    after["metadata"]["generation"] = before["metadata"].value("generation", 1) + 1;
  }
  return {200, stored(path, std::move(after), "MODIFIED").dump()};
}

ScriptedAnswer ApiObjects::removed(const std::string& path, const std::string& options) {
  const auto found = objects_.find(path);
  if (found == objects_.end()) return status(404, path + " not found");
  const json asked = json::parse(options.empty() ? "{}" : options);
  const json preconditions = asked.value("preconditions", json::object());
  for (const auto& [key, value] : preconditions.items()) {
    if (found->second["metadata"].value(key, json()) != value) {
      return status(409, "a precondition failed: " + key);
    }
  }
  json last = std::move(found->second);
  objects_.erase(found);
  last["metadata"]["resourceVersion"] = std::to_string(++version_);
  events_.push_back({version_, path, "DELETED", last});
  return {200, last.dump()};
}

json ApiObjects::stored(const std::string& path, json object, const char* type) {
  json& metadata = object["metadata"];
  metadata["name"] = path.substr(path.rfind('/') + 1);
  if (!metadata.contains("uid")) metadata["uid"] = fmt::format("uid-{}", version_);
  if (!metadata.contains("generation")) metadata["generation"] = 1;
  metadata["resourceVersion"] = std::to_string(++version_);
  if (settle_) settle_(path, object);
  events_.push_back({version_, path, type, object});
  return objects_[path] = std::move(object);
}

void ApiObjects::put(const std::string& path, json object) {
  const std::lock_guard lock(mutex_);
  stored(path, std::move(object), objects_.contains(path) ? "MODIFIED" : "ADDED");
}

json ApiObjects::at(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(path);
  return found == objects_.end() ? json() : found->second;
}

void ApiObjects::change(const std::string& path, const std::function<void(json&)>& how) {
  const std::lock_guard lock(mutex_);
  json after = objects_.at(path);
  how(after);
  changed(path, objects_.at(path), std::move(after), false);
}

void ApiObjects::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  removed(path, "");
}

std::map<std::string, json> ApiObjects::wanted() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, json> all;
  for (const auto& [path, object] : objects_) {
    all[path] = without_versions(object);
    all[path].erase("status");
  }
  return all;
}

void ApiObjects::trouble(const WriteTrouble& trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = trouble;
  writes_ = 0;
  away_ = false;
}

int ApiObjects::writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

void ApiObjects::first(std::function<ScriptedAnswer(const ScriptedRequest&)> handler) {
  const std::lock_guard lock(mutex_);
  first_ = std::move(handler);
}

void ApiObjects::settle(std::function<void(const std::string&, json&)> hook) {
  const std::lock_guard lock(mutex_);
  settle_ = std::move(hook);
}

}  // namespace wsfleet
