// package.h: the bytes of a package (.jpk), format version 1, usable in place from flash.
//
//     const auto& header = *reinterpret_cast<const jatai::PackageHeader*>(bytes);
//     header.arena_bytes;                            // RAM the model needs
//
// Little-endian; every table starts at a multiple of 16 from the package's start, and the package itself lies
// at a multiple of 16. Offsets count from the package's first byte unless said otherwise. Specified byte by
// byte in docs/reference/package.md.
// Trust: nothing here is checked. Engine::open() (device/engine.h) proves a package once.
#pragma once

#include <stdint.h>

#include "device/op.h"

namespace jatai {

constexpr uint32_t kPackageMagic = 0x314B504Au;  // "JPK1"
constexpr uint16_t kPackageVersion = 1;
constexpr uint32_t kPackageAlign = 16;  // of the package, its tables and the arena
constexpr uint32_t kPlaceAlign = 8;     // of every operand, in the arena and among the constants
constexpr uint32_t kMaxRank = 6;
constexpr uint32_t kMaxNameBytes = 255;  // of the model, a tensor or a section

// `count` records at `offset`. Of the constants: `count` bytes.
struct PackageTable {
    uint32_t offset;
    uint32_t count;
};

struct PackageHeader {
    uint32_t magic;
    uint16_t version;
    uint16_t header_bytes;  // 160 in version 1
    uint32_t total_bytes;
    uint32_t flags;          // 0 in version 1
    uint8_t sha256[32];      // of the bytes from kHashedFrom to total_bytes
    uint32_t arena_bytes;    // state first, then activations and scratch
    uint32_t state_bytes;    // kept between runs; what it holds after open(): `initial`
    uint8_t family;          // Family the kernels' operands were packed for (src/graph/op_def.h)
    uint8_t reserved[7];     // 0
    char board[16];          // board id the plan was made for, padded with zeros
    PackageTable inputs;     // TensorRecord
    PackageTable outputs;    // TensorRecord
    PackageTable steps;      // StepRecord
    PackageTable operands;   // PlaceRecord
    PackageTable kernels;    // KernelRecord
    PackageTable blobs;      // BlobRecord
    PackageTable constants;  // bytes
    uint32_t name;           // offset of the model's name
    uint32_t name_bytes;     // without the zero that ends it
    uint64_t macs;           // multiply-accumulates of one run of the model as given
    PackageTable initial;    // bytes the state begins with: state_bytes of them, or none for zeros
};
static_assert(sizeof(PackageHeader) == 160, "the header is 160 bytes");
constexpr uint32_t kHashedFrom = 48;

// A piece of memory. `where` below kConstantFlag: offset in the arena. Else: offset in the constants, plus
// the flag. Absent: kAbsent and no bytes.
struct PlaceRecord {
    uint32_t where;
    uint32_t bytes;
};
constexpr uint32_t kConstantFlag = 0x80000000u;
constexpr uint32_t kAbsent = 0xFFFFFFFFu;

// An input or output. real = scale * (stored - zero_point); scale 0: not quantised.
struct TensorRecord {
    PlaceRecord place;
    uint8_t type;
    uint8_t rank;
    uint16_t name_bytes;  // without the zero that ends it
    uint32_t name;
    int32_t shape[kMaxRank];  // unused extents are 1
    float scale;
    int32_t zero_point;
};
static_assert(sizeof(TensorRecord) == 48, "a tensor record is 48 bytes");

struct KernelRecord {
    uint16_t op;
    uint8_t type;
    uint8_t version;
};
static_assert(sizeof(KernelRecord) == 4, "a kernel record is 4 bytes");

struct StepRecord {
    uint16_t kernel;         // number in the kernel table
    uint16_t operand_count;  // at most kMaxOperands
    uint32_t operands;       // number of the first in the operand table
    uint32_t params;         // offset in the constants
    uint32_t params_bytes;
};
static_assert(sizeof(StepRecord) == 16, "a step record is 16 bytes");

// A named section: labels, feature settings, lineage. Names in use: docs/reference/package.md#sections.
struct BlobRecord {
    uint32_t name;
    uint32_t name_bytes;  // without the zero that ends it
    uint32_t offset;      // a multiple of 16, not before the end of the section before it
    uint32_t bytes;
};
static_assert(sizeof(BlobRecord) == 16, "a blob record is 16 bytes");

}  // namespace jatai
