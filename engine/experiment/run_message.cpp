// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/run_message.h"

#include <cstring>
#include <type_traits>

namespace wsfleet {
namespace {

static_assert(std::is_trivially_copyable_v<SecondRow>);

class Writer {
 public:
  template <class T>
  void value(const T& value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void string(std::string_view text) {
    value(text.size());
    text_.append(text);
  }
  void event(const FleetEvent& event) {
    value(event.time);
    for (const std::string* text :
         {&event.kind, &event.pod, &event.uid, &event.node, &event.detail}) {
      string(*text);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  template <class T>
  T value() {
    T value{};
    const std::string_view bytes = take(sizeof(T));
    if (bytes.size() == sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  std::string string() { return std::string(take(value<std::size_t>())); }
  FleetEvent event() {
    FleetEvent event;
    event.time = value<TimeNs>();
    for (std::string* text : {&event.kind, &event.pod, &event.uid, &event.node, &event.detail}) {
      *text = string();
    }
    return event;
  }
  bool whole() const { return whole_; }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      whole_ = false;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  std::string_view rest_;
  bool whole_ = true;
};

}  // namespace

std::string encode(const Result<FinishedRun>& outcome) {
  Writer writer;
  writer.value(outcome.has_value());
  if (!outcome) {
    writer.value(outcome.error().kind);
    writer.string(outcome.error().message);
    return writer.take();
  }
  writer.string(to_json_line(outcome->summary));
  writer.value(outcome->rows.size());
  for (const SecondRow& row : outcome->rows) writer.value(row);
  writer.value(outcome->events.size());
  for (const FleetEvent& event : outcome->events) writer.event(event);
  return writer.take();
}

Result<FinishedRun> decode(std::string_view message) {
  const auto cut_short = [] { return fail("its result was cut short"); };
  Reader reader(message);
  const bool good = reader.value<bool>();
  if (!reader.whole()) return cut_short();
  if (!good) {
    const auto kind = reader.value<ErrorKind>();
    std::string text = reader.string();
    if (!reader.whole()) return cut_short();
    return fail(kind, std::move(text));
  }
  Result<RunSummary> summary = parse_run_summary(reader.string());
  if (!reader.whole()) return cut_short();
  if (!summary) return tl::unexpected(summary.error());
  FinishedRun run;
  run.summary = std::move(*summary);
  for (auto n = reader.value<std::size_t>(); n > 0 && reader.whole(); --n) {
    run.rows.push_back(reader.value<SecondRow>());
  }
  for (auto n = reader.value<std::size_t>(); n > 0 && reader.whole(); --n) {
    run.events.push_back(reader.event());
  }
  if (!reader.whole()) return cut_short();
  return run;
}

}  // namespace wsfleet
