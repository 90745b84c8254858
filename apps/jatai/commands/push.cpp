// push and pull: models in and out of the registry.
#include <chrono>

#include "apps/jatai/commands/fleet.h"
#include "apps/jatai/kernel_words.h"
#include "src/base/error.h"
#include "src/fleet/secrets.h"
#include "src/package/inspect.h"

namespace jatai {
namespace {

using Json = nlohmann::ordered_json;

std::string hash_of_file(const fs::path& file) {
    return file.empty() ? std::string() : fleet::sha256_hex(read_text(file));
}

Json version_json(const PushOptions& o, const std::string& weights) {
    return {{"model", o.model},
            {"name", o.name},
            {"dataset_hash", hash_of_file(o.dataset)},
            {"pipeline_hash", hash_of_file(o.pipeline)},
            {"weights_hash", weights},
            {"code_version", o.code},
            {"parent", o.parent},
            {"accuracy", o.accuracy}};
}

// What a package says of itself.
Json package_facts(const PushOptions& o, const std::string& bytes) {
    const PackageInfo info =
        inspect({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, o.file.string());
    const std::string board = o.board.empty() ? info.board : o.board;
    return {{"board", board},
            {"kernels", kernel_words(info)},
            {"ram_bytes", info.arena_bytes},
            {"flash_bytes", bytes.size()},
            {"form", "package"}};
}

Json push_variant(FleetServer& server, const PushOptions& o, const std::string& version,
                  const std::string& bytes, const std::string& blob) {
    Json variant = {{"version", version},
                    {"board", o.board},
                    {"accuracy", o.accuracy},
                    {"bytes_on_air", bytes.size()},
                    {"firmware_min", o.firmware_min}};
    const bool package =
        looks_like_package({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    if (package) {
        variant.update(package_facts(o, bytes));
        variant["image"] = blob;
    } else {
        variant["form"] = o.file.extension().string();
        variant["artifacts"] = Json::array({{{"name", o.file.filename().string()}, {"sha256", blob}}});
    }
    if (!o.manifest.empty()) variant["manifest"] = server.put_blob(read_text(o.manifest));
    return server.send("POST", "/api/v1/variants", variant);
}

bool is_model_file(const fs::path& file) {
    return file.extension() == ".tflite" || file.extension() == ".onnx";
}

}  // namespace

int run_push(const PushOptions& options, Console& console) {
    FleetServer server(options.server);
    const std::string bytes = read_text(options.file);
    const std::string blob = server.put_blob(bytes);
    Json answer;
    std::string version = options.version;
    if (version.empty()) {
        const std::string weights =
            options.weights.empty() ? blob : server.put_blob(read_text(options.weights));
        answer["version"] = server.send("POST", "/api/v1/versions", version_json(options, weights));
        version = answer["version"]["id"];
    }
    console.say(text("version {}", version));
    if (!is_model_file(options.file)) {
        answer["variant"] = push_variant(server, options, version, bytes, blob);
        console.say(text("variant {} for {}, sequence {}", answer["variant"]["id"].get<std::string>(),
                         answer["variant"]["board"].get<std::string>(),
                         answer["variant"]["sequence"].get<std::uint64_t>()));
    } else if (!options.board.empty()) {
        answer["job"] =
            server.send("POST", "/api/v1/compile", {{"version", version}, {"board", options.board}})["job"];
        console.say(text("job {} compiles it for {}", answer["job"].get<std::string>(), options.board));
    }
    if (!options.alias.empty()) {
        answer["alias"] =
            server.send("PUT", "/api/v1/aliases/" + url_word(options.model) + "/" + url_word(options.alias),
                        {{"version", version}});
    }
    console.result(answer);
    return 0;
}

int run_pull(const PullOptions& options, Console& console) {
    FleetServer server(options.server);
    const std::size_t slash = options.version.find('/');
    const std::string path = slash == std::string::npos
                                 ? url_word(options.version)
                                 : url_word(options.version.substr(0, slash)) +
                                       "?alias=" + url_word(options.version.substr(slash + 1));
    const Json version = server.get("/api/v1/versions/" + path);
    Json files = Json::array();
    const auto fetch = [&](const std::string& name, const std::string& blob) {
        const std::string bytes = server.fetch("/api/v1/blobs/" + blob);
        if (fleet::sha256_hex(bytes) != blob)
            throw Error{text("{}: damaged on the way", name), text("pull it again")};
        write_text(options.out / name, bytes);
        files.push_back(name);
        console.say(text("{}  {} bytes", name, bytes.size()));
    };
    for (const Json& variant : version["variants"]) {
        const std::string board = variant["board"], id = variant["id"];
        if (!options.board.empty() && board != options.board) continue;
        if (!variant.value("image", "").empty()) fetch(board + "-" + id + ".jpk", variant["image"]);
        if (!variant.value("manifest", "").empty()) fetch(board + "-" + id + ".suit", variant["manifest"]);
        for (const Json& artifact : variant["artifacts"])
            fetch(fs::path(artifact["name"].get<std::string>()).filename().string(), artifact["sha256"]);
    }
    if (files.empty())
        throw Error{text("{}: no variant of it for {}", options.version,
                         options.board.empty() ? text("any board") : options.board)};
    console.result({{"version", version["id"]}, {"files", files}});
    return 0;
}

}  // namespace jatai
