// browser.h: packages run by an image for WebAssembly in a browser without a window.
//
//     const auto ran = run_in_browser(image, {{package, input}});   // nullopt: there is no browser here
//     ran->at(0).output;  ran->at(0).least_us;
//
// Fails with Error when the page does not come to its end.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/error.h"
#include "src/package/scratch_folder.h"

namespace jatai {

struct WasmJob {
    Bytes package, input;
    int turns = 0;  // how often it is timed
};
struct WasmAnswer {
    std::uint32_t status = 0;
    Bytes output;
    double least_us = 0;  // of one run
};

inline std::string hex_of(const Bytes& bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}
inline Bytes bytes_of(const std::string& hex) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
    return bytes;
}

// The page prints a line for each job: status, microseconds, output.
inline std::string page_of(const Bytes& image, const std::vector<WasmJob>& jobs) {
    std::string list;
    for (const WasmJob& job : jobs)
        list += fmt::format("['{}','{}',{}],", hex_of(job.package), hex_of(job.input), job.turns);
    return "<!doctype html><pre id=out></pre><script>const jobs=[" + list + "];const image='" +
           hex_of(image) + R"(';
const bytes = hex => Uint8Array.from(hex.match(/../g) || [], pair => parseInt(pair, 16));
const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
const module = new WebAssembly.Module(bytes(image));
let text = '';
for (const [packed, input, turns] of jobs) {
  const wasm = new WebAssembly.Instance(module, {}).exports;
  const view = (at, count) => new Uint8Array(wasm.memory.buffer, at, count);
  const data = bytes(packed), at = wasm.jatai_room(data.length);
  view(at, data.length).set(data);
  const status = wasm.jatai_open(at, data.length);
  let least = 1e9, output = '', from = 0;
  for (let turn = 0, many = 1; turn < turns && status === 0; ++turn) {
    const start = performance.now();
    for (let run = 0; run < many; ++run) wasm.jatai_run();
    const took = 1000 * (performance.now() - start);
    if (took < 3000) many *= 2;  // the clock has steps of 100
    else least = Math.min(least, took / many);
  }
  const given = bytes(input);
  for (let i = 0; i < wasm.jatai_input_count(); ++i) {
    const count = wasm.jatai_input_bytes(i);
    view(wasm.jatai_input(i), count).set(given.subarray(from, from + count));
    from += count;
  }
  wasm.jatai_run();
  for (let i = 0; i < wasm.jatai_output_count(); ++i)
    output += hex(view(wasm.jatai_output(i), wasm.jatai_output_bytes(i)));
  text += `answer ${status} ${least} ${output}.\n`;
}
document.getElementById('out').textContent = text + 'end';
</script>)";
}

inline std::optional<std::vector<WasmAnswer>> run_in_browser(const Bytes& image,
                                                             const std::vector<WasmJob>& jobs) {
    if (std::system("command -v chromium >/dev/null 2>&1") != 0) return std::nullopt;
    const ScratchFolder folder;
    write_text(folder.path() / "page.html", page_of(image, jobs));
    const std::string command = fmt::format(
        "timeout 100 chromium --headless --no-sandbox --disable-gpu --user-data-dir={0}/profile --dump-dom "
        "file://{0}/page.html > {0}/said.txt 2>{0}/err.txt",
        folder.path().string());
    const int code = std::system(command.c_str());
    const std::string said = read_text(folder.path() / "said.txt");
    if (code != 0 || said.find("end</pre>") == std::string::npos)
        throw Error{fmt::format("chromium: ended with {}: {}", code, said.substr(0, 200))};
    std::vector<WasmAnswer> answers;
    std::istringstream words(said.substr(said.find("<pre id=\"out\">") + 14));
    for (std::string word; words >> word;) {
        if (word != "answer" && word != ">answer") continue;
        WasmAnswer answer;
        std::string output;
        words >> answer.status >> answer.least_us >> output;
        answer.output = bytes_of(output);
        answers.push_back(answer);
    }
    return answers;
}

}  // namespace jatai
