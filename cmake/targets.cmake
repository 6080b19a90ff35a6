# SPDX-License-Identifier: Apache-2.0
# wsfleet_library(NAME): a folder's static library, its warnings, and a test executable for the
# *_test.cpp files that stand beside the code. CTest sees each test by itself, as FOLDER.Suite.Name,
# so `-R` picks single ones and each has its own process (SimGrid allows one engine in each).
#   wsfleet_library(core FOLDERS . toml LINKS PUBLIC x PRIVATE y TEST_LINKS z)
# It takes every .cpp of its FOLDERS (below this one; by default this one alone, never what is below
# them) but main.cpp: *_test.cpp for the tests, the others for the library. A new file is found by the
# next build. SOURCES adds what is generated or lies elsewhere, TEST_SOURCES what tests share.

include(GoogleTest)

# Where the sources are is told by a header that only its users include: a definition on every
# command line would make the compiler cache useless between checkouts.
configure_file(${CMAKE_SOURCE_DIR}/cmake/source_dir.h.in
               ${CMAKE_BINARY_DIR}/generated/build_paths/source_dir.h @ONLY)

function(wsfleet_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
                                           -Wnon-virtual-dtor -Woverloaded-virtual)
  if(WSFLEET_BATCHES)  # a type of an anonymous namespace is private to its file there as well
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  if(WSFLEET_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# Several files in one compilation: most of a file's time goes into the headers that it shares with
# its neighbours. Files of a batch see each other's anonymous namespaces, so a name that stands in two
# of a folder's files has one place or two names. A batch names its files relative to the checkout:
# another clone then finds them in the compiler cache. A library's have files of one folder each, so that
# a program is linked with the rooms that it needs. Off in the preset `dev`, for small rebuilds.
option(WSFLEET_BATCHES "Compile files in batches" ON)
set(WSFLEET_BATCH_SIZE 10)

# wsfleet_batches(OUT TARGET FILE…): what to compile in the place of these files.
function(wsfleet_batches out target)
  if(NOT WSFLEET_BATCHES)
    set(${out} ${ARGN} PARENT_SCOPE)
    return()
  endif()
  set(batches)
  set(text "")
  set(in_batch 0)
  set(folder_before "")
  foreach(file IN LISTS ARGN ITEMS "")  # the last one, empty, closes the last batch
    get_filename_component(path "${file}" ABSOLUTE)
    get_filename_component(folder "${path}" DIRECTORY)
    if(target MATCHES "_tests$")
      set(folder tests)
    endif()
    if(text AND (NOT file OR in_batch EQUAL WSFLEET_BATCH_SIZE OR NOT folder STREQUAL folder_before))
      list(LENGTH batches number)
      set(batch ${CMAKE_CURRENT_BINARY_DIR}/batches/${target}_${number}.cpp)
      file(CONFIGURE OUTPUT ${batch} CONTENT "${text}" @ONLY)
      list(APPEND batches ${batch})
      set(text "")
      set(in_batch 0)
    endif()
    set(folder_before "${folder}")
    file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} "${path}")
    string(APPEND text "#include \"${path}\"\n")
    math(EXPR in_batch "${in_batch} + 1")
  endforeach()
  set(${out} ${batches} PARENT_SCOPE)
endfunction()

function(wsfleet_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  wsfleet_batches(compiled ${name} ${ARG_SOURCES})
  add_executable(${name} ${compiled})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
  wsfleet_warnings(${name})
  string(REGEX REPLACE "_tests?$" "" prefix ${name})
  gtest_discover_tests(${name} TEST_PREFIX ${prefix}. NO_PRETTY_VALUES DISCOVERY_TIMEOUT 120
                       PROPERTIES TIMEOUT 600)
endfunction()

function(wsfleet_library name)
  cmake_parse_arguments(ARG "" "" "FOLDERS;SOURCES;TEST_SOURCES;LINKS;TEST_LINKS" ${ARGN})
  if(NOT ARG_FOLDERS)
    set(ARG_FOLDERS .)
  endif()
  set(sources)
  set(tests)
  foreach(folder IN LISTS ARG_FOLDERS)
    file(GLOB found RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS ${folder}/*.cpp)
    list(FILTER found EXCLUDE REGEX "(^|/)main\\.cpp$")
    set(found_tests ${found})
    list(FILTER found EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER found_tests INCLUDE REGEX "_test\\.cpp$")
    list(APPEND sources ${found})
    list(APPEND tests ${found_tests})
  endforeach()
  wsfleet_batches(compiled ${name} ${sources})
  add_library(wsfleet_${name} STATIC ${compiled} ${ARG_SOURCES})
  target_include_directories(wsfleet_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(wsfleet_${name} ${ARG_LINKS})
  wsfleet_warnings(wsfleet_${name})
  if(tests)
    wsfleet_test(${name}_tests SOURCES ${tests} ${ARG_TEST_SOURCES}
                 LINKS wsfleet_${name} ${ARG_TEST_LINKS})
  endif()
endfunction()
