#include "apps/jatai/cli.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "apps/jatai/home.h"
#include "apps/jatai/verbs/verb.h"
#include "src/base/error.h"
#include "src/base/suggest.h"

namespace jatai {
namespace {

constexpr int kUserError = 1;
constexpr int kOurError = 2;

std::vector<std::string> verbs_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands(nullptr)) names.push_back(verb->get_name());
    return names;
}

std::vector<std::string> flags_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

// The deepest verb on the line: errors and help are about it.
const CLI::App& chosen(const CLI::App& app) {
    const auto below = app.get_subcommands();
    return below.empty() ? app : chosen(*below.front());
}

std::string path_of(const CLI::App& verb) {
    return verb.get_parent() == nullptr ? verb.get_name()
                                        : path_of(*verb.get_parent()) + " " + verb.get_name();
}

Error explain_extra(const std::string& word, const CLI::App& verb, const std::string& help) {
    const bool flag = word.rfind("-", 0) == 0;
    const auto choices = flag ? flags_of(verb) : verbs_of(verb);
    if (choices.empty()) return Error{text("{}: one word too many", word), help};
    return Error{flag ? text("{}: no such option", word) : text("{}: no such command", word),
                 did_you_mean(word, choices)};
}

// CLI11's complaint in our words and in the user's language. CLI11 starts or ends its own with the option's
// name.
Error explain(const CLI::ParseError& error, const CLI::App& app) {
    const CLI::App& verb = chosen(app);
    const std::string help = text("see: {} --help", path_of(verb)), said = error.what();
    // A word that does not belong explains more than what it left missing.
    const auto extra = app.remaining(true);
    if (!extra.empty()) return explain_extra(extra.front(), verb, help);
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
        const std::string name = said.substr(0, said.find(" is required"));
        if (name == "A subcommand") {
            return Error{text("{}: a command is missing", path_of(verb)), did_you_mean("", verbs_of(verb))};
        }
        return Error{text("{}: {} is missing", path_of(verb), name), help};
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        return Error{text("{}: its value is missing", said.substr(0, said.find(':'))), help};
    }
    if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
        return Error{text("{}: expected a number", said.substr(said.find(": ") + 2)), help};
    }
    return Error{said, help};  // a check of ours
}

void label_help(CLI::App& app) {
    auto formatter = std::make_shared<CLI::Formatter>();
    formatter->label("Usage", text("Usage"));
    formatter->label("OPTIONS", text("options"));
    formatter->label("SUBCOMMAND", text("command"));
    formatter->label("Positionals", text("Arguments"));
    formatter->label("REQUIRED", text("(needed)"));
    formatter->column_width(30);
    app.formatter(formatter);
}

void add_shared_flags(CLI::App& app, Shared& shared) {
    app.set_help_flag("-h,--help", text("explain and end"));
    app.add_flag("--json", shared.json, text("answer with one JSON document"));
    app.add_option("--lang", shared.language, text("language of all words: en or pt"));
    for (CLI::Option* option : app.get_options()) option->group(text("Options"));
    for (CLI::App* verb : app.get_subcommands(nullptr)) add_shared_flags(*verb, shared);
}

void build(CLI::App& app, Shared& shared) {
    app.name("jatai");
    app.require_subcommand(1);
    app.set_version_flag("--version", "jatai " JATAI_VERSION, text("the version of this program"));
    label_help(app);
    add_new(app, shared);
    add_data(app, shared);
    add_train(app, shared);
    add_compile(app, shared);
    add_export(app, shared);
    add_run(app, shared);
    add_inspect(app, shared);
    add_quantize(app, shared);
    add_diff(app, shared);
    add_simulate(app, shared);
    add_package(app, shared);
    add_report(app, shared);
    add_serve(app, shared);
    add_gateway(app, shared);
    add_push(app, shared);
    add_fleet(app, shared);
    add_doctor(app, shared);
    add_shared_flags(app, shared);
    app.footer(text("Start here:") +
               "\n  jatai new keyword my-words\n  jatai data generate my-words\n  jatai train my-words\n"
               "  jatai report my-words");
}

// The language is needed before the help is written, so it is looked for before the line is parsed.
std::string language_asked(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--lang" && i + 1 < argc) return argv[i + 1];
        if (word.rfind("--lang=", 0) == 0) return std::string(word.substr(7));
    }
    return {};
}

// A line that is not understood is answered in JSON too, when it asks for that.
bool json_asked(int argc, char** argv) {
    return std::any_of(argv + 1, argv + argc,
                       [](const char* word) { return word == std::string_view("--json"); });
}

int complain(const Error& error, bool json) {
    Console console(json);
    console.note(text("error: {}", std::string(error.what())));
    if (!error.hint().empty()) console.note(text("hint: {}", error.hint()));
    try {
        if (json) console.result({{"error", error.what()}, {"hint", error.hint()}});
    } catch (const Error&) {  // stdout itself is what is wrong
    }
    return kUserError;
}

int run_parsed(CLI::App& app, Shared& shared, int argc, char** argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& done) {  // --help, --version
        return app.exit(done);
    } catch (const CLI::ParseError& error) {
        return complain(explain(error, app), json_asked(argc, argv));
    }
    Console console(shared.json);
    Console::watch_interrupt();
    return shared.action(console);
}

}  // namespace

int run_command_line(int argc, char** argv) {
    const std::string language = language_asked(argc, argv);
    set_language(language, (home().share / "locale").string());
    if (!language.empty() && language != "en" && language != "pt") {
        return complain(
            Error{text("--lang {}: no such language", language), did_you_mean(language, {"en", "pt"})},
            json_asked(argc, argv));
    }
    CLI::App app{text("Jataí: from a recording to a model running on a microcontroller")};
    Shared shared;
    try {
        build(app, shared);
        return run_parsed(app, shared, argc, argv);
    } catch (const Error& error) {
        return complain(error, shared.json);
    } catch (const std::bad_alloc&) {
        Console(false).note(text("out of memory"));
        return kOurError;
    } catch (const std::exception& error) {
        Console(false).note(text("our fault, please report it: {}", std::string(error.what())));
        return kOurError;
    }
}

}  // namespace jatai
