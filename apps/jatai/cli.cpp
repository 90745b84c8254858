#include "apps/jatai/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/home.h"
#include "src/base/error.h"
#include "src/base/suggest.h"

namespace jatai {
namespace {

constexpr int kUserError = 1;
constexpr int kOurError = 2;

// What the chosen verb will do, once the whole line is understood.
using Action = std::function<int(Console&)>;

struct Shared {
    bool json = false;
    std::string language;
    Action action;
};

// Options live as long as the CLI::App that points into them.
template <typename Options>
std::shared_ptr<Options> bind_action(CLI::App* verb, Shared& shared, int (*run)(const Options&, Console&)) {
    auto options = std::make_shared<Options>();
    verb->callback(
        [options, &shared, run] { shared.action = [options, run](Console& c) { return run(*options, c); }; });
    return options;
}

CLI::App* add_verb(CLI::App& parent, const char* name, const std::string& what, const std::string& example) {
    CLI::App* verb = parent.add_subcommand(name, what);
    verb->group(text("Commands"));
    verb->footer(text("Example:") + "\n  " + example);
    return verb;
}

auto seconds_within(double low, double high) {
    return [low, high](const std::string& word) -> std::string {
        char* end = nullptr;
        const double value = std::strtod(word.c_str(), &end);
        if (end != word.c_str() && *end == '\0' && value >= low && value <= high) return {};
        return text("{}: expected seconds from {} to {}", word, low, high);
    };
}

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

void add_compile(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "compile", text("turn a model into a package, C++ and firmware for a board"),
                 "jatai compile model.tflite --board nano33ble -o build");
    auto o = bind_action(verb, shared, run_compile);
    verb->add_option("model", o->model, text("a .tflite or .onnx file, or a Jataí package"))->required();
    verb->add_option("--board", o->board, text("the board's id"))->required();
    verb->add_option("-o,--out", o->out, text("the folder to write"))->required();
    verb->add_option("--emit", o->emit, text("what to write: package,cpp,firmware,bench"))->delimiter(',');
    verb->add_option("--form", o->form,
                     text("firmware that holds a package, or C++ of the plan: package or cpp"));
    verb->add_option("--kernels", o->kernels, text("kernels linked into the firmware: used or all"));
    verb->add_option("--ram", o->ram,
                     text("bytes of RAM the arena may take: the first layers then run in bands of rows"));
    verb->add_flag("--explain", o->explain,
                   text("where every byte of RAM and flash went, and what the peak waits for"));
    verb->add_option("--without-pass", o->without_passes, text("leave out these passes of the compiler"))
        ->delimiter(',');
}

void add_export(CLI::App& app, Shared& shared) {
    CLI::App* verb = add_verb(
        app, "export", text("write a model as a library for Arduino, Zephyr, PlatformIO, ESP-IDF or CMake"),
        "jatai export model.tflite --for arduino -o my-model");
    auto o = bind_action(verb, shared, run_export);
    verb->add_option("model", o->model, text("a .tflite or .onnx file"))->required();
    verb->add_option("--for", o->target, text("whose library: arduino, zephyr, platformio, espidf or cmake"))
        ->required();
    verb->add_option("-o,--out", o->out, text("the folder to write"))->required();
    verb->add_option("--name", o->name,
                     text("name of the library and its namespace; without it: the model's"));
    verb->add_option("--library-version", o->library_version, text("version of the library: three numbers"));
    verb->add_option("--board", o->board, text("the board whose core it is made and weighed for"));
}

void add_run(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "run", text("run a model on raw inputs, on this computer or on a simulated board"),
                 "jatai run model.tflite --input in.bin --output out.bin --board nano33ble");
    auto o = bind_action(verb, shared, run_run);
    verb->add_option("model", o->model, text("a .tflite or .onnx file, or a Jataí package"))->required();
    verb->add_option("--input", o->input, text("samples back to back, raw little-endian"))->required();
    verb->add_option("--output", o->output, text("where the answers go, in the same form"))->required();
    verb->add_option("--board", o->board, text("simulate this board; without it: here, by the same kernels"));
}

void add_inspect(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "inspect", text("what a model is, what it costs, and on which boards it fits"),
                 "jatai inspect model.tflite --layers");
    auto o = bind_action(verb, shared, run_inspect);
    verb->add_option("model", o->model, text("a .tflite or .onnx file, or a Jataí package"))->required();
    verb->add_option("--boards", o->boards, text("all, or board ids parted by commas"));
    verb->add_option("--firmware", o->firmware, text("would this firmware file run it?"));
    verb->add_flag("--layers", o->layers, text("a row per layer, with the memory alive while it runs"));
}

