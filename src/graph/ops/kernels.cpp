#include "src/graph/ops/kernels.h"

#include <array>

#include "device/kernels/add.h"
#include "device/kernels/average_pool2d.h"
#include "device/kernels/conv2d.h"
#include "device/kernels/conv2d_pairs.h"
#include "device/kernels/depthwise_conv2d.h"
#include "device/kernels/dequantize.h"
#include "device/kernels/fully_connected.h"
#include "device/kernels/max_pool2d.h"
#include "device/kernels/quantize.h"
#include "device/kernels/softmax.h"
#include "src/base/error.h"

namespace jatai {
namespace {

struct Code {
    const char* symbol;
    const char* header;
};

struct Entry {
    const Kernel* kernel;
    Code reference;
    Code cortex_m;  // null: the reference is all there is
};

constexpr Code kNone{nullptr, nullptr};

// Named here and compiled for the chip only: this program runs the reference.

constexpr std::array kEntries{
    Entry{&kConv2dInt8,
          {"kConv2dInt8", "device/kernels/conv2d.h"},
          {"kConv2dInt8CortexM", "device/cortex_m/conv2d.h"}},
    Entry{&kConv2dPairsInt8,
          {"kConv2dPairsInt8", "device/kernels/conv2d_pairs.h"},
          {"kConv2dPairsInt8CortexM", "device/cortex_m/conv2d_pairs.h"}},
    Entry{&kDepthwiseConv2dInt8,
          {"kDepthwiseConv2dInt8", "device/kernels/depthwise_conv2d.h"},
          {"kDepthwiseConv2dInt8CortexM", "device/cortex_m/depthwise_conv2d.h"}},
    Entry{&kFullyConnectedInt8,
          {"kFullyConnectedInt8", "device/kernels/fully_connected.h"},
          {"kFullyConnectedInt8CortexM", "device/cortex_m/fully_connected.h"}},
    Entry{&kFullyConnectedPerChannelInt8,
          {"kFullyConnectedPerChannelInt8", "device/kernels/fully_connected.h"},
          {"kFullyConnectedPerChannelInt8CortexM", "device/cortex_m/fully_connected.h"}},
    Entry{&kAveragePool2dInt8,
          {"kAveragePool2dInt8", "device/kernels/average_pool2d.h"},
          {"kAveragePool2dInt8CortexM", "device/cortex_m/average_pool2d.h"}},
    Entry{&kMaxPool2dInt8, {"kMaxPool2dInt8", "device/kernels/max_pool2d.h"}, kNone},
    Entry{&kAddInt8, {"kAddInt8", "device/kernels/add.h"}, {"kAddInt8CortexM", "device/cortex_m/add.h"}},
    Entry{&kSoftmaxInt8, {"kSoftmaxInt8", "device/kernels/softmax.h"}, kNone},
    Entry{&kQuantizeFloat, {"kQuantizeFloat", "device/kernels/quantize.h"}, kNone},
    Entry{&kQuantizeInteger, {"kQuantizeInteger", "device/kernels/quantize.h"}, kNone},
    Entry{&kDequantize, {"kDequantize", "device/kernels/dequantize.h"}, kNone},
};

const Entry* find_entry(KernelKey key) {
    for (const Entry& entry : kEntries) {
        if (entry.kernel->key == key) return &entry;
    }
    return nullptr;
}

KernelSource source_of(const Entry& entry, Family family) {
    const bool fast = family == Family::CortexM && entry.cortex_m.symbol != nullptr;
    const Code& code = fast ? entry.cortex_m : entry.reference;
    return {entry.kernel->key, code.symbol, code.header};
}

}  // namespace

const KernelSet& host_kernels() {
    static const auto kernels = [] {
        std::array<const Kernel*, kEntries.size()> all{};
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = kEntries[i].kernel;
        return all;
    }();
    static const KernelSet set{kernels.data(), static_cast<std::uint32_t>(kernels.size())};
    return set;
}

const Kernel* find_kernel(KernelKey key) {
    const Entry* entry = find_entry(key);
    return entry == nullptr ? nullptr : entry->kernel;
}

KernelSource kernel_source(KernelKey key, Family family) {
    const Entry* entry = find_entry(key);
    CHECK(entry != nullptr);
    return source_of(*entry, family);
}

std::vector<KernelSource> kernel_sources(Family family) {
    std::vector<KernelSource> sources;
    for (const Entry& entry : kEntries) sources.push_back(source_of(entry, family));
    return sources;
}

}  // namespace jatai
