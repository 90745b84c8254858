// What each environment looks for in a library. Sources: the Arduino library specification 1.5 and later, the
// Zephyr guide to modules, PlatformIO's library.json, Espressif's idf_component.yml, CMake's packages.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "src/base/error.h"
#include "src/package/export/parts.h"

namespace jatai {

namespace {

// The compiler calls are theirs; this says how fast code is wanted where an environment lets a library say
// so.
constexpr const char* kArduinoProperties = R"(name=@NAME@
version=@VERSION@
author=@MADE_BY@
maintainer=@MADE_BY@
sentence=@SENTENCE@
paragraph=@SENTENCE@
category=Data Processing
url=
architectures=*
includes=@NAME@.h
)";

constexpr const char* kArduinoMain = R"(void setup() {
    Serial.begin(115200);
@RESET@}

void loop() {
    fill_inputs();
    const unsigned long begin = micros();
    @NAME@::run();
    const unsigned long took = micros() - begin;
    Serial.print(@ANSWER_ARDUINO@);
    Serial.print(" ");
    Serial.print(took);
    Serial.println(" us");
    delay(1000);
}
)";

constexpr const char* kPlatformIoJson = R"({
  "name": "@NAME@",
  "version": "@VERSION@",
  "description": "@SENTENCE@",
  "keywords": "machine learning, neural network, inference",
  "license": "Apache-2.0",
  "frameworks": "*",
  "platforms": "*",
  "headers": "@NAME@.h",
  "build": {"flags": "-O2", "srcDir": "src"}
}
)";

constexpr const char* kPlatformIoIni = R"([env:nano33ble]
platform = nordicnrf52
board = nano33ble
framework = arduino
lib_deps = @NAME@=symlink://../..
)";

constexpr const char* kZephyrModule = R"(name: @NAME@
build:
  cmake: .
  kconfig: zephyr/Kconfig
)";

constexpr const char* kZephyrKconfig = R"(config JATAI_@UPPER@
	bool "@SENTENCE@"
	depends on CPP
	help
	  @SENTENCE@.
)";

constexpr const char* kZephyrCMake = R"(if(CONFIG_JATAI_@UPPER@)
  zephyr_library_named(@NAME@)
  zephyr_library_sources(@SOURCES@)
  zephyr_library_compile_options(-O2)
  zephyr_include_directories(src)
endif()
)";

constexpr const char* kZephyrSampleCMake = R"(cmake_minimum_required(VERSION 3.20)
list(APPEND ZEPHYR_EXTRA_MODULES ${CMAKE_CURRENT_SOURCE_DIR}/../..)
find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
project(@NAME@_sample LANGUAGES C CXX)
target_sources(app PRIVATE src/main.cpp)
)";

constexpr const char* kZephyrSampleYaml = R"(sample:
  name: @NAME@
tests:
  sample.@NAME@:
    build_only: true
)";

constexpr const char* kZephyrMain = R"(int main() {
@RESET@    for (;;) {
        fill_inputs();
        const uint32_t begin = k_cycle_get_32();
        @NAME@::run();
        const uint32_t took = k_cycle_get_32() - begin;
        printk("@FORMAT@ %u us\n", @ANSWER@, k_cyc_to_us_near32(took));
        k_msleep(1000);
    }
}
)";

constexpr const char* kIdfComponent = R"(version: "@VERSION@"
description: "@SENTENCE@"
license: "Apache-2.0"
dependencies:
  idf: ">=4.4"
)";

constexpr const char* kIdfCMake = R"(idf_component_register(SRCS @SOURCES@ INCLUDE_DIRS src)
target_compile_options(${COMPONENT_LIB} PRIVATE -O2)
)";

constexpr const char* kIdfProject = R"(cmake_minimum_required(VERSION 3.16)
include($ENV{IDF_PATH}/tools/cmake/project.cmake)
project(@NAME@_example)
)";

constexpr const char* kIdfExampleComponent = R"(dependencies:
  @NAME@:
    version: "*"
    override_path: "../../../"
)";

constexpr const char* kIdfMain = R"(extern "C" void app_main(void) {
@RESET@    for (;;) {
        fill_inputs();
        const int64_t begin = esp_timer_get_time();
        @NAME@::run();
        const int64_t took = esp_timer_get_time() - begin;
        printf("@FORMAT@ %ld us\n", @ANSWER@, static_cast<long>(took));
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
}
)";

