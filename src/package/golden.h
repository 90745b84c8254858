// golden.h: samples that a model carries, so that a chip can see it work before it trusts it.
//
//     Bytes with = with_golden(package, {sample_1, sample_2}, 0, "kws.jpk");
//
// The answers are those of this computer's engine, which are the chip's, bit for bit.
// Fails with Error when a sample is not the size of the model's inputs.
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

// The package with one more section. Sections of that name that are there already stay in front.
Bytes with_section(ByteView package, const std::string& name, ByteView content);

Bytes with_golden(ByteView package, const std::vector<Bytes>& samples, std::uint32_t tolerance,
                  const std::string& place);

}  // namespace jatai
