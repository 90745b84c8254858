#include "device/apps/package_words.h"

namespace jatai {
namespace {

constexpr uint32_t kKeysPerLine = 8;

void add_hex(TextLine& line, const uint8_t* bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        line.add_hex(bytes[i]);
    }
}

void add_padded(TextLine& line, const char* text, uint32_t capacity) {
    for (uint32_t i = 0; i < capacity && text[i] != '\0'; ++i) {
        line.add_char(text[i]);
    }
}

}  // namespace

void send(const Port& port, TextLine& line) {
    line.end();
    port.write(port.context, line.text(), line.bytes());
}

const char* words_for(Status status) {
    switch (status) {
        case Status::Ok:
            return "ok";
        case Status::TooShort:
            return "fewer bytes than a header";
        case Status::BadMagic:
            return "no package here";
        case Status::BadVersion:
            return "a package version this firmware does not read";
        case Status::BadLength:
            return "longer than the room for it";
        case Status::BadHeader:
            return "a header field is out of range";
        case Status::BadTable:
            return "a table lies outside the package";
        case Status::BadName:
            return "a name lies outside the package";
        case Status::BadTensor:
            return "an input or output is wrong";
        case Status::BadOperand:
            return "an operand lies outside its memory";
        case Status::BadStep:
            return "a step is wrong";
        case Status::BadBlob:
            return "a section lies outside the package";
        case Status::MissingKernel:
            return "it needs a kernel this firmware does not have";
        case Status::KernelRefused:
            return "a kernel refused its operands";
        case Status::PackageUnaligned:
            return "it does not start at a multiple of 16";
        case Status::ArenaUnaligned:
            return "the arena does not start at a multiple of 16";
        case Status::ArenaTooSmall:
            return "it needs more memory than this board has left";
        case Status::BadHash:
            return "its bytes are not those that were packed";
    }
    return "unknown";
}

void introduce(const Port& port, const Manifest& manifest, const char* application) {
    TextLine line;
    line.add("jatai ").add(application).add(" on ");
    add_padded(line, manifest.board, sizeof manifest.board);
    send(port, line);

    line = TextLine();
    line.add("kernels ").add_number(manifest.kernel_count).add(" set ");
    add_hex(line, manifest.set_hash, sizeof manifest.set_hash);
    send(port, line);

    for (uint32_t i = 0; i < manifest.kernel_count;) {
        line = TextLine();
        line.add("kernel");
        for (uint32_t end = i + kKeysPerLine; i < end && i < manifest.kernel_count; ++i) {
            const KernelKey& key = manifest.keys()[i];
            line.add_char(' ').add_number(static_cast<uint16_t>(key.op));
            line.add_char('.').add_number(static_cast<uint8_t>(key.type));
            line.add_char('.').add_number(key.version);
        }
        send(port, line);
    }
}

void describe_model(const Port& port, const Engine& engine, uint32_t arena_bytes) {
    const PackageHeader& header = engine.header();
    TextLine line;
    line.add("package ");
    add_padded(line, reinterpret_cast<const char*>(&header) + header.name, header.name_bytes);
    line.add(" id ");
    add_hex(line, header.sha256, 8);
    line.add(" bytes ").add_number(header.total_bytes);
    line.add(" arena ").add_number(header.arena_bytes).add(" of ").add_number(arena_bytes);
    send(port, line);
}

void blink_number(const Port& port, uint32_t number) {
    for (uint32_t i = 0; i < number; ++i) {
        port.set_lights(port.context, kLightRed);
        port.pause_us(port.context, 200000);
        port.set_lights(port.context, 0);
        port.pause_us(port.context, 300000);
    }
    port.pause_us(port.context, 1500000);
}

}  // namespace jatai
