// listen_project.h: a project's firmware hears voices that training never heard.
//
//     const Listening listening = listen_project(project, board, progress);
//     listening.score.right;  listening.score.wrong;  listening.score.missed.size();
//
// Writes run/track.wav, run/track.json (what was said, when) and run/heard.json (what the board did).
// Fails with Error when the project has no firmware for the board, or no test voices.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "src/pipeline/answers.h"
#include "src/pipeline/listen.h"
#include "src/pipeline/project.h"

namespace jatai {

struct Listening {
    Track track;
    Heard heard;
    AnswerScore score;
};

Listening listen_project(const Project& project, const Board& board, const Progress& progress = {});

nlohmann::ordered_json to_json(const Listening& listening, const Board& board);

}  // namespace jatai