void add_quantize(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "quantize", text("turn a float model into int8, by what it does with samples"),
                 "jatai quantize model.onnx --data calibration -o model_int8.tflite");
    auto o = bind_action(verb, shared, run_quantize);
    verb->add_option("model", o->model, text("a .tflite or .onnx file in float32"))->required();
    verb->add_option("--data", o->data, text("a folder of inputs: .npy or raw .bin files"))->required();
    verb->add_option("-o,--out", o->out, text("the .tflite file to write"));
    verb->add_option("--samples", o->samples, text("how many to use at most; 0: all"));
    verb->add_option("--calibration", o->calibration, text("ranges: minmax, percentile or mse"));
    verb->add_option("--io", o->io, text("type of inputs and outputs: float32 or int8"));
}

void add_diff(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "diff", text("two models on the same samples: where they part, layer by layer"),
                 "jatai diff float.tflite int8.tflite --data samples");
    auto o = bind_action(verb, shared, run_diff);
    verb->add_option("a", o->a, text("a .tflite or .onnx file"))->required();
    verb->add_option("b", o->b, text("another precision or version of it"))->required();
    verb->add_option("--data", o->data,
                     text("a folder of inputs: .npy, or raw .bin files as the first model takes them"))
        ->required();
}

void add_simulate(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "simulate", text("run a firmware on a simulated board, and let it hear a recording"),
                 "jatai simulate build --board nano33ble --mic me.wav");
    auto o = bind_action(verb, shared, run_simulate);
    verb->add_option("firmware", o->firmware, text("an ELF file, or a folder that holds firmware.elf"))
        ->required();
    verb->add_option("--board", o->board, text("the board's id"))->required();
    verb->add_option("--mic", o->microphone, text("the recording its microphone hears"));
    verb->add_option("--seconds", o->seconds, text("how long, in the board's time"))
        ->check(seconds_within(0, 86400));
    verb->add_option("--trace", o->trace, text("write what happened, with times, to this file"));
    verb->add_option("--power-cut-at", o->power_cut_at,
                     text("lose power at this write or erase of flash, counted from 0, and start anew"));
    verb->add_option("--serial", o->serial, text("its serial line becomes a serial port of this name"));
    verb->add_option("--power-cut", o->power_cut, text("what the cut leaves: before, half-done or unstable"));
}

void add_package_keys(CLI::App& package, Shared& shared) {
    CLI::App* keygen =
        add_verb(package, "keygen", text("make a pair of keys: NAME.pem stays secret, NAME.pub goes out"),
                 "jatai package keygen keys/signing");
    auto k = bind_action(keygen, shared, run_package_keygen);
    keygen->add_option("name", k->name, text("the files to write, without .pem and .pub"))->required();

    CLI::App* root =
        add_verb(package, "root", text("say which keys sign updates, signed by a threshold of root keys"),
                 "jatai package root --threshold 2 --root a.pub --root b.pub --root c.pub --signing s.pub "
                 "--key a.pem --key b.pem -o root.cbor");
    auto r = bind_action(root, shared, run_package_root);
    root->add_option("--root", r->roots, text("a root key: its .pub file; again for each"))->required();
    root->add_option("--threshold", r->threshold, text("how many root keys have to sign a change"))
        ->required();
    root->add_option("--signing", r->signing,
                     text("a key that may sign updates: its .pub file; again for each"))
        ->required();
    root->add_option("--key", r->keys, text("a root key that signs now: its .pem file; again for each"))
        ->required();
    root->add_option("--previous", r->previous,
                     text("the root document in force: its root keys must sign too"));
    root->add_option("--sequence", r->sequence,
                     text("the order of documents; without it the time in seconds"));
    root->add_option("--vendor", r->vendor, text("whose devices"));
    root->add_option("-o,--out", r->out, text("the file to write"));

    CLI::App* trust = add_verb(package, "trust", text("put the keys of a root document into a firmware file"),
                               "jatai package trust update.elf --root root.cbor -o mine.elf");
    auto t = bind_action(trust, shared, run_package_trust);
    trust->add_option("firmware", t->firmware, text("a firmware with the update agent"))->required();
    trust->add_option("--root", t->root, text("the root document"))->required();
    trust->add_option("--package", t->package, text("the package it begins with"));
    trust->add_option("-o,--out", t->out, text("the file to write"))->required();
}

