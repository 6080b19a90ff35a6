// SPDX-License-Identifier: Apache-2.0
#pragma once
// A layer between Beast's WebSocket stream and a socket that corks writes: write_some() appends to
// a buffer and never blocks; the buffer goes out in one system call before the next read from the
// socket starts, or by flush() where nothing is read next. Sixteen messages that arrive in one
// segment are so answered by one send. Frames are whole in the buffer, so append() may put frames
// of its own between Beast's. One thread (that of the executor); the stream must outlive none of
// its pending operations but the wait for a writable socket, which it cancels by itself.

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffer_traits.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/net/frames.h"
#include "core/net/output_buffer.h"
#include "core/net/socket.h"

namespace wsfleet {

template <class NextLayer>
class CorkedStream {
  using ErrorCode = boost::beast::error_code;
  static constexpr bool kIsSocket = std::is_base_of_v<boost::asio::socket_base, NextLayer>;

 public:
  using next_layer_type = NextLayer;
  using executor_type = typename NextLayer::executor_type;
  using lowest_layer_type = typename NextLayer::lowest_layer_type;

  template <class... Arguments>
  explicit CorkedStream(Arguments&&... arguments) : next_(std::forward<Arguments>(arguments)...) {}
  ~CorkedStream() {
    if (handle_) *handle_ = nullptr;
  }
  CorkedStream(const CorkedStream&) = delete;
  CorkedStream& operator=(const CorkedStream&) = delete;

  executor_type get_executor() noexcept { return next_.get_executor(); }
  NextLayer& next_layer() noexcept { return next_; }
  const NextLayer& next_layer() const noexcept { return next_; }
  lowest_layer_type& lowest_layer() noexcept { return next_.lowest_layer(); }

  /// Bytes that were read from the socket before this layer took over; they are read first.
  void prefetched(std::string_view bytes) { prefetched_.append(bytes.data(), bytes.size()); }

  /// Called once when Beast starts to end the connection: from then on only the peer's end is
  /// waited for, and somebody should set that a limit.
  void on_teardown(void (*hook)(void*), void* argument) {
    teardown_hook_ = hook;
    teardown_argument_ = argument;
  }
  void teardown_began() {
    if (teardown_hook_ != nullptr) std::exchange(teardown_hook_, nullptr)(teardown_argument_);
  }

  /// Whether a write refers to this stream until it has ended. TLS writes in several steps, which
  /// use the stream beneath even after an error: whoever owns this one lets it live until then.
  bool is_written() const { return !kIsSocket && waiting_; }
  /// Called once when that write has ended, after which nothing of this stream is touched: the hook
  /// may destroy it. Closing the socket ends it soon.
  void on_written_last(void (*hook)(void*), void* argument) {
    last_hook_ = hook;
    last_argument_ = argument;
  }

  /// The peer has sent its close frame: nothing more comes from it.
  void peer_is_done() { peer_done_ = true; }
  bool is_peer_done() const { return peer_done_; }

  /// Bytes that wait for the socket.
  std::size_t queued_bytes() const { return output_.size() + sending_.size(); }
  /// What the last flush failed with; writes are swallowed from then on, the next read tells it.
  ErrorCode write_error() const { return write_error_; }

  /// Whole frames, as they go over the wire.
  void append(std::string_view bytes) {
    if (!write_error_) output_.append(bytes.data(), bytes.size());
  }

  /// A client's frame, masked on its way into the buffer.
  void append_masked(Opcode opcode, std::string_view payload, std::uint32_t masking_key) {
    if (write_error_) return;
    append(FrameHeader(opcode, payload.size(), masking_key).bytes());
    mask(output_.extend(payload.size()), payload, masking_key);
  }

  /// Writes what can be written now; the rest follows by itself when the socket takes it.
  void flush() {
    if (output_.empty() || waiting_ || write_error_) return;
    if constexpr (kIsSocket) {
      send();
    } else {
      write_beneath();
    }
  }

