// cli.h: the words of the command line. The only place that knows CLI11.
//
//     return run_command_line(argc, argv);
//
// Exit codes: 0 done, 1 the user's input, 2 our fault.
#pragma once

namespace jatai {

int run_command_line(int argc, char** argv);

}  // namespace jatai
