// drop_dead_channels.h: channels that never change, or that nobody looks at, are taken out of the network.
//
//     %w int8[3,1,1,4] = {… 0,0,0,0 …}        the filter of zeros is gone, its constant lies in the next bias
//
// A channel is constant when the sums its filter can give, over every input its layer can get, all store the
// same byte (a filter of zeros; a filter whose sums all fall below the activation). The layer after it then
// needs no weights for it: value times weights goes into the bias, exactly. Where that layer pads its image,
// the value must be the zero point, which is what padding reads. A channel is unread when every weight that
// would meet it is zero. Depthwise layers, pools and reshapes pass channels on, so a channel goes there
// together with its twin or stays.
//
// Seen in the MLPerf visual wake words model: 971 filters of zeros, half of all multiply-accumulates.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

// How many channels it took out. Keeps at least one channel of every tensor.
int drop_dead_channels(Graph& graph);

}  // namespace jatai
