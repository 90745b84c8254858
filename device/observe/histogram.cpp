#include "device/observe/histogram.h"

#include <string.h>

namespace jatai {

void Histogram::clear() { memset(this, 0, sizeof *this); }

void Histogram::add(uint32_t bin) {
    if (bin >= kBins) bin = kBins - 1;
    if (bins[bin] == 0xFFFF) {
        total = 0;
        for (uint16_t& count : bins) {
            count = static_cast<uint16_t>(count / 2);
            total += count;
        }
    }
    ++bins[bin];
    ++total;
}

void Histogram::add_int8(const void* values, uint32_t count) {
    const signed char* p = static_cast<const signed char*>(values);
    for (uint32_t i = 0; i < count; ++i) add(static_cast<uint32_t>(p[i] + 128) >> 4);
}

// Totals are below 2^20, so products of a cumulated count and a total are below 2^40.
Drift test_drift(const Histogram& seen, const Histogram& reference, uint32_t per_sample) {
    Drift drift = {0, 0, DriftVerdict::TooFew};
    if (per_sample == 0) return drift;
    if (seen.total / per_sample < kFewestCounts || reference.total / per_sample < kFewestCounts) return drift;
    const uint64_t a_total = seen.total, b_total = reference.total;
    uint64_t a = 0, b = 0, largest = 0;
    for (uint32_t i = 0; i < kBins; ++i) {
        a += seen.bins[i];
        b += reference.bins[i];
        const uint64_t left = a * b_total, right = b * a_total;
        const uint64_t apart = left > right ? left - right : right - left;
        if (apart > largest) largest = apart;
    }
    const uint64_t product = a_total * b_total;
    drift.distance = static_cast<uint32_t>((largest << 16) / product);
    drift.n = static_cast<uint32_t>(product / (a_total + b_total) / per_sample);
    // D > 1.63 / sqrt(n), squared: D^2 n > 2.6569; D is in units of 2^-16.
    const uint64_t squared = uint64_t{drift.distance} * drift.distance;  // at most 2^32
    const uint64_t limit = 2656900ull * 4294967296ull / 1000000ull;      // 2.6569 * 2^32
    drift.verdict = squared > limit / drift.n ? DriftVerdict::Drift : DriftVerdict::No;
    return drift;
}

}  // namespace jatai