void add_package_sign(CLI::App& package, Shared& shared) {
    CLI::App* sign = add_verb(package, "sign", text("sign a package: writes its manifest, NAME.suit"),
                              "jatai package sign build/kws.jpk --key keys/signing.pem");
    auto s = bind_action(sign, shared, run_package_sign);
    sign->add_option("file", s->file, text("a package; with --firmware a firmware image"));
    sign->add_option("--key", s->keys, text("the signing key: its .pem file; again for each"))->required();
    sign->add_option("-o,--out", s->out, text("the manifest to write"));
    sign->add_option("--sequence", s->sequence, text("the order of updates; without it the time in seconds"));
    sign->add_option("--not-after", s->not_after,
                     text("devices refuse it after this sequence or time in seconds"));
    sign->add_option("--vendor", s->vendor, text("whose devices"));
    sign->add_option("--firmware", s->firmware_board, text("the file is a firmware for this board"));
    sign->add_flag("--notice", s->notice, text("no file: withdraw all that was signed before"));

    CLI::App* verify = add_verb(package, "verify", text("would a device that trusts this key take it?"),
                                "jatai package verify build/kws.jpk --key keys/signing.pub");
    auto v = bind_action(verify, shared, run_package_verify);
    verify->add_option("file", v->file, text("a manifest, or a package with its manifest beside it"))
        ->required();
    verify->add_option("--key", v->keys, text("a key that devices trust: its .pub file; again for each"));
    verify->add_option("--root", v->root, text("or the root document that devices have"));
    verify->add_option("--manifest", v->manifest, text("the manifest of the package"));
    verify->add_option("--vendor", v->vendor, text("whose devices"));
}

void add_package(CLI::App& app, Shared& shared) {
    CLI::App* package = add_verb(app, "package", text("sign packages, and make updates of them"),
                                 "jatai package sign build/kws.jpk --key keys/signing.pem");
    package->require_subcommand(1);
    add_package_keys(*package, shared);
    add_package_sign(*package, shared);

    CLI::App* delta =
        add_verb(*package, "delta", text("the smallest payload that makes an image of the old one"),
                 "jatai package delta new.jpk --from old.jpk -o update.jup");
    auto d = bind_action(delta, shared, run_package_delta);
    delta->add_option("image", d->image, text("what the device shall have"))->required();
    delta->add_option("--from", d->source, text("what it has; without it the payload is whole"));
    delta->add_option("-o,--out", d->out, text("the payload to write"))->required();
    delta->add_option("--block", d->block_log2,
                      text("a device resumes every 2^N bytes: 12 to 20, or 0: never"));

    CLI::App* golden =
        add_verb(*package, "golden", text("give a package samples to test itself with on the device"),
                 "jatai package golden kws.jpk --input samples.bin -o kws.jpk");
    auto g = bind_action(golden, shared, run_package_golden);
    golden->add_option("package", g->package, text("the package"))->required();
    golden->add_option("--input", g->samples, text("samples back to back, raw little-endian"))->required();
    golden->add_option("-o,--out", g->out, text("the package to write"))->required();
    golden->add_option("--tolerance", g->tolerance, text("how far integer outputs may be off"));
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

void add_serve(CLI::App& app, Shared& shared) {
    CLI::App* verb = add_verb(app, "serve", text("the fleet server: registry, devices, roll-outs, one page"),
                              "jatai serve --data fleet");
    auto o = bind_action(verb, shared, run_serve);
    verb->add_option("--data", o->data, text("its folder; made when it is not there"))->required();
    verb->add_option("--listen", o->listen, text("HOST:PORT; off loopback only with TLS"));
    verb->add_option("--tls-cert", o->tls_cert, text("certificate chain, PEM"));
    verb->add_option("--tls-key", o->tls_key, text("its private key, PEM"));
    verb->add_option("--mqtt", o->mqtt, text("a broker to take reports from: mqtt://HOST:PORT"));
    verb->add_option(
        "--smtp", o->smtp,
        text("a mail server for alerts: smtp://USER@HOST:PORT; its password: JATAI_SMTP_PASSWORD"));
    verb->add_option("--smtp-from", o->smtp_from, text("the address alerts come from"));
    verb->add_option("--restore", o->restore, text("begin with this backup, in a new folder"));
}

void add_server_choice(CLI::App* verb, ServerChoice& choice) {
    verb->add_option("--server", choice.url,
                     text("the fleet server; else JATAI_SERVER, else http://127.0.0.1:8080"));
    verb->add_option("--key", choice.key,
                     text("the key to use; else JATAI_KEY, which no process list shows"));
    verb->add_option("--ca", choice.ca, text("certificates to trust instead of the system's, PEM"));
}

void add_gateway(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "gateway", text("between devices that have only a serial line and the fleet server"),
                 "jatai gateway --device barn-3=/dev/ttyACM0 --server https://fleet.example:8443");
    auto o = bind_action(verb, shared, run_gateway);
    verb->add_option(
            "--device", o->devices,
            text("ID=PATH of a serial port, a socket, or two pipes PATH.in and PATH.out; again for each"))
        ->required();
    verb->add_option("--server", o->server,
                     text("the fleet server; else JATAI_SERVER, else http://127.0.0.1:8080"));
    verb->add_option("--token", o->token,
                     text("a key with the role gateway; else JATAI_TOKEN, which no process list shows"));
    verb->add_option("--tenant", o->tenant, text("whose devices"));
    verb->add_option("--ca", o->ca, text("certificates to trust instead of the system's, PEM"));
    verb->add_option("--consent", o->consents, text("what the devices may tell: health, statistics"))
        ->delimiter(',');
    verb->add_option("--report-every", o->report_every_s,
                     text("seconds between two reports; without it a day"));
    verb->add_option("--look", o->look_seconds, text("seconds between two looks for news"))
        ->check(CLI::Range(1u, 86400u));
    verb->add_option("--seconds", o->seconds, text("end after so long"));
}

