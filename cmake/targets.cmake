# SPDX-License-Identifier: Apache-2.0
# wsfleet_library(NAME): a folder's static library, its warnings, and a test executable for the
# *_test.cpp files that stand beside the code. CTest sees each test by itself, as FOLDER.Suite.Name,
# so `-R` picks single ones and each has its own process (SimGrid allows one engine in each).
#   wsfleet_library(core SOURCES a.cpp b.cpp TESTS a_test.cpp LINKS PUBLIC x PRIVATE y)

include(GoogleTest)

# Where the sources are is told by a header that only its users include: a definition on every
# command line would make the compiler cache useless between checkouts.
configure_file(${CMAKE_SOURCE_DIR}/cmake/source_dir.h.in
               ${CMAKE_BINARY_DIR}/generated/build_paths/source_dir.h @ONLY)

function(wsfleet_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
                                           -Wnon-virtual-dtor -Woverloaded-virtual)
  if(WSFLEET_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

function(wsfleet_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_BINARY_DIR}/generated)
  wsfleet_warnings(${name})
  string(REGEX REPLACE "_tests?$" "" prefix ${name})
  gtest_discover_tests(${name} TEST_PREFIX ${prefix}. NO_PRETTY_VALUES DISCOVERY_TIMEOUT 120
                       PROPERTIES TIMEOUT 600)
endfunction()

function(wsfleet_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;LINKS;TEST_LINKS" ${ARGN})
  add_library(wsfleet_${name} STATIC ${ARG_SOURCES})
  target_include_directories(wsfleet_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(wsfleet_${name} ${ARG_LINKS})
  wsfleet_warnings(wsfleet_${name})
  if(ARG_TESTS)
    wsfleet_test(${name}_tests SOURCES ${ARG_TESTS} LINKS wsfleet_${name} ${ARG_TEST_LINKS})
  endif()
endfunction()
