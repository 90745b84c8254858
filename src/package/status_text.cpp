#include "src/package/status_text.h"

#include "src/base/text.h"

namespace jatai {

std::string status_text(Status status) {
    switch (status) {
        case Status::Ok:
            return text("all is well");
        case Status::TooShort:
            return text("fewer bytes than the header of a package");
        case Status::BadMagic:
            return text("not a package: it does not begin with JPK1");
        case Status::BadVersion:
            return text("a package of a format version that is not known here");
        case Status::BadLength:
            return text("shorter than its header says: the end is missing");
        case Status::BadHeader:
            return text("a field of the header has a value the format does not allow");
        case Status::BadTable:
            return text("a table does not lie inside the package");
        case Status::BadName:
            return text("a name does not lie inside the package");
        case Status::BadTensor:
            return text("an input or output has a type, shape, size or place that cannot be");
        case Status::BadOperand:
            return text("an operand does not lie inside the arena or the constants");
        case Status::BadStep:
            return text("a step names a kernel, operands or parameters that are not there");
        case Status::BadBlob:
            return text("a named section does not lie inside the package");
        case Status::MissingKernel:
            return text("it needs a kernel that this firmware does not have");
        case Status::KernelRefused:
            return text("the parameters of a step and its operands do not agree");
        case Status::PackageUnaligned:
            return text("the package does not start at a multiple of 16 bytes");
        case Status::ArenaUnaligned:
            return text("the arena does not start at a multiple of 16 bytes");
        case Status::ArenaTooSmall:
            return text("the arena is smaller than the package needs");
        case Status::BadHash:
            return text("the hash does not match: bytes changed after it was packed");
    }
    return text("status {} is not known here", static_cast<int>(status));
}

}  // namespace jatai