void add_push(CLI::App& app, Shared& shared) {
    CLI::App* push =
        add_verb(app, "push", text("send a model, a signed package or an update file to the fleet server"),
                 "jatai push kws.jpk --manifest kws.suit --model kws");
    auto o = bind_action(push, shared, run_push);
    push->add_option("file", o->file, text(".tflite, .onnx, .jpk or a whole update such as .swu"))
        ->required();
    push->add_option("--model", o->model, text("the model's name in the registry"));
    push->add_option("--name", o->name, text("a name for people: v2"));
    push->add_option("--version", o->version, text("add a variant to this version instead of making one"));
    push->add_option("--board", o->board,
                     text("the board's id; a model file is compiled for it by the server"));
    push->add_option("--manifest", o->manifest, text("the signed manifest, from jatai package sign"));
    push->add_option("--weights", o->weights, text("the model file the package was made from"));
    push->add_option("--dataset", o->dataset, text("a file whose hash stands for the data set"));
    push->add_option("--pipeline", o->pipeline,
                     text("a file whose hash stands for the pipeline: jatai.toml"));
    push->add_option("--code", o->code, text("version of the code that trained it"));
    push->add_option("--parent", o->parent, text("the version it came from"));
    push->add_option("--firmware-min", o->firmware_min, text("the oldest firmware that runs it"));
    push->add_option("--accuracy", o->accuracy, text("measured on the test set, 0 to 1"));
    push->add_option("--alias", o->alias, text("a name that points at it: champion, challenger"));
    add_server_choice(push, o->server);

    CLI::App* pull = add_verb(app, "pull", text("fetch the files of a version"),
                              "jatai pull kws/champion --board nano33ble -o out");
    auto p = bind_action(pull, shared, run_pull);
    pull->add_option("version", p->version, text("its id, or model/alias"))->required();
    pull->add_option("--board", p->board, text("only the variants for this board"));
    pull->add_option("-o,--out", p->out, text("the folder to write"));
    add_server_choice(pull, p->server);
}

