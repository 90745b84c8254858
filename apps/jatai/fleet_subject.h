// fleet_subject.h: a keyword project's own model in three versions, for `jatai fleet simulate PROJECT`.
//
//     const FieldSubject subject = keyword_subject(open_project("out/demo"), console);
//
// v1 is what left the factory: the same network after a few passes over the recordings. v2 is the project's
// model, the very package `jatai compile` writes. v3 was made worse in a way that happens: its labels slipped
// against the recordings before it was trained.
// Fails with  Error before the first training of the project.
#pragma once

#include "apps/jatai/console.h"
#include "src/field/field_subject.h"
#include "src/pipeline/project.h"

namespace jatai {

FieldSubject keyword_subject(const Project& project, Console& console);

}  // namespace jatai
