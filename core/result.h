// SPDX-License-Identifier: Apache-2.0
#pragma once
// Result<T>: how errors travel inside the project. Exceptions of libraries stop in the adapter that
// calls them and become an Error there.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace wsfleet {

/// What a caller may want to do about an error; also picks the exit status of a command.
enum class ErrorKind {
  failed,         // it went wrong: exit 1
  usage,          // wrong command line: exit 2
  configuration,  // invalid scenario or settings: exit 104
  stopped,        // the user stopped it: exit 105
  unavailable,    // the other side did not answer (metrics or API outage): hold and try again
  conflict,       // the object changed meanwhile: read again
  not_found,      // there is no such object
  unsupported,    // this backend can't do that
  not_leading,    // another one acts, or may: leave it alone
  dry_run,        // it would have been done
};

struct Error {
  ErrorKind kind = ErrorKind::failed;
  std::string message;  // a sentence with the place and the remedy, no trailing newline
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

inline tl::unexpected<Error> fail(std::string message) {
  return fail(ErrorKind::failed, std::move(message));
}

/// The process exit status that belongs to an error (docs/formats/command-line.md).
constexpr int exit_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::configuration:
      return 104;
    case ErrorKind::stopped:
      return 105;
    default:
      return 1;
  }
}

}  // namespace wsfleet
