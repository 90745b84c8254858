// Packages: what is in them, and who signed them.
#include "apps/jatai/verbs/verb.h"

namespace jatai {
namespace {

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

}  // namespace

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

    CLI::App* reference = add_verb(
        *package, "reference",
        text("tell a package what its model sees and says when all is well, so that the device sees drift"),
        "jatai package reference kws.jpk --input samples.bin -o kws.jpk");
    auto r = bind_action(reference, shared, run_package_reference);
    reference->add_option("package", r->package, text("the package"))->required();
    reference->add_option("--input", r->samples, text("samples back to back, raw little-endian"))->required();
    reference->add_option("-o,--out", r->out, text("the package to write"))->required();
}

}  // namespace jatai
