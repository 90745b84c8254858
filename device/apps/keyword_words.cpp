#include "device/apps/keyword_words.h"

namespace jatai {
namespace {

constexpr uint32_t kKeysPerLine = 8;

const char* words_for(KeywordStatus status) {
    switch (status) {
        case KeywordStatus::Ok:
            return "ok";
        case KeywordStatus::PackageRefused:
            return "the package was refused";
        case KeywordStatus::NoKeywordSection:
            return "the package has no keyword section: not a keyword model";
        case KeywordStatus::NoFeaturesSection:
            return "the package has no features section";
        case KeywordStatus::SettingsRefused:
            return "the keyword section holds a number out of range";
        case KeywordStatus::FeaturesRefused:
            return "the features section was refused";
        case KeywordStatus::InputDiffers:
            return "the model's input is not what the features give";
        case KeywordStatus::OutputDiffers:
            return "the model's output is not one int8 probability per label";
        case KeywordStatus::MemoryTooSmall:
            return "features and sound leave no memory";
        case KeywordStatus::MicrophoneRefused:
            return "the microphone cannot record at that rate";
    }
    return "unknown";
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

const char* words_for(FeatureStatus status) {
    switch (status) {
        case FeatureStatus::Ok:
            return "ok";
        case FeatureStatus::NotFeatures:
            return "no feature tables there";
        case FeatureStatus::BadSizes:
            return "window, hop, bands or coefficients out of range";
        case FeatureStatus::BadTables:
            return "a table is outside the section or out of range";
        case FeatureStatus::ScratchTooSmall:
            return "too little memory";
    }
    return "unknown";
}

void send(const Port& port, TextLine& line) {
    line.end();
    port.write(port.context, line.text(), line.bytes());
}

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

void introduce(const Port& port, const Manifest& manifest) {
    TextLine line;
    line.add("jatai keyword on ");
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

void describe_package(const Port& port, const KeywordApp& app) {
    const PackageHeader& header = app.engine().header();
    TextLine line;
    line.add("package ");
    add_padded(line, reinterpret_cast<const char*>(&header) + header.name, header.name_bytes);
    line.add(" id ");
    add_hex(line, header.sha256, 8);
    line.add(" bytes ").add_number(header.total_bytes);
    line.add(" arena ").add_number(header.arena_bytes).add(" of ").add_number(app.arena_bytes());
    send(port, line);

    line = TextLine();
    line.add("labels");
    const KeywordSettings& settings = app.settings();
    for (uint32_t i = 0; i < settings.label_count; ++i) {
        line.add_char(' ').add(settings.labels()[i].name);
    }
    send(port, line);

    line = TextLine();
    line.add("listening at ").add_number(app.sample_rate_hz()).add(" Hz, an answer every ");
    line.add_number(app.answer_samples()).add(" samples");
    send(port, line);
}

void explain_refusal(const Port& port, const KeywordApp& app, KeywordStatus status) {
    TextLine line;
    line.add("refused ").add_number(static_cast<uint8_t>(status)).add(": ").add(words_for(status));
    if (status == KeywordStatus::PackageRefused) {
        line.add(": status ").add_number(static_cast<uint8_t>(app.package_status())).add(": ");
        line.add(words_for(app.package_status()));
        line.add(" (record ").add_number(app.refused_record()).add(")");
    }
    if (status == KeywordStatus::FeaturesRefused) {
        line.add(": status ").add_number(static_cast<uint8_t>(app.feature_status())).add(": ");
        line.add(words_for(app.feature_status()));
    }
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
