// verb.h: what every verb of the command line is made with.
//
//     CLI::App* verb = add_verb(app, "new", text("start a project"), "jatai new keyword my-words");
//     auto options = bind_action(verb, shared, run_new);
//     verb->add_option("dir", options->dir, text("the folder to make"));
//
// A file of verbs per kind of user: project, model, package, fleet. Only they and cli.cpp know CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "apps/jatai/commands/commands.h"
#include "src/base/text.h"

namespace jatai {

// What the chosen verb will do, once the whole line is understood.
using Action = std::function<int(Console&)>;

struct Shared {
    bool json = false;
    std::string language;
    Action action;
};

// Options live as long as the CLI::App that points into them.
template <typename Options>
std::shared_ptr<Options> bind_action(CLI::App* verb, Shared& shared, int (*run)(const Options&, Console&)) {
    auto options = std::make_shared<Options>();
    verb->callback(
        [options, &shared, run] { shared.action = [options, run](Console& c) { return run(*options, c); }; });
    return options;
}

CLI::App* add_verb(CLI::App& parent, const char* name, const std::string& what, const std::string& example);

// A check of an option: a number of seconds between the two, both in.
std::function<std::string(const std::string&)> seconds_within(double low, double high);

void add_new(CLI::App& app, Shared& shared);
void add_data(CLI::App& app, Shared& shared);
void add_train(CLI::App& app, Shared& shared);
void add_report(CLI::App& app, Shared& shared);
void add_doctor(CLI::App& app, Shared& shared);
void add_compile(CLI::App& app, Shared& shared);
void add_export(CLI::App& app, Shared& shared);
void add_run(CLI::App& app, Shared& shared);
void add_inspect(CLI::App& app, Shared& shared);
void add_quantize(CLI::App& app, Shared& shared);
void add_diff(CLI::App& app, Shared& shared);
void add_simulate(CLI::App& app, Shared& shared);
void add_package(CLI::App& app, Shared& shared);
void add_serve(CLI::App& app, Shared& shared);
void add_gateway(CLI::App& app, Shared& shared);
void add_push(CLI::App& app, Shared& shared);
void add_fleet(CLI::App& app, Shared& shared);

}  // namespace jatai
