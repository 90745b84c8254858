#include "boards/nano33ble/port.h"
#include "boards/runner/prepare.h"

void prepare_board() { jatai::start_nano33ble(); }
