// serve_process.h: `jatai serve` as a process of its own, so that it can be killed, weighed and started
// again.
//
//     ServeProcess server("build/release/jatai", folder, 20001);
//     server.url();  server.admin_key();       // the key is said by the first start only
//     server.end(SIGKILL);
//
// Fails with  std::runtime_error: the program does not start, or says nothing that is JSON.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace jatai {

class ServeProcess {
  public:
    ServeProcess(const std::string& program, const std::string& folder, std::uint16_t port,
                 const std::vector<std::string>& more = {});
    ~ServeProcess();
    ServeProcess(const ServeProcess&) = delete;
    ServeProcess& operator=(const ServeProcess&) = delete;

    const std::string& url() const { return url_; }
    const std::string& admin_key() const { return admin_key_; }
    double most_memory_mb() const;  // the most it ever had resident
    double cpu_seconds() const;     // used so far, user and system
    void end(int signal);

  private:
    void listen_to(int pipe);
    pid_t process_ = -1;
    std::string url_, admin_key_;
};

}  // namespace jatai
