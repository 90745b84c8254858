// test_server.h: a server in a folder of its own, for tests: over real sockets, or asked directly.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "src/fleet/http_client.h"
#include "src/fleet/server.h"

namespace jatai::fleet {

class TestServer {
  public:
    explicit TestServer(const fs::path& folder, ServerOptions options = {}, Helpers helpers = {})
        : server_(with(std::move(options), folder), std::move(helpers)),
          thread_([this] { server_.run([this] { return ending_.load(); }); }) {}
    ~TestServer() {
        ending_ = true;
        thread_.join();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    int port() const { return server_.port(); }
    const std::string& key() const { return server_.admin_key(); }

    HttpAnswer ask(const std::string& key, const std::string& method, const std::string& path,
                   const Json& body = {}) const {
        return HttpClient(url(), key).send(method, path, body.is_null() ? "" : body.dump());
    }

  private:
    static ServerOptions with(ServerOptions options, const fs::path& folder) {
        options.data = folder;
        if (options.listen == "127.0.0.1:8080") options.listen = "127.0.0.1:0";
        return options;
    }
    Server server_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

class TestFolder {
  public:
    TestFolder()
        : path_(fs::temp_directory_path() /
                ("fleet_test_" + std::to_string(::getpid()) + "_" + std::to_string(next()++))) {
        fs::remove_all(path_);
    }
    ~TestFolder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }

  private:
    static int& next() {
        static int number = 0;
        return number;
    }
    fs::path path_;
};

inline Json json_of(const HttpAnswer& answer) { return Json::parse(answer.body, nullptr, false); }

}  // namespace jatai::fleet
