#include "src/data/espeak.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "src/base/error.h"
#include "src/data/run_program.h"

namespace jatai {
namespace {

constexpr std::size_t kWavHeaderBytes = 44;
// Silence of espeak-ng wavers between -2 and 2. A pause of 0.9 s is never shorter than 0.5 s at our rates,
// silence inside a word (the closure of p, t, k) never longer than 0.25 s.
constexpr int kSilence = 2;
constexpr std::size_t kLongestClosure = kSpeakerRateHz * 3 / 10;

std::string escape(const std::string& word) {
    std::string safe;
    for (char c : word) {
        switch (c) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            default:
                safe += c;
        }
    }
    return safe;
}

std::string make_ssml(const Utterance* first, const Utterance* last) {
    std::string ssml = "<speak>";
    for (; first != last; ++first) {
        ssml += fmt::format(
            "<prosody rate=\"{}%\" pitch=\"{:+}%\" range=\"{:+}%\">{}{}</prosody><break time=\"900ms\"/>\n",
            first->rate_percent, first->pitch_percent, first->range_percent, escape(first->word),
            first->mark);
    }
    return ssml + "</speak>\n";
}

std::vector<std::vector<float>> cut_at_pauses(const std::vector<std::int16_t>& sound) {
    std::vector<std::vector<float>> pieces;
    std::size_t begin = 0, end = 0;  // of the piece under way; end one past its last audible sample
    const auto close = [&] {
        if (end == begin) return;
        std::vector<float> piece;
        for (std::size_t i = begin; i < end; ++i) piece.push_back(static_cast<float>(sound[i]) / 32768.0f);
        pieces.push_back(std::move(piece));
    };
    for (std::size_t i = 0; i < sound.size(); ++i) {
        if (std::abs(int(sound[i])) <= kSilence) continue;
        if (end == begin || i - end > kLongestClosure) {
            close();
            begin = i;
        }
        end = i + 1;
    }
    close();
    return pieces;
}

std::string voice_name(const std::string& accent, const std::string& variant) {
    return variant.empty() ? accent : accent + "+" + variant;
}

}  // namespace

Speaker::Speaker(std::string program) : program_(std::move(program)) {
    const ProgramResult result = run_program({program_, "--version"});
    if (!result.found) {
        throw Error{text("{}: not installed, and it is what speaks the generated words", program_),
                    text("sudo apt-get install espeak-ng, or import recordings: jatai data import FOLDER")};
    }
    version_.assign(result.output.begin(), std::find(result.output.begin(), result.output.end(), '\n'));
    version_ = version_.substr(0, version_.find("  Data at"));
}

Bytes Speaker::run(std::vector<std::string> arguments, const std::string& input) const {
    arguments.insert(arguments.begin(), program_);
    ProgramResult result = run_program(arguments, input);
    if (!result.found || result.exit_code != 0) {
        throw Error{text("{}: ended with code {}", program_, result.exit_code),
                    text("try it by hand: {} hello", program_)};
    }
    return std::move(result.output);
}

std::vector<std::string> Speaker::variants() const {
    const Bytes output = run({"--voices=variant"}, "");
    std::istringstream lines(std::string(output.begin(), output.end()));
    std::vector<std::string> names{""};
    for (std::string line; std::getline(lines, line);) {
        const std::size_t at = line.find("!v/");
        if (at == std::string::npos) continue;
        // Names may hold a blank ("Mr serious"); the column is padded with blanks.
        std::string name = line.substr(at + 3);
        name.erase(name.find_last_not_of(" \r") + 1);
        names.push_back(name.substr(0, name.find("  ")));
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::int16_t> Speaker::speak_ssml(const std::string& voice, const std::string& ssml) const {
    const Bytes wav = run({"-b", "1", "-m", "-v", voice, "--stdin", "--stdout"}, ssml);
    if (wav.size() <= kWavHeaderBytes) return {};
    std::vector<std::int16_t> sound((wav.size() - kWavHeaderBytes) / 2);
    std::memcpy(sound.data(), wav.data() + kWavHeaderBytes, sound.size() * 2);
    return sound;
}

std::vector<std::vector<float>> Speaker::speak(const std::string& accent, const std::string& variant,
                                               const std::vector<Utterance>& utterances) const {
    constexpr std::size_t kBatch = 100;
    const std::string voice = voice_name(accent, variant);
    std::vector<std::vector<float>> sounds;
    for (std::size_t at = 0; at < utterances.size(); at += kBatch) {
        const Utterance* first = utterances.data() + at;
        const std::size_t count = std::min(kBatch, utterances.size() - at);
        std::vector<std::vector<float>> pieces =
            cut_at_pauses(speak_ssml(voice, make_ssml(first, first + count)));
        if (pieces.size() == count) {
            std::move(pieces.begin(), pieces.end(), std::back_inserter(sounds));
            continue;
        }
        for (std::size_t i = 0; i < count; ++i) {
            pieces = cut_at_pauses(speak_ssml(voice, make_ssml(first + i, first + i + 1)));
            sounds.push_back(pieces.size() == 1 ? std::move(pieces[0]) : std::vector<float>{});
        }
    }
    return sounds;
}

std::string Speaker::fingerprint(const std::string& accent, const std::string& variant) const {
    const Bytes wav = run({"-b", "1", "-v", voice_name(accent, variant), "--stdin", "--stdout"},
                          "seven bees over the river\n");
    return wav.size() <= kWavHeaderBytes ? "" : hash_bytes(ByteView(wav).subspan(kWavHeaderBytes));
}

std::vector<std::string> Speaker::phonemes(const std::string& accent,
                                           const std::vector<std::string>& words) const {
    // A paragraph per word gives a line per word; a word that gives none or several lines is asked for by
    // itself.
    const auto ask = [&](const std::string& input) {
        const Bytes output = run({"-b", "1", "-q", "-x", "-v", accent, "--stdin"}, input);
        std::istringstream stream(std::string(output.begin(), output.end()));
        std::vector<std::string> lines;
        for (std::string line; std::getline(stream, line);) {
            std::erase(line, ' ');
            lines.push_back(line);
        }
        return lines;
    };
    std::string all;
    for (const std::string& word : words) all += word + "\n\n";
    std::vector<std::string> lines = ask(all);
    if (lines.size() == words.size()) return lines;
    lines.clear();
    for (const std::string& word : words) {
        std::string joined;
        for (const std::string& line : ask(word + "\n")) joined += line;
        lines.push_back(joined);
    }
    return lines;
}

}  // namespace jatai
