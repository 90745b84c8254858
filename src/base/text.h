// text.h: every word for people, in the user's language.
//
//     set_language("pt");                                        // once, in apps/
//     print(text("{} recordings of {} voices", n, voices));      // English here, Portuguese from words/pt.po
//
// The English sentence is the key; words/pt.po holds the Portuguese. `tools/check-words` fails when one is
// missing.
// `{}` is filled as in fmt. `--json` and logs do not go through here: they stay English.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace jatai {

// The translation of `english`, or `english` itself when there is none. The result lives as long as the
// program.
const char* translate(const char* english);

// "en" or "pt" (also "pt_BR.UTF-8"); empty: from LANGUAGE, LC_ALL, LC_MESSAGES, LANG. `catalogue_dir` holds
// <language>/LC_MESSAGES/jatai.mo.
void set_language(std::string_view language, const std::string& catalogue_dir);

// The language in force: "en" or "pt".
const std::string& language();

template <typename... Args>
std::string text(const char* english, const Args&... args) {
    return fmt::vformat(translate(english), fmt::make_format_args(args...));
}

}  // namespace jatai
