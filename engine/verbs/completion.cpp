// SPDX-License-Identifier: Apache-2.0
// `wsfleet completion bash`: completes verbs, options, policies and bundled scenarios. The script
// asks the program itself, so it never goes out of date.
#include "engine/verbs/common.h"

namespace wsfleet {
namespace {

constexpr const char* kBash =
    R"bash(# bash completion for wsfleet: source <(wsfleet completion bash)
_wsfleet() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local program=${COMP_WORDS[0]} verb=${COMP_WORDS[1]} words
  if ((COMP_CWORD == 1)); then
    words=$("$program" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
  elif [[ $previous == -p || $previous == --policy || $previous == --policies ]]; then
    words=$("$program" policies | sed -n 's/^\([a-z][a-z_-]*\) .*/\1/p')
  elif [[ $current == -* ]]; then
    words=$("$program" "$verb" --help | grep -o -e '--[a-z][a-z-]*')
  else
    compopt -o filenames -o nospace
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    local scenario
    for scenario in scenarios/*.toml; do
      scenario=${scenario##*/}
      if [[ $scenario == "$current"*.toml ]]; then COMPREPLY+=("${scenario%.toml}"); fi
    done
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _wsfleet wsfleet
)bash";

}  // namespace

int completion(const CompletionOptions&, const Terminal&) {
  print(kBash);
  return 0;
}

}  // namespace wsfleet