  /// Calls `done` once nothing is queued, or the socket failed. One caller at a time.
  template <class Handler>
  void when_flushed(Handler done) {
    flush();
    if (queued_bytes() == 0 || write_error_) return done();
    when_flushed_ = std::make_unique<Continuation<Handler>>(std::move(done));
  }

  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, ErrorCode& error) {
    error = write_error_;
    if (write_error_) return 0;
    std::size_t size = 0;
    for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers)) {
      output_.append(static_cast<const char*>(buffer.data()), buffer.size());
      size += buffer.size();
    }
    return size;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    ErrorCode error;
    const std::size_t size = write_some(buffers, error);
    if (error) throw boost::beast::system_error(error);
    return size;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, ErrorCode& error) {
    flush();
    return next_.read_some(buffers, error);
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    flush();
    return next_.read_some(buffers);
  }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    flush();
    if (!prefetched_.empty()) {
      const std::size_t size = boost::asio::buffer_copy(
          buffers, boost::asio::buffer(prefetched_.data(), prefetched_.size()));
      prefetched_.consume(size);
      return complete(ErrorCode{}, size, std::forward<Handler>(handler));
    }
    // One piece of memory is read by recv, several by the costlier recvmsg: the first one will do.
    return next_.async_read_some(first_of(buffers), std::forward<Handler>(handler));
  }

  /// Beast's own frames (pong, close) come this way: they don't wait for the next read.
  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    ErrorCode error;
    const std::size_t size = write_some(buffers, error);
    flush();
    return complete(error, size, std::forward<Handler>(handler));
  }

 private:
  struct AnyContinuation {
    virtual ~AnyContinuation() = default;
    virtual void run() = 0;
  };
  template <class Handler>
  struct Continuation : AnyContinuation {
    explicit Continuation(Handler handler) : done(std::move(handler)) {}
    void run() override { done(); }
    Handler done;
  };

  template <class Buffers>
  static boost::asio::mutable_buffer first_of(const Buffers& buffers) {
    for (const boost::asio::mutable_buffer buffer : boost::beast::buffers_range_ref(buffers)) {
      if (buffer.size() > 0) return buffer;
    }
    return {};
  }

  template <class Handler>
  auto complete(ErrorCode error, std::size_t size, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(ErrorCode, std::size_t)>(
        [](auto&& completion, const executor_type& executor, ErrorCode ec, std::size_t bytes) {
          boost::asio::post(executor,
                            boost::beast::bind_front_handler(
                                std::forward<decltype(completion)>(completion), ec, bytes));
        },
        handler, get_executor(), error, size);
  }

  // A socket: straight to the kernel, then wait for room where it was full.
  void send() {
    ErrorCode error;
    const std::size_t size =
        next_.write_some(boost::asio::const_buffer(output_.data(), output_.size()), error);
    output_.consume(size);
    if (output_.empty()) return flushed();
    if (error && error != boost::asio::error::would_block &&
        error != boost::asio::error::try_again) {
      return failed(error);
    }
    waiting_ = true;
    next_.async_wait(boost::asio::socket_base::wait_write, [handle = handle()](ErrorCode ec) {
      if (*handle != nullptr) (*handle)->on_writable(ec);
    });
  }
  void on_writable(ErrorCode error) {
    waiting_ = false;
    if (error) return failed(error);
    flush();
  }

  // TLS: one asynchronous write at a time, from memory that does not move meanwhile.
  void write_beneath() {
    std::swap(output_, sending_);
    waiting_ = true;
    next_.async_write_some(boost::asio::const_buffer(sending_.data(), sending_.size()),
                           [handle = handle()](ErrorCode error, std::size_t size) {
                             if (*handle != nullptr) (*handle)->on_written(error, size);
                           });
  }
  void on_written(ErrorCode error, std::size_t size) {
    waiting_ = false;
    if (last_hook_ != nullptr) return last_hook_(last_argument_);
    if (error) return failed(error);
    sending_.consume(size);
    if (!sending_.empty()) {  // what came meanwhile goes behind the rest
      sending_.append(output_.data(), output_.size());
      output_.clear();
      std::swap(output_, sending_);
    }
    if (output_.empty()) return flushed();
    flush();
  }

  void failed(ErrorCode error) {
    write_error_ = error;
    output_.clear();
    sending_.clear();
    flushed();
  }
  void flushed() {
    if (!when_flushed_) return;
    const auto continuation = std::move(when_flushed_);
    continuation->run();
  }

  std::shared_ptr<CorkedStream*> handle() {
    if (!handle_) handle_ = std::make_shared<CorkedStream*>(this);
    return handle_;
  }

  NextLayer next_;
  void (*teardown_hook_)(void*) = nullptr;
  void* teardown_argument_ = nullptr;
  void (*last_hook_)(void*) = nullptr;
  void* last_argument_ = nullptr;
  OutputBuffer output_;
  OutputBuffer sending_;     // TLS only
  OutputBuffer prefetched_;  // to be read, not written
  std::unique_ptr<AnyContinuation> when_flushed_;
  std::shared_ptr<CorkedStream*> handle_;  // null for pending waits once this is gone
  ErrorCode write_error_;
  bool peer_done_ = false;
  bool waiting_ = false;  // for the socket to take more
};

