#include "src/package/keyword_words.h"

#include "src/base/text.h"
#include "src/package/status_text.h"

namespace jatai {
namespace {

std::string feature_status_text(FeatureStatus status) {
    switch (status) {
        case FeatureStatus::Ok:
            return text("all is well");
        case FeatureStatus::NotFeatures:
            return text("no feature tables there");
        case FeatureStatus::BadSizes:
            return text("window, hop, bands or coefficients out of range");
        case FeatureStatus::BadTables:
            return text("a table lies outside the section or is out of range");
        case FeatureStatus::ScratchTooSmall:
            return text("too little memory");
    }
    return text("status {} is not known here", static_cast<int>(status));
}

}  // namespace

std::string keyword_status_text(KeywordStatus status, Status package, FeatureStatus features) {
    switch (status) {
        case KeywordStatus::Ok:
            return text("all is well");
        case KeywordStatus::PackageRefused:
            return status_text(package);
        case KeywordStatus::NoKeywordSection:
            return text("no keyword section");
        case KeywordStatus::NoFeaturesSection:
            return text("no features section");
        case KeywordStatus::SettingsRefused:
            return text("a number of the keyword section is out of range");
        case KeywordStatus::FeaturesRefused:
            return feature_status_text(features);
        case KeywordStatus::InputDiffers:
            return text("the model's input is not what the features give");
        case KeywordStatus::OutputDiffers:
            return text("the model's output is not one int8 probability per label");
        case KeywordStatus::MemoryTooSmall:
            return text("features and sound leave no memory for the model");
        case KeywordStatus::MicrophoneRefused:
            return text("the microphone cannot record at that rate");
    }
    return text("status {} is not known here", static_cast<int>(status));
}

}  // namespace jatai
