// prepare.h: what a board does before a runner measures on it.
#pragma once

// Clocks and caches as the board's applications set them, so that what is measured is what they get.
void prepare_board();