// Beast ends a connection by these: what is queued (the close frame) goes out first.
template <class NextLayer>
void teardown(boost::beast::role_type role, CorkedStream<NextLayer>& stream,
              boost::beast::error_code& error) {
  using boost::beast::websocket::teardown;
  stream.flush();
  teardown(role, stream.next_layer(), error);
}

/// Reads and drops what a peer still sends until it ends the connection, then calls `done`.
template <class Socket, class Handler>
struct DropInput {
  static constexpr int kReadsPerTurn = 16;

  void start() {
    boost::beast::error_code error;
    socket->shutdown(boost::asio::socket_base::shutdown_send, error);
    wait();
  }
  void wait() {
    Socket& waiting = *socket;
    waiting.async_wait(boost::asio::socket_base::wait_read, std::move(*this));
  }
  void operator()(boost::beast::error_code error) {
    char bytes[4096];
    for (int i = 0; i < kReadsPerTurn && !error; ++i) {
      socket->read_some(boost::asio::mutable_buffer(bytes, sizeof bytes), error);
    }
    if (!error || error == boost::asio::error::would_block) return wait();
    done(boost::beast::error_code{});  // however it ended: what led here is the error to tell
  }

  Socket* socket;
  Handler done;
};

// A server ends TCP first (RFC 6455, 7.1.1). After both close frames nothing can be lost by that.
// After an error the peer may still send, and closing a socket with unread bytes takes back (RST)
// the close frame that says why: what comes is read to its end. (Beast's own teardown closes at the
// first bytes that come, and TLS gives up at them.) The client's side is Beast's.
template <class Handler>
void end_as_server(CorkedStream<PlainSocket>& stream, Handler done) {
  if (!stream.is_peer_done()) {
    return DropInput<PlainSocket, Handler>{&stream.next_layer(), std::move(done)}.start();
  }
  boost::beast::error_code ignored;
  stream.next_layer().shutdown(boost::asio::socket_base::shutdown_send, ignored);
  boost::asio::post(stream.get_executor(),
                    boost::beast::bind_front_handler(std::move(done), boost::beast::error_code{}));
}

template <class Handler>
void end_as_server(CorkedStream<boost::asio::ssl::stream<PlainSocket>>& stream, Handler done) {
  PlainSocket& socket = stream.next_layer().next_layer();
  stream.next_layer().async_shutdown(
      [&socket,
       done = std::move(done)](boost::beast::error_code /*close_notify went out*/) mutable {
        DropInput<PlainSocket, Handler>{&socket, std::move(done)}.start();
      });
}

template <class NextLayer, class Handler>
void async_teardown(boost::beast::role_type role, CorkedStream<NextLayer>& stream,
                    Handler&& handler) {
  stream.teardown_began();
  stream.when_flushed(
      [role, &stream, done = std::decay_t<Handler>(std::forward<Handler>(handler))]() mutable {
        if (role == boost::beast::role_type::server) return end_as_server(stream, std::move(done));
        using boost::beast::websocket::async_teardown;
        async_teardown(role, stream.next_layer(), std::move(done));
      });
}

}  // namespace wsfleet
