#include "device/apps/keyword_words.h"

#include "device/apps/package_words.h"

namespace jatai {
namespace {

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

}  // namespace

void describe_package(const Port& port, const KeywordApp& app) {
    describe_model(port, app.engine(), app.arena_bytes());
    TextLine line;
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

}  // namespace jatai
