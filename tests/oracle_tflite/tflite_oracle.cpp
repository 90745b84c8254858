#include "tests/oracle_tflite/tflite_oracle.h"

#include <dlfcn.h>

#include <array>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "src/base/error.h"

namespace jatai {

// The part of tensorflow/lite/c/c_api.h (2.9) we call. Handles are opaque pointers.
struct TfliteApi {
    const char* (*version)();
    void* (*model_create)(const void* bytes, std::size_t size);
    void (*model_delete)(void* model);
    void* (*options_create)();
    void (*options_delete)(void* options);
    void (*options_threads)(void* options, std::int32_t threads);
    void (*options_reporter)(void* options, void (*report)(void*, const char*, va_list), void* user);
    void* (*interpreter_create)(const void* model, const void* options);
    void (*interpreter_delete)(void* interpreter);
    int (*allocate)(void* interpreter);
    int (*invoke)(void* interpreter);
    std::int32_t (*input_count)(const void* interpreter);
    std::int32_t (*output_count)(const void* interpreter);
    void* (*input)(const void* interpreter, std::int32_t index);
    const void* (*output)(const void* interpreter, std::int32_t index);
    std::size_t (*tensor_bytes)(const void* tensor);
    int (*copy_from)(void* tensor, const void* data, std::size_t size);
    int (*copy_to)(const void* tensor, void* data, std::size_t size);
};

namespace {

template <typename F>
bool resolve(void* library, const char* name, F& function) {
    function = reinterpret_cast<F>(dlsym(library, name));
    return function != nullptr;
}

bool resolve_all(void* lib, TfliteApi& api) {
    return resolve(lib, "TfLiteVersion", api.version) &&
           resolve(lib, "TfLiteModelCreate", api.model_create) &&
           resolve(lib, "TfLiteModelDelete", api.model_delete) &&
           resolve(lib, "TfLiteInterpreterOptionsCreate", api.options_create) &&
           resolve(lib, "TfLiteInterpreterOptionsDelete", api.options_delete) &&
           resolve(lib, "TfLiteInterpreterOptionsSetNumThreads", api.options_threads) &&
           resolve(lib, "TfLiteInterpreterOptionsSetErrorReporter", api.options_reporter) &&
           resolve(lib, "TfLiteInterpreterCreate", api.interpreter_create) &&
           resolve(lib, "TfLiteInterpreterDelete", api.interpreter_delete) &&
           resolve(lib, "TfLiteInterpreterAllocateTensors", api.allocate) &&
           resolve(lib, "TfLiteInterpreterInvoke", api.invoke) &&
           resolve(lib, "TfLiteInterpreterGetInputTensorCount", api.input_count) &&
           resolve(lib, "TfLiteInterpreterGetOutputTensorCount", api.output_count) &&
           resolve(lib, "TfLiteInterpreterGetInputTensor", api.input) &&
           resolve(lib, "TfLiteInterpreterGetOutputTensor", api.output) &&
           resolve(lib, "TfLiteTensorByteSize", api.tensor_bytes) &&
           resolve(lib, "TfLiteTensorCopyFromBuffer", api.copy_from) &&
           resolve(lib, "TfLiteTensorCopyToBuffer", api.copy_to);
}

std::string library_path() {
    if (const char* chosen = std::getenv("JATAI_TFLITE")) return chosen;
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    const std::string base = cache && *cache ? cache : std::string(home ? home : "") + "/.cache";
    return base + "/jatai/libtensorflowlite_c-2.9.0.so";
}

// What TensorFlow Lite says goes into the string at `user`.
void keep_words(void* user, const char* format, va_list args) {
    std::array<char, 512> line{};
    std::vsnprintf(line.data(), line.size(), format, args);
    auto& words = *static_cast<std::string*>(user);
    if (!words.empty()) words += "; ";
    words += line.data();
}

}  // namespace

struct TfliteSession::State {
    const TfliteApi& api;
    Bytes model_bytes;  // TensorFlow Lite reads constants in place
    std::string words;
    void* model = nullptr;
    void* options = nullptr;
    void* interpreter = nullptr;

    explicit State(const TfliteApi& functions) : api(functions) {}
    ~State() {
        if (interpreter) api.interpreter_delete(interpreter);
        if (options) api.options_delete(options);
        if (model) api.model_delete(model);
    }
    void need(bool good, const char* step) {
        if (!good) throw Error{std::string("TensorFlow Lite: ") + step + ": " + words};
    }
};

TfliteSession::TfliteSession(const TfliteApi& api, ByteView model) : state_(std::make_unique<State>(api)) {
    State& s = *state_;
    s.model_bytes.assign(model.begin(), model.end());
    s.model = api.model_create(s.model_bytes.data(), s.model_bytes.size());
    s.need(s.model, "not a model");
    s.options = api.options_create();
    api.options_threads(s.options, 1);
    api.options_reporter(s.options, keep_words, &s.words);
    s.interpreter = api.interpreter_create(s.model, s.options);
    s.need(s.interpreter, "no interpreter");
    s.need(api.allocate(s.interpreter) == 0, "tensors refused");
}

TfliteSession::~TfliteSession() = default;
TfliteSession::TfliteSession(TfliteSession&&) noexcept = default;
TfliteSession& TfliteSession::operator=(TfliteSession&&) noexcept = default;

std::vector<std::size_t> TfliteSession::input_bytes() const {
    std::vector<std::size_t> sizes;
    for (std::int32_t i = 0; i < state_->api.input_count(state_->interpreter); ++i) {
        sizes.push_back(state_->api.tensor_bytes(state_->api.input(state_->interpreter, i)));
    }
    return sizes;
}

std::vector<std::size_t> TfliteSession::output_bytes() const {
    std::vector<std::size_t> sizes;
    for (std::int32_t i = 0; i < state_->api.output_count(state_->interpreter); ++i) {
        sizes.push_back(state_->api.tensor_bytes(state_->api.output(state_->interpreter, i)));
    }
    return sizes;
}

std::vector<Bytes> TfliteSession::run(const std::vector<Bytes>& inputs) {
    State& s = *state_;
    s.need(static_cast<std::size_t>(s.api.input_count(s.interpreter)) == inputs.size(),
           "wrong number of inputs");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        void* tensor = s.api.input(s.interpreter, static_cast<std::int32_t>(i));
        s.need(s.api.copy_from(tensor, inputs[i].data(), inputs[i].size()) == 0, "input of another size");
    }
    s.need(s.api.invoke(s.interpreter) == 0, "run failed");
    std::vector<Bytes> outputs;
    for (const std::size_t size : output_bytes()) {
        Bytes& output = outputs.emplace_back(size);
        const void* tensor = s.api.output(s.interpreter, static_cast<std::int32_t>(outputs.size() - 1));
        s.need(s.api.copy_to(tensor, output.data(), size) == 0, "output not readable");
    }
    return outputs;
}

std::optional<TfliteOracle> TfliteOracle::find() {
    static const std::shared_ptr<const TfliteApi> api = [] {
        auto functions = std::make_shared<TfliteApi>();
        void* library = dlopen(library_path().c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library || !resolve_all(library, *functions)) functions.reset();
        return functions;
    }();
    if (!api) return std::nullopt;
    return TfliteOracle(api);
}

std::string TfliteOracle::version() const { return api_->version(); }

TfliteSession TfliteOracle::load(ByteView model) const { return TfliteSession(*api_, model); }

std::vector<Bytes> TfliteOracle::run(ByteView model, const std::vector<Bytes>& inputs) const {
    return load(model).run(inputs);
}

}  // namespace jatai
