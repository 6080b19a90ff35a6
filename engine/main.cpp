// SPDX-License-Identifier: Apache-2.0
// The executable `wsfleet`.
#include "engine/command_line/command_line.h"

int main(int argc, char** argv) { return wsfleet::command_line(argc, argv); }