void add_fleet_devices(CLI::App& fleet, Shared& shared) {
    CLI::App* enroll = add_verb(fleet, "enroll", text("let devices in: one, a list, or by a one-time code"),
                                "jatai fleet enroll --csv devices.csv --out tokens.csv");
    auto e = bind_action(enroll, shared, run_fleet_enroll);
    enroll->add_option("device", e->device, text("its id"));
    enroll->add_option("--csv", e->csv,
                       text("a list: id,board,firmware,groups,token … (token: one it has already)"));
    enroll->add_option("--out", e->out, text("write id,token here, readable by you only"));
    enroll->add_option("--board", e->board, text("the board of all of them"));
    enroll->add_option("--group", e->group, text("the group of all of them"));
    enroll->add_flag("--code", e->code, text("make a code instead, to be typed or scanned once"));
    enroll->add_option("--qr", e->qr, text("write pictures to scan into this folder, one a device or code"));
    enroll->add_option("--seconds", e->seconds, text("how long the code is good"));
    add_server_choice(enroll, e->server);

    CLI::App* devices = add_verb(fleet, "devices", text("list devices, look at one, lock one out"),
                                 "jatai fleet devices --filter 'board == nano33ble'");
    auto d = bind_action(devices, shared, run_fleet_devices);
    devices->add_option("device", d->device, text("its id"));
    devices->add_option("--filter", d->filter, text("only these: board == nano33ble and firmware >= 1.4"));
    devices->add_option("--group", d->group, text("only this group"));
    devices->add_option("--assign", d->assign, text("give it this version"));
    devices->add_flag("--revoke", d->revoke, text("lock it out"));
    devices->add_flag("--decommission", d->decommission,
                      text("take it out of service and erase what it told"));
    devices->add_flag("--data", d->data, text("everything that is held of it"));
    devices->add_flag("--erase", d->erase, text("erase it and everything that is held of it"));
    devices->add_flag("--new-token", d->new_token, text("a new token; the old one opens nothing"));
    add_server_choice(devices, d->server);

    CLI::App* groups = add_verb(fleet, "groups", text("list groups or make one"),
                                "jatai fleet groups lab --filter 'attribute.site == lab'");
    auto g = bind_action(groups, shared, run_fleet_groups);
    groups->add_option("group", g->group, text("its name"));
    groups->add_option("--filter", g->filter, text("its members, now and later"));
    groups->add_option("--devices", g->devices, text("its members, by id"))->delimiter(',');
    add_server_choice(groups, g->server);
}

void add_fleet_watch(CLI::App& fleet, Shared& shared) {
    CLI::App* feedback = add_verb(fleet, "feedback", text("say what the right answers were"),
                                  "jatai fleet feedback --device mic-1 --right 18 --wrong 2");
    auto f = bind_action(feedback, shared, run_fleet_feedback);
    feedback->add_option("--device", f->device, text("the device that answered"));
    feedback->add_option("--version", f->version, text("or the version: an id, or model/alias"));
    feedback->add_option("--board", f->board, text("the board, with --version"));
    feedback->add_option("--right", f->right, text("how many answers were right"));
    feedback->add_option("--wrong", f->wrong, text("how many were wrong"));
    feedback->add_option("--id", f->mark, text("your name for it: what comes twice counts once"));
    feedback->add_option("--csv", f->csv, text("a list: device,expected,predicted,id"));
    add_server_choice(feedback, f->server);

    CLI::App* alerts = add_verb(fleet, "alerts", text("what somebody should know, and whom to tell"),
                                "jatai fleet alerts --email ana@example.org --test");
    auto a = bind_action(alerts, shared, run_fleet_alerts);
    alerts->add_option("--webhook", a->webhook, text("post alerts to this address"));
    alerts->add_option("--email", a->emails, text("and write to these"))->delimiter(',');
    alerts->add_option("--silent-after", a->silent_after,
                       text("seconds until a device counts as silent; 0: never"));
    alerts->add_flag("--none", a->none, text("tell nobody any more"));
    alerts->add_flag("--test", a->test, text("send one, to see that it arrives"));
    add_server_choice(alerts, a->server);
}

