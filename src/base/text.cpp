#include "src/base/text.h"

#include <libintl.h>

#include <clocale>
#include <cstdlib>

namespace jatai {
namespace {

std::string& current_language() {
    static std::string language = "en";
    return language;
}

std::string language_of_environment() {
    for (const char* name : {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') return value;
    }
    return "en";
}

}  // namespace

const std::string& language() { return current_language(); }

void set_language(std::string_view language, const std::string& catalogue_dir) {
    const std::string wanted = language.empty() ? language_of_environment() : std::string(language);
    current_language() = wanted.rfind("pt", 0) == 0 ? "pt" : "en";
    // gettext answers English in the "C" locale whatever LANGUAGE says; C.UTF-8 is in every glibc. Numbers
    // keep the dot.
    std::setlocale(LC_MESSAGES, "C.UTF-8");
    ::setenv("LANGUAGE", current_language().c_str(), 1);
    ::bindtextdomain("jatai", catalogue_dir.c_str());
    ::bind_textdomain_codeset("jatai", "UTF-8");
    ::textdomain("jatai");
}

const char* translate(const char* english) {
    if (*english == '\0' || current_language() == "en") return english;
    return ::dgettext("jatai", english);
}

}  // namespace jatai
