// SPDX-License-Identifier: Apache-2.0
#pragma once
// The executor that SimGrid's is held against: one loop that always takes the earliest thing, the
// data plane a millisecond at a time, tasks as threads of which one runs at a time. Slow and plain.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "cluster/simulated/control/executor.h"

namespace wsfleet {

class NaiveExecutor : public Executor {
 public:
  /// `data_before_control` false breaks the rule that events with t <= now come first.
  explicit NaiveExecutor(bool data_before_control = true) : data_first_(data_before_control) {}
  ~NaiveExecutor() override {
    for (auto& task : tasks_) task->thread.join();
  }

  TimeNs now() const override { return now_; }

  int spawn(const std::string&, std::function<void()> body) override {
    const int number = static_cast<int>(tasks_.size());
    tasks_.push_back(std::make_unique<Task>());
    Task& task = *tasks_.back();
    task.target = now_;
    task.thread = std::thread([this, &task, run = std::move(body), number] {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return running_ == number; });
      }
      run();
      const std::lock_guard lock(mutex_);
      task.done = true;
      running_ = kLoop;
      changed_.notify_all();
    });
    return number;
  }

  void wait_until(TimeNs time) override {
    std::unique_lock lock(mutex_);
    const int number = running_;
    Task& task = *tasks_[static_cast<std::size_t>(number)];
    task.target = slot_time(std::max(time, now_), number);
    running_ = kLoop;
    changed_.notify_all();
    changed_.wait(lock, [&] { return running_ == number; });
  }

  void wake(int number) override {
    Task& task = *tasks_[static_cast<std::size_t>(number)];
    task.target = std::min(task.target, slot_time(now_ + 1, number));
  }

  void on_advance(std::function<void(TimeNs)> advance) override { advance_ = std::move(advance); }

  void run() override {
    for (int next = earliest(); next >= 0; next = earliest()) {
      const TimeNs target = std::max(now_, tasks_[static_cast<std::size_t>(next)]->target);
      if (data_first_) advance_to(target);
      now_ = target;
      {
        std::unique_lock lock(mutex_);
        running_ = next;
        changed_.notify_all();
        changed_.wait(lock, [&] { return running_ == kLoop; });
      }
      if (!data_first_ && advance_) advance_(target);
    }
  }

 private:
  static constexpr int kLoop = -1;
  struct Task {
    std::thread thread;
    TimeNs target = 0;
    bool done = false;
  };

  int earliest() const {
    int best = -1;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (tasks_[i]->done) continue;
      if (best < 0 || tasks_[i]->target < tasks_[static_cast<std::size_t>(best)]->target) {
        best = static_cast<int>(i);
      }
    }
    return best;
  }

  void advance_to(TimeNs target) {
    if (!advance_ || target >= kNever - kGrid) return;
    while (now_ + kMillisecond < target) {
      now_ += kMillisecond;
      advance_(now_);
    }
    advance_(target);
  }

  bool data_first_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int running_ = kLoop;
  TimeNs now_ = 0;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::function<void(TimeNs)> advance_;
};

}  // namespace wsfleet
