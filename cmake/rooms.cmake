# The rooms, in flow order. Who may include whom is tools/layers.txt; this file only links the same arrows.
find_package(PkgConfig REQUIRED)

# device: freestanding C++14, the same files a chip compiles.
file(GLOB_RECURSE device_all CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/device/*.cpp)
set(device_sources ${device_all})
list(FILTER device_sources EXCLUDE REGEX "_test\\.cpp$|/device/cortex_m/")
set(device_tests ${device_all})
list(FILTER device_tests INCLUDE REGEX "_test\\.cpp$")
list(FILTER device_tests EXCLUDE REGEX "/device/cortex_m/")
if(device_sources)
  add_library(jatai_device STATIC ${device_sources})
  set_target_properties(jatai_device PROPERTIES CXX_STANDARD 14)
  target_compile_options(jatai_device PRIVATE -fno-exceptions -fno-rtti -funsigned-char)
  target_include_directories(jatai_device PUBLIC ${CMAKE_SOURCE_DIR})
  jatai_tests(device_tests SOURCES ${device_tests} LIBS jatai_device jatai_base)
else()
  add_library(jatai_device INTERFACE)
  target_include_directories(jatai_device INTERFACE ${CMAKE_SOURCE_DIR})
endif()

jatai_room(base LIBS fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)

pkg_check_modules(SAMPLERATE REQUIRED IMPORTED_TARGET samplerate)
pkg_check_modules(ALSA REQUIRED IMPORTED_TARGET alsa)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
jatai_room(data DEPS base device LIBS PkgConfig::SAMPLERATE PkgConfig::ALSA PkgConfig::ARCHIVE)

jatai_room(features DEPS base data device)
pkg_check_modules(KISSFFT IMPORTED_TARGET kissfft-float)  # the tests' reference spectrum, never the product's
if(TARGET features_tests)
  target_link_libraries(features_tests PRIVATE PkgConfig::KISSFFT)
endif()
jatai_room(graph DEPS base device LIBS flatbuffers)
# Our part of the .tflite schema becomes a header that only the reader and the writer see.
find_program(FLATC flatc REQUIRED)
set(tflite_schema ${CMAKE_SOURCE_DIR}/src/graph/tflite_schema.fbs)
set(tflite_header ${CMAKE_BINARY_DIR}/generated/tflite_schema_generated.h)
add_custom_command(OUTPUT ${tflite_header} DEPENDS ${tflite_schema}
                   COMMAND ${FLATC} --cpp -o ${CMAKE_BINARY_DIR}/generated ${tflite_schema} VERBATIM)
target_sources(jatai_graph PRIVATE ${tflite_header})
target_include_directories(jatai_graph PRIVATE ${CMAKE_BINARY_DIR}/generated)

jatai_room(train DEPS base data features graph)
jatai_room(plan DEPS base graph device)
find_package(OpenSSL REQUIRED)  # signatures: src/package/keys.cpp only
jatai_room(package DEPS base graph plan device LIBS OpenSSL::Crypto)
jatai_room(report DEPS base)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/fleet/page.cpp PROPERTIES OBJECT_DEPENDS
  "${CMAKE_SOURCE_DIR}/apps/studio/index.html;${CMAKE_SOURCE_DIR}/apps/studio/built/page.js;${CMAKE_SOURCE_DIR}/apps/studio/built/page.css")
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/report/assets.cpp PROPERTIES OBJECT_DEPENDS
  "${CMAKE_SOURCE_DIR}/src/report/page.css;${CMAKE_SOURCE_DIR}/src/report/page.js;${CMAKE_SOURCE_DIR}/docs/pictures/board-lit.svg")
jatai_room(simulate DEPS base plan package device)

jatai_room(telemetry DEPS base device)
find_package(SQLite3 REQUIRED)
pkg_check_modules(MOSQUITTO REQUIRED IMPORTED_TARGET libmosquitto)
jatai_room(fleet DEPS base telemetry LIBS SQLite::SQLite3 OpenSSL::SSL OpenSSL::Crypto PkgConfig::MOSQUITTO)
jatai_room(field DEPS base device graph plan package telemetry fleet)
foreach(room fleet field)  # JSON and Beast are templates all over: half the time to build, and the disk is what a server waits for
  target_compile_options(jatai_${room} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(TARGET ${room}_tests)
    target_compile_options(${room}_tests PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endforeach()

jatai_room(pipeline DEPS base data features graph train plan package simulate report)

file(GLOB subdirs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/apps/*/CMakeLists.txt ${CMAKE_SOURCE_DIR}/tests/*/CMakeLists.txt
     ${CMAKE_SOURCE_DIR}/boards/CMakeLists.txt ${CMAKE_SOURCE_DIR}/words/CMakeLists.txt)
foreach(list IN LISTS subdirs)
  get_filename_component(dir ${list} DIRECTORY)
  add_subdirectory(${dir})
endforeach()

# What script/demo builds: the program, its words and the firmware it loads packages into. No tests.
if(NOT JATAI_FUZZ)
  add_custom_target(product DEPENDS jatai words)
  if(TARGET firmware)
    add_dependencies(product firmware)
  endif()
endif()