void add_fleet(CLI::App& app, Shared& shared) {
    CLI::App* fleet =
        add_verb(app, "fleet", text("many devices: let them in, group them, update them, watch them"),
                 "jatai fleet devices");
    fleet->require_subcommand(1);
    add_fleet_devices(*fleet, shared);

    CLI::App* versions = add_verb(*fleet, "versions", text("list versions, approve or reject one"),
                                  "jatai fleet versions 3f2a… --approve");
    auto v = bind_action(versions, shared, run_fleet_versions);
    versions->add_option("version", v->version, text("its id"));
    versions->add_flag("--approve", v->approve, text("let it be rolled out"));
    versions->add_flag("--reject", v->reject, text("never let it be rolled out"));
    versions->add_flag("--lineage", v->lineage, text("what it came from"));
    versions->add_option("--note", v->note, text("why"));
    add_server_choice(versions, v->server);

    CLI::App* rollout =
        add_verb(*fleet, "rollout", text("plan, start and steer roll-outs"),
                 "jatai fleet rollout --version kws/challenger --plan plan.json --do start --wait");
    auto r = bind_action(rollout, shared, run_fleet_rollout);
    rollout->add_option("rollout", r->rollout, text("its id; without one a new roll-out is planned"));
    rollout->add_option("--version", r->version, text("what to roll out: an id, or model/alias"));
    rollout->add_option("--plan", r->plan,
                        text("stages, rate, windows, gate: a JSON file, docs/reference/fleet.md"));
    rollout->add_option("--name", r->name, text("a name for people"));
    rollout->add_option("--fallback", r->fallback, text("the version to give when it must be taken back"));
    rollout->add_option("--filter", r->filter, text("which devices"));
    rollout->add_option("--mode", r->mode, text("forced, soft or download"));
    rollout->add_option("--kind", r->kind, text("staged, blue_green, ab or shadow"));
    rollout->add_flag("--check", r->check,
                      text("make nothing: whom it would reach, and when its gate can speak"));
    rollout->add_option("--do", r->verbs, text("start, approve, pause, resume, abort or revert"))
        ->delimiter(',');
    rollout->add_flag("--no-gate", r->no_gate,
                      text("go on without a test of health: for clients that report none"));
    rollout->add_flag("--wait", r->wait, text("watch until it ends or pauses"));
    add_server_choice(rollout, r->server);

    for (const bool go_on : {false, true}) {
        CLI::App* verb = add_verb(*fleet, go_on ? "go" : "stop",
                                  go_on ? text("let things go on after a stop")
                                        : text("stop everything: no device is offered anything"),
                                  go_on ? "jatai fleet go" : "jatai fleet stop");
        auto o = bind_action(verb, shared, run_fleet_stop);
        o->go_on = go_on;
        add_server_choice(verb, o->server);
    }

    CLI::App* simulate =
        add_verb(*fleet, "simulate",
                 text("simulated devices against a server of their own: one good version, one bad"),
                 "jatai fleet simulate --devices 1000");
    auto s = bind_action(simulate, shared, run_fleet_simulate);
    simulate->add_option("project", s->project,
                         text("a trained keyword project: its model goes out; without it small networks"));
    simulate->add_option("--devices", s->devices, text("how many"));
    simulate->add_option("--seed", s->seed,
                         text("of everything random; the same seed gives the same devices"));
    simulate->add_option("--most-seconds", s->most_seconds, text("give a roll-out up after so long"));
    simulate->add_option("--listen", s->listen,
                         text("HOST:PORT: look at its page while it goes, and after, until Ctrl-C"));

    add_fleet_watch(*fleet, shared);
    CLI::App* report = add_verb(*fleet, "report", text("the fleet in numbers"), "jatai fleet report --json");
    auto p = bind_action(report, shared, run_fleet_report);
    add_server_choice(report, p->server);
}

std::vector<std::string> verbs_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands(nullptr)) names.push_back(verb->get_name());
    return names;
}

std::vector<std::string> flags_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

// The deepest verb on the line: errors and help are about it.
const CLI::App& chosen(const CLI::App& app) {
    const auto below = app.get_subcommands();
    return below.empty() ? app : chosen(*below.front());
}

std::string path_of(const CLI::App& verb) {
    return verb.get_parent() == nullptr ? verb.get_name()
                                        : path_of(*verb.get_parent()) + " " + verb.get_name();
}

Error explain_extra(const std::string& word, const CLI::App& verb, const std::string& help) {
    const bool flag = word.rfind("-", 0) == 0;
    const auto choices = flag ? flags_of(verb) : verbs_of(verb);
    if (choices.empty()) return Error{text("{}: one word too many", word), help};
    return Error{flag ? text("{}: no such option", word) : text("{}: no such command", word),
                 did_you_mean(word, choices)};
}

// CLI11's complaint in our words and in the user's language. CLI11 starts or ends its own with the option's
// name.
Error explain(const CLI::ParseError& error, const CLI::App& app) {
    const CLI::App& verb = chosen(app);
    const std::string help = text("see: {} --help", path_of(verb)), said = error.what();
    // A word that does not belong explains more than what it left missing.
    const auto extra = app.remaining(true);
    if (!extra.empty()) return explain_extra(extra.front(), verb, help);
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
        const std::string name = said.substr(0, said.find(" is required"));
        if (name == "A subcommand") {
            return Error{text("{}: a command is missing", path_of(verb)), did_you_mean("", verbs_of(verb))};
        }
        return Error{text("{}: {} is missing", path_of(verb), name), help};
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        return Error{text("{}: its value is missing", said.substr(0, said.find(':'))), help};
    }
    if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
        return Error{text("{}: expected a number", said.substr(said.find(": ") + 2)), help};
    }
    return Error{said, help};  // a check of ours
}

