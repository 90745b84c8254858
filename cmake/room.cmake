# jatai_room(NAME [DEPS room...] [LIBS library...]): one folder of src/ becomes one static library, and every
# *_test.cpp in it becomes a test of the binary NAME_tests. Sources are found, not listed: a new file is a new file.
include(GoogleTest)

set(JATAI_SHARED "${CMAKE_SOURCE_DIR}/../shared" CACHE PATH "real data for the tests that use it; they skip without it")

# The tests of what reads bytes from outside: `script/test` builds and runs them once more under ASan and UBSan.
set(JATAI_SANITIZED base_tests data_tests graph_tests package_tests device_tests simulate_tests report_tests plan_tests
    pipeline_tests)
add_custom_target(sanitized_tests)

function(jatai_tests name)
  cmake_parse_arguments(ARG "" "" "LIBS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES OR JATAI_FUZZ)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE JATAI_SOURCE_DIR="${CMAKE_SOURCE_DIR}" JATAI_BUILD_DIR="${CMAKE_BINARY_DIR}"
                             JATAI_SHARED_DIR="${JATAI_SHARED}")
  set(label unit)
  if(name IN_LIST JATAI_SANITIZED)
    set(label sanitized)
    add_dependencies(sanitized_tests ${name})
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600 LABELS ${label})
endfunction()

function(jatai_room name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(TRANSFORM ARG_DEPS PREPEND jatai_)
  if(NOT sources)
    add_library(jatai_${name} INTERFACE)
    target_link_libraries(jatai_${name} INTERFACE ${ARG_DEPS} ${ARG_LIBS})
    return()
  endif()
  add_library(jatai_${name} STATIC ${sources})
  target_include_directories(jatai_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(jatai_${name} PUBLIC ${ARG_DEPS} ${ARG_LIBS})
  jatai_tests(${name}_tests SOURCES ${tests} LIBS jatai_${name})
endfunction()
