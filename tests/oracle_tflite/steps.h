// steps.h: how far two answers lie apart, in steps of the output, and how far they may.
//
//     Tally tally;
//     tally_steps(Type::Int8, ours, theirs, tally);
//     EXPECT_LE(tally.worst, allowed_gap(Op::Conv2d));
#pragma once

#include "src/base/bytes.h"
#include "src/graph/graph.h"

namespace jatai {

struct Tally {
    int values = 0;
    int unequal = 0;
    int worst = 0;  // largest difference, in steps of the output
};

// Of integers of any width, and bool.
void tally_steps(Type type, const Bytes& ours, const Bytes& theirs, Tally& tally);

// The largest difference of two float tensors, in parts of the largest magnitude in `b`; NaN beside NaN is
// none.
double apart(const Bytes& a, const Bytes& b);

// The steps by which TensorFlow Lite 2.9 on a PC may answer otherwise (docs/reference/ops.md).
int allowed_gap(Op op);

}  // namespace jatai
