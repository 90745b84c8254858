// cli.h: the words of the command line. CLI11 is known here and in verbs/ only.
//
//     return run_command_line(argc, argv);
//
// Exit codes: 0 done, 1 the user's input, 2 our fault.
#pragma once

namespace jatai {

int run_command_line(int argc, char** argv);

}  // namespace jatai
