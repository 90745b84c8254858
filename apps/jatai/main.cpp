#include "apps/jatai/cli.h"

int main(int argc, char** argv) { return jatai::run_command_line(argc, argv); }
