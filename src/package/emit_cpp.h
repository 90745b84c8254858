// emit_cpp.h: a plan as C++ source: no engine, no interpreter, only the kernels it uses.
//
//     const CppSource source = emit_cpp(plan, "kws");
//     write_text("model.h", source.header);
//     write_text("model.cpp", source.body);                  // needs device/ on the include path, nothing
//     else
//
// The application writes  fill(kws::input()); kws::run(); act_on(kws::output());
// Freestanding C++14, the same steps, operands and constants as the package of the same plan, so the same
// bytes come out.
#pragma once

#include <string>

#include "src/plan/plan.h"

namespace jatai {

// Static: the arena is part of model.cpp. Caller: every function takes the arena, so that several models, or
// the application itself, can share one piece of memory.
enum class ArenaOwner : std::uint8_t { Static, Caller };

struct CppSource {
    std::string header;
    std::string body;        // includes "<file>.h"
    std::string name_space;  // what `name` became
};

// `name`: of the namespace; letters that C++ does not allow become '_'. `file`: of the header, without ".h".
CppSource emit_cpp(const Plan& plan, const std::string& name, ArenaOwner owner = ArenaOwner::Static,
                   const std::string& file = "model");

// `name` as a C++ identifier in lower case.
std::string cpp_identifier(const std::string& name);

}  // namespace jatai
