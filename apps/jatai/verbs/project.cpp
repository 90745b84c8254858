// From recordings to a trained model, and the page about it.
#include "apps/jatai/verbs/verb.h"

namespace jatai {

void add_new(CLI::App& app, Shared& shared) {
    CLI::App* verb = add_verb(app, "new", text("start a project: jatai.toml and its folders"),
                              "jatai new keyword my-words");
    auto o = bind_action(verb, shared, run_new);
    verb->add_option("template", o->template_name, text("what to build: keyword"))->required();
    verb->add_option("dir", o->dir, text("the folder to make"))->required();
    verb->add_option("--words", o->words_language, text("language of the words to recognise: en or pt"));
}

void add_data(CLI::App& app, Shared& shared) {
    CLI::App* data =
        add_verb(app, "data", text("make, bring in, record or look at recordings"), "jatai data generate");
    data->require_subcommand(1);

    CLI::App* generate = add_verb(
        *data, "generate", text("speak the words of jatai.toml in many synthetic voices (needs espeak-ng)"),
        "jatai data generate my-words");
    auto g = bind_action(generate, shared, run_data_generate);
    generate->add_option("dir", g->dir, text("the project"));
    generate->add_option("--clips", g->clips, text("how many recordings to make"));

    CLI::App* import = add_verb(*data, "import",
                                text("bring in recordings: a folder per label, or a folder or archive with "
                                     "index.csv (file,label,group)"),
                                "jatai data import recordings/ my-words");
    auto i = bind_action(import, shared, run_data_import);
    import->add_option("source", i->source, text("the folder or archive"))->required();
    import->add_option("dir", i->dir, text("the project"));
    import->add_option("--held-out", i->held_out, text("the speaker to keep for testing"));

    CLI::App* record = add_verb(*data, "record", text("record from this computer's microphone"),
                                "jatai data record me.wav --seconds 5");
    auto r = bind_action(record, shared, run_data_record);
    record->add_option("file", r->file, text("the WAV file to write"))->required();
    record->add_option("--seconds", r->seconds, text("how long"))->check(seconds_within(0.1, 3600));
    record->add_option("--device", r->device, text("the ALSA name of the microphone"));

    CLI::App* show = add_verb(*data, "show", text("count recordings by label, voice and split"),
                              "jatai data show my-words");
    auto s = bind_action(show, shared, run_data_show);
    show->add_option("dir", s->dir, text("the project, or a data set's folder"));
}

void add_train(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "train", text("train and quantise the network: model/model.tflite, curves and scores"),
                 "jatai train my-words");
    auto o = bind_action(verb, shared, run_train);
    verb->add_option("dir", o->dir, text("the project"));
    verb->add_option("--epochs", o->epochs, text("passes over the recordings"));
    verb->add_option("--threads", o->threads, text("the model does not depend on it"));
    verb->add_flag("--restart", o->restart, text("start over instead of going on where it was interrupted"));
}

void add_report(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "report", text("measure the model on host and chip and write one HTML page"),
                 "jatai report my-words");
    auto o = bind_action(verb, shared, run_report);
    verb->add_option("dir", o->dir, text("the project"));
    verb->add_option("--board", o->board, text("the board's id"));
}

void add_doctor(CLI::App& app, Shared& shared) {
    CLI::App* verb = add_verb(app, "doctor", text("what is installed, what is missing, and how to get it"),
                              "jatai doctor");
    bind_action(verb, shared, run_doctor);
}

}  // namespace jatai
