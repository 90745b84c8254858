// field_subject.h: a model of your own for the simulated devices, in three versions, and what their sensors
// give.
//
//     FieldSubject subject{"nano33ble", "keyword", early, good, worse, inputs, labels, 61000};
//     run_field({.devices = 20, .subject = &subject, …}, say, interrupted);
//
// Keeps  The packages go out as they are, but for two golden samples that are added to each.
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

struct FieldSubject {
    std::string board, model;          // ids
    Bytes first, good, bad;            // packages: in the devices from the factory, the next, the worse one
    std::vector<Bytes> inputs;         // one sample each
    std::vector<std::uint16_t> right;  // the class of each input
    std::uint32_t latency_us = 0;      // of one run, modelled
};

}  // namespace jatai