constexpr const char* kCMakeLists = R"(cmake_minimum_required(VERSION 3.16)
project(@NAME@ VERSION @VERSION@ LANGUAGES CXX)
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

add_library(@NAME@ STATIC @SOURCES@)
add_library(@NAME@::@NAME@ ALIAS @NAME@)
target_include_directories(@NAME@ PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/src>
                                         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(@NAME@ PUBLIC cxx_std_14)
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(@NAME@ PRIVATE -O2 -fno-exceptions -fno-rtti)
endif()

install(TARGETS @NAME@ EXPORT @NAME@ ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES src/@NAME@.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT @NAME@ NAMESPACE @NAME@:: FILE @NAME@Config.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/@NAME@)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/@NAME@ConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/@NAME@ConfigVersion.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/@NAME@)

if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR AND NOT CMAKE_CROSSCOMPILING)
  add_executable(@NAME@_example examples/@NAME@/main.cpp)
  target_link_libraries(@NAME@_example PRIVATE @NAME@::@NAME@)
endif()
)";

constexpr const char* kPlainMain = R"(int main() {
@RESET@    fill_inputs();
    @NAME@::run();
    printf("@FORMAT@\n", @ANSWER@);
    return 0;
}
)";

bool labelled(const std::string& functions) { return functions.find("kLabels") != std::string::npos; }

// A whole program: what it includes, the functions every example has, and the environment's own main.
std::string program(const Library& library, const std::string& includes, const std::string& main,
                    const char* indent) {
    const std::string functions = example_functions(library);
    const bool named = labelled(functions);
    const std::string reset =
        library.plan.state_bytes > 0 ? fmt::format("{}{}::reset();\n", indent, library.name) : "";
    return fill(library,
                includes + "\n" + functions + "\n" +
                    fill(main, {{"RESET", reset},
                                {"FORMAT", named ? "%s" : "%u"},
                                {"ANSWER", named ? "name_of(best())" : "static_cast<unsigned>(best())"},
                                {"ANSWER_ARDUINO", named ? "name_of(best())" : "best()"}}));
}

std::string joined(const std::vector<std::string>& sources) {
    return fmt::format("{}", fmt::join(sources, " "));
}

std::vector<ExportFile> arduino(const Library& l) {
    return {{"library.properties", fill(l, kArduinoProperties)},
            {"examples/" + l.name + "_example/" + l.name + "_example.ino",
             program(l, "#include <@NAME@.h>\n", kArduinoMain, "    ")}};
}

std::vector<ExportFile> platformio(const Library& l) {
    const std::string example = "examples/" + l.name + "_example/";
    return {{"library.json", fill(l, kPlatformIoJson)},
            {example + "platformio.ini", fill(l, kPlatformIoIni)},
            {example + "src/main.cpp",
             program(l, "#include <Arduino.h>\n#include <@NAME@.h>\n", kArduinoMain, "    ")}};
}

std::vector<ExportFile> zephyr(const Library& l, const std::vector<std::string>& sources) {
    const std::string sample = "samples/" + l.name + "/";
    return {{"zephyr/module.yml", fill(l, kZephyrModule)},
            {"zephyr/Kconfig", fill(l, kZephyrKconfig)},
            {"CMakeLists.txt", fill(fill(l, kZephyrCMake), {{"SOURCES", joined(sources)}})},
            {sample + "CMakeLists.txt", fill(l, kZephyrSampleCMake)},
            {sample + "prj.conf", fill(l, "CONFIG_CPP=y\nCONFIG_STD_CPP17=y\nCONFIG_JATAI_@UPPER@=y\n")},
            {sample + "sample.yaml", fill(l, kZephyrSampleYaml)},
            {sample + "src/main.cpp",
             program(l, "#include <zephyr/kernel.h>\n#include <@NAME@.h>\n", kZephyrMain, "    ")}};
}

