#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/fleet_helpers.h"
#include "src/base/bytes.h"
#include "src/base/error.h"
#include "src/fleet/backup.h"
#include "src/fleet/connection.h"
#include "src/fleet/server.h"

namespace jatai {
namespace {

std::atomic<bool> told_to_end{false};

void on_terminate(int) { told_to_end = true; }

// The first line of the file, or what the environment says. Never a flag: every process list shows those.
std::string password(const fs::path& file, const char* variable) {
    if (file.empty()) {
        const char* word = std::getenv(variable);
        return word != nullptr ? word : "";
    }
    const std::string all = read_text(file);
    const std::string word = all.substr(0, all.find_first_of("\r\n"));
    if (word.empty()) throw Error{text("{}: no password, expected one in the first line", file.string())};
    return word;
}

}  // namespace

int run_serve(const ServeOptions& options, Console& console) {
    if (!options.restore.empty()) fleet::restore_backup(options.restore, options.data);
    if (options.tls_cert.empty() != options.tls_key.empty()) {
        throw Error{text("--tls-cert and --tls-key belong together")};
    }
    fleet::ServerOptions settings{options.data, options.listen, options.tls_cert, options.tls_key};
    settings.mqtt = {options.mqtt, password(options.mqtt_password_file, "JATAI_MQTT_PASSWORD"),
                     options.mqtt_ca.string()};
    settings.mail = {options.smtp, password(options.smtp_password_file, "JATAI_SMTP_PASSWORD"),
                     options.smtp_from, options.smtp_ca.string()};
    settings.most_per_address = options.per_address;
    fleet::refuse_password("--smtp", options.smtp, "JATAI_SMTP_PASSWORD");
    if (options.smtp.empty() != options.smtp_from.empty())
        throw Error{text("--smtp and --smtp-from belong together")};
    fleet::Server server(settings, fleet_helpers());
    std::signal(SIGTERM, on_terminate);
    const std::string host = options.listen.substr(0, options.listen.rfind(':'));
    const std::string url =
        (options.tls_cert.empty() ? "http://" : "https://") + host + ":" + std::to_string(server.port());
    if (!server.admin_key().empty()) {
        console.say(text("first start. The admin's key, shown once: {}", server.admin_key()));
    }
    console.say(text("listening on {}  (Ctrl-C ends)", url));
    nlohmann::ordered_json answer = {{"url", url}};
    if (!server.admin_key().empty()) answer["admin_key"] = server.admin_key();
    console.result(answer);
    server.run([] { return Console::interrupted() || told_to_end; });
    console.say(text("ended; everything is on disk"));
    return 0;
}

}  // namespace jatai