void label_help(CLI::App& app) {
    auto formatter = std::make_shared<CLI::Formatter>();
    formatter->label("Usage", text("Usage"));
    formatter->label("OPTIONS", text("options"));
    formatter->label("SUBCOMMAND", text("command"));
    formatter->label("Positionals", text("Arguments"));
    formatter->label("REQUIRED", text("(needed)"));
    formatter->column_width(30);
    app.formatter(formatter);
}

void add_shared_flags(CLI::App& app, Shared& shared) {
    app.set_help_flag("-h,--help", text("explain and end"));
    app.add_flag("--json", shared.json, text("answer with one JSON document"));
    app.add_option("--lang", shared.language, text("language of all words: en or pt"));
    for (CLI::Option* option : app.get_options()) option->group(text("Options"));
    for (CLI::App* verb : app.get_subcommands(nullptr)) add_shared_flags(*verb, shared);
}

void build(CLI::App& app, Shared& shared) {
    app.name("jatai");
    app.require_subcommand(1);
    app.set_version_flag("--version", "jatai " JATAI_VERSION, text("the version of this program"));
    label_help(app);
    add_new(app, shared);
    add_data(app, shared);
    add_train(app, shared);
    add_compile(app, shared);
    add_export(app, shared);
    add_run(app, shared);
    add_inspect(app, shared);
    add_quantize(app, shared);
    add_diff(app, shared);
    add_simulate(app, shared);
    add_package(app, shared);
    add_report(app, shared);
    add_serve(app, shared);
    add_gateway(app, shared);
    add_push(app, shared);
    add_fleet(app, shared);
    add_doctor(app, shared);
    add_shared_flags(app, shared);
    app.footer(text("Start here:") +
               "\n  jatai new keyword my-words\n  jatai data generate my-words\n  jatai train my-words\n"
               "  jatai report my-words");
}

// The language is needed before the help is written, so it is looked for before the line is parsed.
std::string language_asked(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--lang" && i + 1 < argc) return argv[i + 1];
        if (word.rfind("--lang=", 0) == 0) return std::string(word.substr(7));
    }
    return {};
}

// A line that is not understood is answered in JSON too, when it asks for that.
bool json_asked(int argc, char** argv) {
    return std::any_of(argv + 1, argv + argc,
                       [](const char* word) { return word == std::string_view("--json"); });
}

int complain(const Error& error, bool json) {
    Console console(json);
    console.note(text("error: {}", std::string(error.what())));
    if (!error.hint().empty()) console.note(text("hint: {}", error.hint()));
    try {
        if (json) console.result({{"error", error.what()}, {"hint", error.hint()}});
    } catch (const Error&) {  // stdout itself is what is wrong
    }
    return kUserError;
}

int run_parsed(CLI::App& app, Shared& shared, int argc, char** argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& done) {  // --help, --version
        return app.exit(done);
    } catch (const CLI::ParseError& error) {
        return complain(explain(error, app), json_asked(argc, argv));
    }
    Console console(shared.json);
    Console::watch_interrupt();
    return shared.action(console);
}

}  // namespace

int run_command_line(int argc, char** argv) {
    const std::string language = language_asked(argc, argv);
    set_language(language, (home().share / "locale").string());
    if (!language.empty() && language != "en" && language != "pt") {
        return complain(
            Error{text("--lang {}: no such language", language), did_you_mean(language, {"en", "pt"})},
            json_asked(argc, argv));
    }
    CLI::App app{text("Jataí: from a recording to a model running on a microcontroller")};
    Shared shared;
    try {
        build(app, shared);
        return run_parsed(app, shared, argc, argv);
    } catch (const Error& error) {
        return complain(error, shared.json);
    } catch (const std::bad_alloc&) {
        Console(false).note(text("out of memory"));
        return kOurError;
    } catch (const std::exception& error) {
        Console(false).note(text("our fault, please report it: {}", std::string(error.what())));
        return kOurError;
    }
}

}  // namespace jatai
