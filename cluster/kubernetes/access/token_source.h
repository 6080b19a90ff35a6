// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bearer tokens and other credentials that stand in files, which somebody renews. Thread-safe.

#include <functional>
#include <string>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

using TokenSource = std::function<Result<std::string>()>;

/// The file's text; an error (configuration) that names it.
Result<std::string> read_credential(const std::string& path);
/// Without white space at both ends.
std::string trimmed(const std::string& text);

/// Its content, read again after a minute at the latest: kubelets renew what they mount. While the
/// file can't be read, or is empty, the last token goes on; an error where there was none yet.
TokenSource token_from_file(const std::string& path, TimeNs read_again_after = kMinute);

}  // namespace wsfleet
