// delta_align.h: which bytes of the old image lie under which bytes of the new one.
//
//     for (const Aligned& part : align(target, source, finder)) { part.source < 0: no counterpart }
//
// Retrained weights agree with the old ones in hardly any run of bytes, yet lie beside them; and a layout
// shifts as a whole when a section before it grows. So a few shifts (source minus target offset) are
// candidates: none, those that the tables of two packages say, and those that most short equal pieces vote
// for. The cheapest way through the target, 64 bytes at a time, chooses among them; boundaries are then moved
// byte by byte.
#pragma once

#include <vector>

#include "src/package/delta_match.h"

namespace jatai {

struct Aligned {
    std::uint32_t begin = 0, end = 0;  // in the target
    std::int64_t source = -1;          // offset in the source of `begin`; -1: said without the source
};

std::vector<Aligned> align(ByteView target, ByteView source, const MatchFinder& finder);

}  // namespace jatai
