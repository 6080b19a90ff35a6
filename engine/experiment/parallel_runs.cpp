// SPDX-License-Identifier: Apache-2.0
#include "engine/experiment/parallel_runs.h"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "core/live/stop.h"
#include "engine/experiment/run_message.h"
#include "engine/experiment/simulated_run.h"

namespace wsfleet {
namespace {

constexpr int kPollMs = 100;  // how soon a wish to stop is seen

struct Child {
  std::size_t index = 0;  // into the plan
  pid_t pid = -1;
  int pipe = -1;
  std::string message;
};

int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

Result<FinishedRun> run_here(const PlannedRun& run) {
  auto recorder = RunRecorder::create(run.directory);
  if (!recorder) return tl::unexpected(recorder.error());
  Result<RunSummary> summary = simulated_run(run, **recorder, {});
  if (!summary) return tl::unexpected(summary.error());
  FinishedRun finished;
  finished.summary = std::move(*summary);
  if (!run.directory.empty()) {
    finished.rows = (*recorder)->rows();
    finished.events = (*recorder)->events();
  }
  return finished;
}

void write_all(int pipe, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t written = write(pipe, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);  // the parent is gone
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

[[noreturn]] void be_child(const PlannedRun& run, const ParallelOptions& options, pid_t parent,
                           int pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above
  write_all(pipe, encode(options.body ? options.body(run) : run_here(run)));
  _exit(0);
}

/// The children that run now, and the outcomes so far.
class Crew {
 public:
  Crew(const std::vector<PlannedRun>& runs, const ParallelOptions& options)
      : runs_(runs), options_(options), outcomes_(runs.size()) {}

  bool has_work() const { return next_ < runs_.size() || !children_.empty(); }
  bool can_start(std::size_t jobs) const { return next_ < runs_.size() && children_.size() < jobs; }
  void start_next();
  void wait_for_news();
  void stop();
  std::vector<Result<FinishedRun>> outcomes();

 private:
  bool drain(Child& child);
  void finish(Child& child);
  void settle(std::size_t index, Result<FinishedRun> outcome);

  const std::vector<PlannedRun>& runs_;
  const ParallelOptions& options_;
  std::vector<std::optional<Result<FinishedRun>>> outcomes_;
  std::vector<Child> children_;
  std::size_t next_ = 0;
  std::size_t finished_ = 0;
};

void Crew::start_next() {
  Child child;
  child.index = next_++;
  const PlannedRun& run = runs_[child.index];
  int ends[2];
  if (pipe(ends) != 0) {
    return settle(child.index, fail(fmt::format("no pipe: {}", strerror(errno))));
  }
  const pid_t parent = getpid();
  std::fflush(nullptr);  // or the child would write it once more
  child.pid = fork();
  if (child.pid == 0) {
    close(ends[0]);
    be_child(run, options_, parent, ends[1]);
  }
  close(ends[1]);
  child.pipe = ends[0];
  if (child.pid < 0) {
    close(ends[0]);
    return settle(child.index, fail(fmt::format("no process: {}", strerror(errno))));
  }
  children_.push_back(std::move(child));
}

void Crew::wait_for_news() {
  std::vector<pollfd> polled;
  for (const Child& child : children_) polled.push_back({child.pipe, POLLIN, 0});
  if (poll(polled.data(), polled.size(), kPollMs) <= 0) return;
  for (std::size_t i = polled.size(); i-- > 0;) {
    if (polled[i].revents == 0 || !drain(children_[i])) continue;
    finish(children_[i]);
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

/// Reads what is there; true at the end of the child's message.
bool Crew::drain(Child& child) {
  char buffer[1 << 16];
  const ssize_t count = read(child.pipe, buffer, sizeof(buffer));
  if (count > 0) child.message.append(buffer, static_cast<std::size_t>(count));
  return count == 0 || (count < 0 && errno != EINTR);
}

void Crew::finish(Child& child) {
  close(child.pipe);
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    return settle(child.index, fail(fmt::format("its process was ended by signal {} ({})",
                                                WTERMSIG(status), strsignal(WTERMSIG(status)))));
  }
  if (WEXITSTATUS(status) != 0) {
    return settle(child.index,
                  fail(fmt::format("its process ended with status {}", WEXITSTATUS(status))));
  }
  settle(child.index, decode(child.message));
}

void Crew::settle(std::size_t index, Result<FinishedRun> outcome) {
  if (outcome && outcome->summary.stopped) outcome = fail(ErrorKind::stopped, "stopped");
  if (!outcome) {
    outcome = fail(outcome.error().kind, describe(runs_[index]) + ": " + outcome.error().message);
  }
  outcomes_[index] = std::move(outcome);
  ++finished_;
  if (options_.progress) options_.progress(finished_);
}

void Crew::stop() {
  for (Child& child : children_) {
    kill(child.pid, SIGKILL);
    close(child.pipe);
    while (waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  children_.clear();
  next_ = runs_.size();
}

std::vector<Result<FinishedRun>> Crew::outcomes() {
  std::vector<Result<FinishedRun>> all;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (outcomes_[i]) {
      all.push_back(std::move(*outcomes_[i]));
    } else {
      all.push_back(fail(ErrorKind::stopped, describe(runs_[i]) + ": stopped"));
    }
  }
  return all;
}

}  // namespace

std::string describe(const PlannedRun& run) {
  return fmt::format("{} with {}, seed {}", run.scenario_label, run.policy.label, run.seed);
}

std::vector<Result<FinishedRun>> run_in_parallel(const std::vector<PlannedRun>& runs,
                                                 const ParallelOptions& options) {
  const int jobs = options.jobs > 0 ? options.jobs : available_cores();
  Crew crew(runs, options);
  while (crew.has_work() && !stop_requested()) {
    while (crew.can_start(static_cast<std::size_t>(jobs))) crew.start_next();
    crew.wait_for_news();
  }
  crew.stop();
  return crew.outcomes();
}

}  // namespace wsfleet
