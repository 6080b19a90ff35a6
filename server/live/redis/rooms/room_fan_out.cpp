// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/rooms/room_fan_out.h"

#include <utility>

#include "server/live/redis/rooms/room_message.h"

namespace wsfleet {
namespace {

constexpr std::size_t kChannelBatch = 500;  // in one SUBSCRIBE

}  // namespace

RoomFanOut::RoomFanOut(boost::asio::io_context& io, RedisLink& commands, RedisLink& subscriber,
                       const RedisSettings& settings, const SessionId& instance,
                       RedisCounters& counters, RoomMessageHandler deliver)
    : commands_(commands),
      subscriber_(subscriber),
      settings_(settings),
      instance_(instance),
      counters_(counters),
      deliver_(std::move(deliver)),
      flush_timer_(io) {}

void RoomFanOut::join(std::string_view name) {
  const auto [place, fresh] = rooms_.try_emplace(std::string(name));
  if (++place->second.members == 1) change(place->first, place->second);
}

void RoomFanOut::leave(std::string_view name) {
  const auto place = rooms_.find(std::string(name));
  if (place == rooms_.end() || place->second.members == 0) return;
  if (--place->second.members == 0) change(place->first, place->second);
}

void RoomFanOut::publish(std::string_view room, std::string_view payload, bool is_text) {
  bool taken = false;
  if (commands_.ready() && commands_.unanswered_bytes() < settings_.unanswered_bytes_max) {
    const std::string channel = settings_.channel_prefix + std::string(room);
    const std::string message = encode_room_message({instance_, is_text, payload});
    taken = commands_.command({"PUBLISH", channel, message}, [this](const RedisAnswer& answer) {
      ++(answer.ok() ? counters_.published : counters_.publish_dropped);
    });
  }
  if (!taken) ++counters_.publish_dropped;
}

void RoomFanOut::message(std::string_view channel, std::string_view bytes) {
  if (!channel.starts_with(settings_.channel_prefix)) return;
  const auto message = decode_room_message(bytes);
  if (!message) {
    ++counters_.received_malformed;
    return;
  }
  // The server has delivered its own before it published them.
  if (message->sender == instance_) return;
  const std::string_view name = channel.substr(settings_.channel_prefix.size());
  const auto place = rooms_.find(std::string(name));
  if (place == rooms_.end() || place->second.members == 0) return;
  ++counters_.received;
  deliver_(name, message->payload, message->text);
}

/// Joins and leaves of one turn of the loop go out together, and cancel each other out.
void RoomFanOut::change(const std::string& name, Room& room) {
  if (!room.changed) changed_.push_back(name);
  room.changed = true;
  if (!flush_timer_.armed()) flush_timer_.after(0, [this] { flush(); });
}

void RoomFanOut::flush() {
  std::vector<std::string> subscribe;
  std::vector<std::string> unsubscribe;
  for (const std::string& name : std::exchange(changed_, {})) {
    const auto place = rooms_.find(name);
    if (place == rooms_.end()) continue;
    Room& room = place->second;
    room.changed = false;
    const bool wanted = room.members > 0;
    if (subscriber_.ready() && room.subscribed != wanted) {
      auto& channels = wanted ? subscribe : unsubscribe;
      channels.push_back(settings_.channel_prefix + name);
      room.subscribed = wanted;
      if (channels.size() == kChannelBatch) send(wanted, channels);
    }
    if (!wanted) rooms_.erase(place);
  }
  send(true, subscribe);
  send(false, unsubscribe);
}

void RoomFanOut::send(bool subscribe, std::vector<std::string>& channels) {
  // Refused only by a link that is about to be lost; when it is back all rooms are asked for again.
  subscribe ? subscriber_.subscribe(channels) : subscriber_.unsubscribe(channels);
  channels.clear();
}

void RoomFanOut::link_ready() {
  for (auto& [name, room] : rooms_) {
    room.subscribed = false;
    if (!room.changed) changed_.push_back(name);
    room.changed = true;
  }
  flush();
}

void RoomFanOut::link_lost() {
  for (auto& [name, room] : rooms_) room.subscribed = false;
}

}  // namespace wsfleet
