#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/data/generate.h"

namespace jatai {
namespace {

// First words that are easily taken for a usual keyword (yes, no, up, down, left, right, on, off, stop, go),
// then words of other sounds. Homophones of a keyword are sorted out by their phonemes later.
constexpr const char* kEnglish[] = {
    "yet",    "guess",   "now",     "note",   "cup",      "app",      "town",   "let",    "lift",
    "light",  "night",   "gone",    "often",  "cough",    "shop",     "step",   "goat",   "ago",
    "bird",   "cat",     "dog",     "house",  "tree",     "happy",    "wow",    "marvin", "sheila",
    "zero",   "one",     "two",     "three",  "four",     "five",     "six",    "seven",  "eight",
    "nine",   "visual",  "forward", "follow", "learn",    "computer", "window", "water",  "music",
    "table",  "kitchen", "orange",  "mother", "question", "button",   "yellow", "monday", "father",
    "garden", "silver",  "doctor",  "winter", "paper",    "chicken",  "market"};

// Easily taken for sim, não, liga, desliga, pare, vai, baixo, esquerda, cima; then words of other sounds.
constexpr const char* kPortuguese[] = {
    "fim",     "assim",   "mão",    "pão",    "chão",     "briga",  "amiga",  "desliza", "depois",
    "parte",   "parede",  "pai",    "cai",    "baile",    "escada", "rima",   "dia",     "casa",
    "água",    "janela",  "mesa",   "livro",  "tempo",    "cidade", "música", "carro",   "noite",
    "porta",   "amarelo", "verde",  "gato",   "cachorro", "árvore", "semana", "cadeira", "telefone",
    "futebol", "bola",    "zero",   "um",     "dois",     "três",   "quatro", "cinco",   "sete",
    "oito",    "nove",    "abelha", "escola", "receita",  "jardim", "caneta", "domingo", "laranja",
    "rua",     "amigo",   "vento",  "chuva",  "ponte",    "doce"};

}  // namespace

std::vector<std::string> default_unknown_words(const std::string& language) {
    if (language == "en") return {std::begin(kEnglish), std::end(kEnglish)};
    if (language == "pt") return {std::begin(kPortuguese), std::end(kPortuguese)};
    throw Error{text("no list of other words for language {}", language),
                text("give unknown_words, at least 25 of them")};
}

}  // namespace jatai
