// SPDX-License-Identifier: Apache-2.0
// Many requests at a time on one thread.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include "core/live/live_clock.h"
#include "core/net/http_client.h"

namespace wsfleet {
namespace {

/// Several requests on one io_context, so many at a time.
class Exchanges {
 public:
  Exchanges(const std::vector<HttpRequest>& requests, TimeNs timeout)
      : requests_(requests), ends_(monotonic_now() + std::clamp<TimeNs>(timeout, 0, 24 * kHour)) {
    answers_.resize(requests.size(), fail(ErrorKind::unavailable, "no answer"));
  }

  std::vector<Result<HttpResponse>> run() {
    for (int i = 0; i < kExchangesAtOnce; ++i) next();
    io_.run();
    return std::move(answers_);
  }

 private:
  void next() {
    if (begun_ == requests_.size()) return;
    const std::size_t mine = begun_++;
    const TimeNs left = (ends_ - monotonic_now()) / kMillisecond * kMillisecond;
    http_exchange(io_, requests_[mine], left, [this, mine](Result<HttpResponse> answer) {
      answers_[mine] = std::move(answer);
      next();
    });
  }

  static constexpr int kExchangesAtOnce = 128;
  const std::vector<HttpRequest>& requests_;
  const TimeNs ends_;
  boost::asio::io_context io_{1};
  std::size_t begun_ = 0;
  std::vector<Result<HttpResponse>> answers_;
};

}  // namespace

std::vector<Result<HttpResponse>> http_exchange_all(const std::vector<HttpRequest>& requests,
                                                    TimeNs timeout) {
  try {
    return Exchanges(requests, timeout).run();
  } catch (const boost::system::system_error& error) {
    std::vector<Result<HttpResponse>> answers;
    const std::string why = "can't connect to anybody: " + error.code().message();
    answers.resize(requests.size(), fail(ErrorKind::unavailable, why));
    return answers;
  }
}

}  // namespace wsfleet
