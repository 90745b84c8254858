// parts.h: what the files of an exported library are made of; between the files of this folder only.
//
//     const Library library{plan, request, "kws"};
//     std::string ino = fill("void setup() { @SETUP@ }", {{"SETUP", body}});
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/package/export/export.h"

namespace jatai {

struct Library {
    const Plan& plan;
    const ExportRequest& request;
    std::string name;
};

// `form` with every @KEY@ replaced.
std::string fill(std::string form, const std::vector<std::pair<std::string, std::string>>& values);

// The same with what every file may name: @NAME@ @UPPER@ @VERSION@ @SENTENCE@ @MADE_BY@.
std::string fill(const Library& library, std::string form);

// What the environment looks for, and the example in its own words.
std::vector<ExportFile> layout_of(const Library& library, const std::vector<std::string>& sources);

// The example's parts: functions that give the model a sample and look at its answer.
std::string example_functions(const Library& library);

std::string readme_of(const Library& library);

}  // namespace jatai
