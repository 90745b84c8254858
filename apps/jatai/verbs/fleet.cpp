// Many devices: the server, the gateway, and those who steer them.
#include "apps/jatai/verbs/verb.h"

namespace jatai {
namespace {

void add_server_choice(CLI::App* verb, ServerChoice& choice) {
    verb->add_option("--server", choice.url,
                     text("the fleet server; else JATAI_SERVER, else http://127.0.0.1:8080"));
    verb->add_option("--key", choice.key,
                     text("the key to use; else JATAI_KEY, which no process list shows"));
    verb->add_option("--ca", choice.ca, text("certificates to trust instead of the system's, PEM"));
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

    CLI::App* groups = add_verb(fleet, "groups", text("list groups, look at one, or make one"),
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

}  // namespace

void add_serve(CLI::App& app, Shared& shared) {
    CLI::App* verb = add_verb(app, "serve", text("the fleet server: registry, devices, roll-outs, one page"),
                              "jatai serve --data fleet");
    auto o = bind_action(verb, shared, run_serve);
    verb->add_option("--data", o->data, text("its folder; made when it is not there"))->required();
    verb->add_option("--listen", o->listen, text("HOST:PORT; off loopback only with TLS"));
    verb->add_option("--tls-cert", o->tls_cert, text("certificate chain, PEM"));
    verb->add_option("--tls-key", o->tls_key, text("its private key, PEM"));
    verb->add_option("--per-address", o->per_address,
                     text("connections that one address may hold; behind a proxy all come from one"))
        ->check(CLI::Range(1, 20000));
    verb->add_option("--mqtt", o->mqtt,
                     text("a broker to take reports from: mqtt://HOST:PORT, mqtts://USER@HOST:PORT"));
    verb->add_option("--mqtt-password-file", o->mqtt_password_file,
                     text("a file with its password; else JATAI_MQTT_PASSWORD"));
    verb->add_option("--mqtt-ca", o->mqtt_ca, text("certificates to trust for it; else the system's"));
    verb->add_option("--smtp", o->smtp,
                     text("a mail server for alerts: smtp://USER@HOST:PORT, smtps://USER@HOST:PORT"));
    verb->add_option("--smtp-password-file", o->smtp_password_file,
                     text("a file with its password; else JATAI_SMTP_PASSWORD"));
    verb->add_option("--smtp-ca", o->smtp_ca, text("certificates to trust for it; else the system's"));
    verb->add_option("--smtp-from", o->smtp_from, text("the address alerts come from"));
    verb->add_option("--restore", o->restore, text("begin with this backup, in a new folder"));
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
    simulate->add_flag("--shadow", s->shadow,
                       text("the good version first runs beside the one before: only its statistics go out"));
    simulate->add_option("--most-seconds", s->most_seconds, text("give a roll-out up after so long"));
    simulate->add_option("--listen", s->listen,
                         text("HOST:PORT: look at its page while it goes, and after, until Ctrl-C"));

    add_fleet_watch(*fleet, shared);
    CLI::App* report = add_verb(*fleet, "report", text("the fleet in numbers"), "jatai fleet report --json");
    auto p = bind_action(report, shared, run_fleet_report);
    add_server_choice(report, p->server);
}

}  // namespace jatai