std::vector<ExportFile> espidf(const Library& l, const std::vector<std::string>& sources) {
    const std::string example = "examples/" + l.name + "/";
    const std::string includes =
        "#include <esp_timer.h>\n#include <freertos/FreeRTOS.h>\n#include <freertos/task.h>\n#include "
        "<stdio.h>\n\n#include <@NAME@.h>\n";
    return {
        {"idf_component.yml", fill(l, kIdfComponent)},
        {"CMakeLists.txt", fill(kIdfCMake, {{"SOURCES", joined(sources)}})},
        {example + "CMakeLists.txt", fill(l, kIdfProject)},
        {example + "main/CMakeLists.txt", "idf_component_register(SRCS main.cpp PRIV_REQUIRES esp_timer)\n"},
        {example + "main/idf_component.yml", fill(l, kIdfExampleComponent)},
        {example + "main/main.cpp", program(l, includes, kIdfMain, "    ")}};
}

std::vector<ExportFile> cmake(const Library& l, const std::vector<std::string>& sources) {
    return {{"CMakeLists.txt", fill(fill(l, kCMakeLists), {{"SOURCES", joined(sources)}})},
            {"examples/" + l.name + "/main.cpp",
             program(l, "#include <stdio.h>\n\n#include \"@NAME@.h\"\n", kPlainMain, "    ")}};
}

}  // namespace

std::vector<ExportFile> layout_of(const Library& library, const std::vector<std::string>& sources) {
    switch (library.request.target) {
        case ExportTarget::Arduino:
            return arduino(library);
        case ExportTarget::PlatformIo:
            return platformio(library);
        case ExportTarget::Zephyr:
            return zephyr(library, sources);
        case ExportTarget::EspIdf:
            return espidf(library, sources);
        case ExportTarget::CMake:
            return cmake(library, sources);
    }
    CHECK(false);
    return {};
}

// Sources: cxxflags.txt of Arduino's mbed core for the Nano 33 BLE; Zephyr's gcc/compiler_flags.cmake with
// CONFIG_SIZE_OPTIMIZATIONS and CONFIG_FPU; the STM32 core that PlatformIO builds with; ESP-IDF's
// tools/cmake with CONFIG_COMPILER_OPTIMIZATION_SIZE for an ESP32-C3.
std::vector<std::string> environment_flags(ExportTarget target) {
    const std::vector<std::string> m4{"-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16"};
    std::vector<std::string> flags;
    switch (target) {
        case ExportTarget::Arduino:
            flags = {"-std=gnu++14",
                     "-Os",
                     "-g",
                     "-fmessage-length=0",
                     "-fno-exceptions",
                     "-fno-rtti",
                     "-ffunction-sections",
                     "-fdata-sections",
                     "-funsigned-char",
                     "-fomit-frame-pointer",
                     "-mfloat-abi=softfp"};
            break;
        case ExportTarget::Zephyr:
            flags = {"-std=c++17",
                     "-Os",
                     "-O2",
                     "-fno-strict-aliasing",
                     "-fno-exceptions",
                     "-fno-rtti",
                     "-fno-common",
                     "-ffunction-sections",
                     "-fdata-sections",
                     "-fcheck-new",
                     "-fno-asynchronous-unwind-tables",
                     "-fno-reorder-functions",
                     "-mabi=aapcs",
                     "-mfloat-abi=hard",
                     "-fno-pic",
                     "-fno-pie"};
            break;
        case ExportTarget::PlatformIo:
            flags = {"-std=gnu++17",
                     "-Os",
                     "-fno-threadsafe-statics",
                     "-fno-rtti",
                     "-fno-exceptions",
                     "-fno-use-cxa-atexit",
                     "-ffunction-sections",
                     "-fdata-sections",
                     "-nostdlib",
                     "-fno-unwind-tables",
                     "-fno-asynchronous-unwind-tables",
                     "--param",
                     "max-inline-insns-single=500",
                     "-O2",
                     "-mfloat-abi=hard"};
            break;
        case ExportTarget::CMake:
            flags = {"-std=gnu++14", "-O2", "-fno-exceptions", "-fno-rtti", "-mfloat-abi=softfp"};
            break;
        case ExportTarget::EspIdf:
            return {"-std=gnu++2b",
                    "-march=rv32imc",
                    "-mabi=ilp32",
                    "-Os",
                    "-O2",
                    "-ffunction-sections",
                    "-fdata-sections",
                    "-fno-exceptions",
                    "-fno-rtti",
                    "-fstrict-volatile-bitfields",
                    "-fno-jump-tables",
                    "-fno-tree-switch-conversion",
                    "-nostartfiles"};
    }
    flags.insert(flags.end(), m4.begin(), m4.end());
    return flags;
}

}  // namespace jatai
