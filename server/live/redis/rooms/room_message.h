// SPDX-License-Identifier: Apache-2.0
#pragma once
// What instances say to each other in a room's channel: a version byte (1), 't' or 'b' for a text
// or a binary message, the 16 bytes of the sender's UUID, then the payload as it came. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "server/live/redis/sessions/session_id.h"

namespace wsfleet {

struct RoomMessage {
  SessionId sender;  // the instance
  bool text = false;
  std::string_view payload;
};

std::string encode_room_message(const RoomMessage& message);

/// Nothing when it is not such a message: anyone who may publish can say anything in the channel.
/// The payload is a part of `bytes`.
std::optional<RoomMessage> decode_room_message(std::string_view bytes);

}  // namespace wsfleet
