// SPDX-License-Identifier: Apache-2.0
#include "results/record/run_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <memory>
#include <set>

#include "results/record/files.h"

namespace wsfleet {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Before the scores; `format` leads so that a reader can tell.
constexpr const char* kFixedColumns =
    "format INTEGER, scenario TEXT, policy TEXT, seed INTEGER, backend TEXT, simulated_s REAL, "
    "events INTEGER, stopped INTEGER";
constexpr int kFixedCount = 8;

tl::unexpected<Error> store_error(const std::string& path, sqlite3* database) {
  const int system = database != nullptr ? sqlite3_system_errno(database) : 0;
  if (system != 0) return tl::unexpected(file_error("use", path, system));
  return fail("can't use " + path + ": " +
              (database != nullptr ? sqlite3_errmsg(database) : "out of memory"));
}

Result<Database> open(const std::string& file, const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Database database(raw);
  if (opened != SQLITE_OK) return store_error(path, raw);
  return database;
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

// Every score that any run has: those of the table in its order, then others by name.
std::vector<std::string> score_columns(const std::vector<RunSummary>& runs) {
  std::set<std::string> present;
  for (const RunSummary& run : runs) {
    for (const Score& score : run.scores) present.insert(score.name);
  }
  std::vector<std::string> columns;
  for (const std::string& name : score_names()) {
    if (present.erase(name) > 0) columns.push_back(name);
  }
  columns.insert(columns.end(), present.begin(), present.end());
  return columns;
}

void bind_text(sqlite3_stmt* statement, int at, const std::string& text) {
  sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

void bind_run(sqlite3_stmt* statement, const RunSummary& run,
              const std::vector<std::string>& columns) {
  int at = 0;
  sqlite3_bind_int(statement, ++at, kResultsFormat);
  bind_text(statement, ++at, run.scenario);
  bind_text(statement, ++at, run.policy);
  sqlite3_bind_int64(statement, ++at, static_cast<sqlite3_int64>(run.seed));
  bind_text(statement, ++at, run.backend);
  sqlite3_bind_double(statement, ++at, run.simulated_s);
  sqlite3_bind_int64(statement, ++at, run.events);
  sqlite3_bind_int(statement, ++at, run.stopped ? 1 : 0);
  for (const std::string& column : columns) {
    // SQLite keeps infinity as a REAL and turns NaN into NULL.
    const auto value = score_value(run.scores, column);
    if (value && !std::isnan(*value)) {
      sqlite3_bind_double(statement, ++at, *value);
    } else {
      sqlite3_bind_null(statement, ++at);
    }
  }
}

// Into `partial`; errors name `path`, which is what the user knows.
Result<void> write_rows(const std::string& partial, const std::string& path,
                        const std::vector<RunSummary>& runs) {
  auto database = open(partial, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!database) return tl::unexpected(database.error());
  sqlite3* db = database->get();
  const std::vector<std::string> columns = score_columns(runs);
  // No journal: a store that was not finished is thrown away whole.
  std::string create =
      "PRAGMA journal_mode=OFF; BEGIN; CREATE TABLE runs (" + std::string(kFixedColumns);
  std::string insert = "INSERT INTO runs VALUES (?";
  for (int i = 1; i < kFixedCount; ++i) insert += ",?";
  for (const std::string& column : columns) {
    create += ", " + quoted(column) + " REAL";
    insert += ",?";
  }
  if (sqlite3_exec(db, (create + ")").c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return store_error(path, db);
  }
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(db, (insert + ")").c_str(), -1, &raw, nullptr) != SQLITE_OK) {
    return store_error(path, db);
  }
  Statement statement(raw);
  for (const RunSummary& run : runs) {
    bind_run(raw, run, columns);
    if (sqlite3_step(raw) != SQLITE_DONE) return store_error(path, db);
    sqlite3_reset(raw);
  }
  statement.reset();
  if (sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) {
    return store_error(path, db);
  }
  return {};
}

std::string column_text(sqlite3_stmt* statement, int at) {
  const unsigned char* text = sqlite3_column_text(statement, at);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement, at))};
}

RunSummary run_from(sqlite3_stmt* statement) {
  RunSummary run;
  run.scenario = column_text(statement, 1);
  run.policy = column_text(statement, 2);
  run.seed = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 3));
  run.backend = column_text(statement, 4);
  run.simulated_s = sqlite3_column_double(statement, 5);
  run.events = sqlite3_column_int64(statement, 6);
  run.stopped = sqlite3_column_int(statement, 7) != 0;
  for (int at = kFixedCount; at < sqlite3_column_count(statement); ++at) {
    const bool missing = sqlite3_column_type(statement, at) == SQLITE_NULL;
    run.scores.push_back(
        {sqlite3_column_name(statement, at), missing ? std::numeric_limits<double>::quiet_NaN()
                                                     : sqlite3_column_double(statement, at)});
  }
  return run;
}

}  // namespace

Result<void> write_run_store(const std::string& path, const std::vector<RunSummary>& runs) {
  const std::string partial = path + ".partial-" + std::to_string(::getpid());
  ::unlink(partial.c_str());
  auto written = write_rows(partial, path, runs);
  if (written && ::rename(partial.c_str(), path.c_str()) != 0) {
    written = tl::unexpected(file_error("write", path, errno));
  }
  if (!written) ::unlink(partial.c_str());
  return written;
}

Result<std::vector<RunSummary>> read_run_store(const std::string& path) {
  auto database = open(path, path, SQLITE_OPEN_READONLY);
  if (!database) return tl::unexpected(database.error());
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database->get(), "SELECT * FROM runs ORDER BY rowid", -1, &raw, nullptr) !=
      SQLITE_OK) {
    return store_error(path, database->get());
  }
  const Statement statement(raw);
  std::vector<RunSummary> runs;
  for (;;) {
    const int stepped = sqlite3_step(raw);
    if (stepped == SQLITE_DONE) return runs;
    if (stepped != SQLITE_ROW) return store_error(path, database->get());
    if (sqlite3_column_count(raw) < kFixedCount || sqlite3_column_int(raw, 0) != kResultsFormat) {
      return fail(path + " is not a run store of format " + std::to_string(kResultsFormat));
    }
    runs.push_back(run_from(raw));
  }
}

}  // namespace wsfleet
